"""The query of an S3 request: what belongs to the operation, to the signature, or to nobody."""

from typing import Final, NamedTuple

from valetkey.gateway.s3.errors import S3Error, invalid_argument, not_implemented
from valetkey.gateway.s3.keys import decoded

AUTHENTICATION: Final = frozenset(
    {
        "X-Amz-Algorithm",
        "X-Amz-Content-Sha256",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Region-Set",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    }
)
"""The parameters of a presigned request: the signature's, never an operation's."""

SIGNATURE: Final = "X-Amz-Signature"
_FOLDED: Final = frozenset(name.lower() for name in AUTHENTICATION)
_VERSION_2: Final = frozenset({"AWSAccessKeyId", "Signature"})
_OPERATION_ID: Final = "x-id"
_AMZ: Final = "x-amz-"
_MAX_PARAMETERS: Final = 200


class Query(NamedTuple):
    """A query, sorted into what it is about.

    ``own`` are the operation's parameters in the order received. ``hoisted`` are the ``x-amz-*``
    headers, in lower case, that a presigned request holds as parameters: SDKs move them there, and
    S3 reads them as headers.
    """

    own: dict[str, str]
    hoisted: dict[str, str]
    presigned: bool


def read_query(raw: bytes) -> Query:
    """Read a query strictly; raises S3Error where it can be read in two ways.

    Names and values are decoded once. A plus is a plus, as it is signed. ``x-id`` (the SDK's note
    which operation it means) and other ``x-`` parameters say nothing to S3 and end here.
    """
    pairs = _pairs(raw)
    presigned = SIGNATURE in pairs
    own: dict[str, str] = {}
    hoisted: dict[str, str] = {}
    for name, value in pairs.items():
        if name in AUTHENTICATION:
            continue
        folded = name.lower()
        if folded in _FOLDED:
            raise _other_spelling(name)
        if folded.startswith(_AMZ):
            _hoist(hoisted, folded, value, presigned=presigned)
        elif name in _VERSION_2:
            raise S3Error(
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. "
                "Please use AWS4-HMAC-SHA256.",
                reason="the request is presigned with Signature Version 2",
            )
        elif name != _OPERATION_ID and not name.startswith("x-"):
            own[name] = value
    return Query(own, hoisted, presigned)


def _pairs(raw: bytes) -> dict[str, str]:
    pairs: dict[str, str] = {}
    pieces = raw.split(b"&") if raw else []
    if len(pieces) > _MAX_PARAMETERS:
        raise S3Error("InvalidRequest", reason=f"the query has {len(pieces)} parameters")
    for piece in pieces:
        if not piece:
            continue
        raw_name, _, raw_value = piece.partition(b"=")
        name, value = decoded(raw_name), decoded(raw_value)
        if name in pairs:
            # The one who decides and the one who acts could each take another one.
            raise invalid_argument(
                "A query parameter must be given at most once.",
                name,
                value,
                reason=f"the parameter `{name}` is given more than once",
            )
        pairs[name] = value
    return pairs


def _other_spelling(name: str) -> S3Error:
    # The one who verifies and the one who acts could each know another spelling.
    return S3Error(
        "AuthorizationQueryParametersError",
        reason=f"the parameter `{name}` is one of the signature's in another spelling",
    )


def _hoist(hoisted: dict[str, str], name: str, value: str, *, presigned: bool) -> None:
    if not presigned:
        raise not_implemented(
            name, reason=f"`{name}` is a header and a parameter only of a presigned request"
        )
    if name in hoisted:
        raise invalid_argument(
            "A query parameter must be given at most once.",
            name,
            value,
            reason=f"the parameter `{name}` is given more than once",
        )
    hoisted[name] = value
