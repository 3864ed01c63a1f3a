"""The one door: who asks, whether they may, and the record of it.

Owns authentication (a signature or a web identity token becomes a :class:`Caller` or a
:class:`WebIdentity`), authorisation (the policies that apply are gathered from the directory and
decided), and the :class:`Event` that every request leaves behind. Serves every entry path alike.
Knows neither HTTP nor XML, and leaves evaluating to ``policy``.
"""

from valetkey.access.authenticate import (
    Authenticated,
    CredentialKeys,
    InvalidCredentials,
    authenticate,
    authenticate_head,
    signer,
)
from valetkey.access.authorise import AccessDenied, Target, applicable_policies, authorise, permits
from valetkey.access.caller import ANONYMOUS, Caller, CallerKind
from valetkey.access.context import RequestFacts
from valetkey.access.event import Event
from valetkey.access.web_identity import (
    NOT_AUTHORIZED,
    WebIdentity,
    authenticate_web_identity,
    authorise_web_identity,
    trust_context,
)

__all__ = [
    "ANONYMOUS",
    "NOT_AUTHORIZED",
    "AccessDenied",
    "Authenticated",
    "Caller",
    "CallerKind",
    "CredentialKeys",
    "Event",
    "InvalidCredentials",
    "RequestFacts",
    "Target",
    "WebIdentity",
    "applicable_policies",
    "authenticate",
    "authenticate_head",
    "authenticate_web_identity",
    "authorise",
    "authorise_web_identity",
    "permits",
    "signer",
    "trust_context",
]
