"""How a token fails, with AWS's answer for the client and the reason for the operator.

::

    AwsError
    └── TokenError            has a `check`: the rung of the ladder that it fell from
        ├── MalformedToken    bad input: no token at all, or none that we can read
        ├── TokenRefused      an honest refusal of a token that was understood
        │   └── UnknownKey    its key is not in the set: fetching the set again may help
        ├── KeysUnavailable   the issuer's keys could not be had
        │   └── MalformedKeySet
        └── ThumbprintMismatch

The sentences are AWS's, as observed (two spaces and missing full stops included).
"""

from enum import StrEnum

from valetkey.errors import AwsError

INVALID_TOKEN = "InvalidIdentityToken"  # noqa: S105 - a wire code of AWS's, not a password
EXPIRED_TOKEN = "ExpiredTokenException"  # noqa: S105 - a wire code of AWS's, not a password

NOT_A_JWT = (
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
)
NOT_VALIDATED = (
    "The web identity token provided could not be validated. "
    "See the AssumeRoleWithWebIdentity documentation for requirements."
)
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  "
    "please reference AssumeRoleWithWebIdentity documentation for requirements"
)
BAD_THUMBPRINT = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"


class Check(StrEnum):
    """The checks a token passes, in their order: who fails one has passed all above it."""

    SIZE = "size"
    SEGMENTS = "segments"
    ENCODING = "encoding"
    JSON = "json"
    HEADER = "header"
    ALGORITHM = "algorithm"
    ISSUER_PRESENT = "issuer-present"
    KEYS = "keys"
    KEY = "key"
    SIGNATURE = "signature"
    REQUIRED_CLAIMS = "required-claims"
    SUBJECT = "subject"
    ISSUER = "issuer"
    TIMESTAMPS = "timestamps"
    ISSUED_AT = "issued-at"
    NOT_BEFORE = "not-before"
    EXPIRY = "expiry"
    AUDIENCE = "audience"
    ROLES = "roles-claim"
    TAGS = "session-tags"
    SOURCE_IDENTITY = "source-identity"
    CLAIM_NAMES = "claim-names"


class TokenError(AwsError):
    """A token that opens nothing: ``check`` says where it fell, ``reason`` why."""

    def __init__(
        self,
        check: Check,
        message: str,
        *,
        reason: str,
        help: str | None = None,
        code: str = INVALID_TOKEN,
    ) -> None:
        super().__init__(code, message, 400, reason=reason, help=help)
        self.check: Check = check


class MalformedToken(TokenError):
    """Bad input: what was sent can't be read as a token of ours."""

    def __init__(self, check: Check, reason: str, *, help: str | None = None) -> None:
        super().__init__(check, NOT_A_JWT, reason=reason, help=help)


class TokenRefused(TokenError):
    """An honest refusal of a token that was understood."""

    refusal = True


class UnknownKey(TokenRefused):
    """The token's key is not in the set at hand; a newer set may hold it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            Check.KEY,
            NO_KEY,
            reason=reason,
            help="the issuer may have rotated its keys, or the token is another issuer's",
        )


class KeysUnavailable(TokenError):
    """The issuer's keys could not be had: network, TLS, discovery or an unreadable answer."""

    def __init__(self, reason: str, *, help: str | None = None) -> None:
        super().__init__(Check.KEYS, NO_KEY, reason=reason, help=help)


class MalformedKeySet(KeysUnavailable):
    """What the issuer serves as its keys is not a JSON Web Key Set."""


class ThumbprintMismatch(TokenError):
    """The issuer's certificate chain holds none of the provider's thumbprints."""

    def __init__(self, reason: str, *, help: str | None = None) -> None:
        super().__init__(Check.KEYS, BAD_THUMBPRINT, reason=reason, help=help)
