"""The failures of this room.

::

    MalformedPolicy     (AwsError)       the document is refused: not understood, or not allowed
    AmbiguousKey        (ValetkeyError)  two condition keys of a request differ only in case
"""

from collections.abc import Sequence

from valetkey.diagnostics import Diagnostic
from valetkey.errors import AwsError, ValetkeyError


class MalformedPolicy(AwsError):
    """A policy document that does not load: ``MalformedPolicyDocument``, 400.

    ``message`` is the sentence AWS answers with; :meth:`diagnostics` say to the operator what
    is wrong and at which character.
    """

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic]) -> None:
        first = diagnostics[0]
        super().__init__(
            "MalformedPolicyDocument",
            message,
            400,
            reason=first.message,
            help=first.help[0] if first.help else None,
            diagnostics=diagnostics,
        )


class AmbiguousKey(ValetkeyError):
    """A request offers two values for what a policy reads as one condition key.

    Condition keys ignore case, claims do not: a token with ``sub`` and ``SUB`` must not choose
    which of them the policy sees.
    """

    code = "ambiguous-key"
