"""What can go wrong with a local issuer.

::

    ValetkeyError
    ├── MalformedJob            facts that no token can be made of
    └── IssuerStateError        the issuer's folder is not usable as asked
        └── MalformedIssuerState    a file in it can't be read as what it is
"""

from valetkey.errors import ValetkeyError


class MalformedJob(ValetkeyError):
    """Facts about a job that GitLab would not put into a token."""

    code = "job-malformed"


class IssuerStateError(ValetkeyError):
    """The folder of an issuer is missing, or already there."""

    code = "issuer-state"


class MalformedIssuerState(IssuerStateError):
    """A file in an issuer's folder can't be read as what it is."""

    code = "issuer-state-malformed"
