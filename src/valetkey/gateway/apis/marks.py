"""Which protocol a request speaks: told by marks, of which a request bears those of one only."""

from collections.abc import Iterable, Sequence
from typing import Final

from valetkey.gateway.apis.errors import RequestNotUnderstood, malformed, unknown_operation
from valetkey.gateway.model import Head
from valetkey.wire.api_tables import ApiEntry, ApiProtocol
from valetkey.wire.form import parse_form

TARGET: Final = b"x-amz-target"
SMITHY: Final = b"smithy-protocol"
CONTENT_TYPE: Final = b"content-type"
CONTENT_ENCODING: Final = b"content-encoding"
CBOR: Final = "smithy-rpc-v2-cbor"
FORM: Final = "application/x-www-form-urlencoded"

_ALL: Final[tuple[ApiProtocol, ...]] = ("query", "ec2", "json", "rest-json", "rest-xml", CBOR)

SIGNATURE_PARAMETERS: Final = frozenset(
    f"X-Amz-{name}"
    for name in (
        "Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature",
        "Security-Token", "Content-Sha256",
    )
)  # fmt: skip
"""The query parameters that belong to a presigned URL's signature."""


def spoken(head: Head, entries: Sequence[ApiEntry]) -> ApiProtocol:
    """Return the protocol that a request speaks, of those that the services offer.

    Raises :class:`RequestNotUnderstood` for a request with the marks of two, or of none.
    """
    offered = _offered(entries)
    marked = _marked(head, offered)
    if len(marked) > 1:
        names = " and ".join(f"`{name}`" for name in marked)
        raise malformed(marked[0], f"the request has the marks of {names}")
    if not marked:
        marked = [name for name in offered if name.startswith("rest-")]
    if not marked or marked[0] not in offered:
        protocol = marked[0] if marked else offered[0]
        raise unknown_operation(protocol, "the request does not speak a protocol of the service")
    return marked[0]


def guessed(head: Head, entries: Sequence[ApiEntry]) -> ApiProtocol:
    """Return the protocol to answer a request in that may not be understood at all."""
    offered = _offered(entries) or list(_ALL)
    try:
        marked = _marked(head, offered)
    except RequestNotUnderstood:
        marked = []
    return marked[0] if marked else offered[0]


def _offered(entries: Iterable[ApiEntry]) -> list[ApiProtocol]:
    return list(dict.fromkeys(name for entry in entries for name in entry.protocols))


def _marked(head: Head, offered: list[ApiProtocol]) -> list[ApiProtocol]:
    found: list[ApiProtocol] = []
    names = {name for name, _ in head.headers}
    if SMITHY in names:
        found.append(CBOR)
    if TARGET in names:
        found.append("json")
    form: ApiProtocol | None = next((one for one in offered if one in ("query", "ec2")), None)
    if form is not None and (media_type(head) == FORM or has_action(head)):
        found.append(form)
    return found


def has_action(head: Head) -> bool:
    """Tell whether the query string names an action."""
    return any(part.partition(b"=")[0] == b"Action" for part in head.raw_query.split(b"&"))


def media_type(head: Head) -> str:
    """Return the content type without its parameters, in lower case."""
    return (head.header(CONTENT_TYPE) or "").partition(";")[0].strip().lower()


def charset(head: Head) -> str:
    """Return the charset that the content type names, in lower case; empty where it names none."""
    _, _, options = (head.header(CONTENT_TYPE) or "").partition(";")
    return options.strip().lower().replace('"', "").replace(" ", "").removeprefix("charset=")


def query_pairs(head: Head) -> list[tuple[str, str]]:
    """Return the query string's parameters beside those of a presigned URL's signature.

    Raises :class:`~valetkey.wire.errors.WireError` on what is no strict form.
    """
    return [pair for pair in parse_form(head.raw_query) if pair[0] not in SIGNATURE_PARAMETERS]
