"""Small questions that valetkey has for an upstream itself: tags, CORS rules, buckets.

Each is one bounded read with the upstream's own credentials. What can't be found out raises:
nobody is let in, or let through, because an upstream did not answer.
"""

from typing import Final, NamedTuple

from valetkey.gateway.model import Headers
from valetkey.gateway.s3.xml import Element, UnreadableXml, read_xml
from valetkey.gateway.upstream.errors import UpstreamUnavailable
from valetkey.gateway.upstream.message import UpstreamRequest
from valetkey.gateway.upstream.upstreams import Upstreams
from valetkey.store import UpstreamRecord

MAX_BYTES: Final = 1024 * 1024
MAX_LIST_BYTES: Final = 8 * 1024 * 1024
_OK: Final = 200
_ABSENT: Final = 404
_MARKER: Final = 405
_FORBIDDEN: Final = 403
_NOT_IMPLEMENTED: Final = 501


class Whole(NamedTuple):
    """An answer that was read whole."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> str | None:
        """Return the first value of a header, blanks trimmed; None where it is not there."""
        found = next((value for key, value in self.headers if key == name), None)
        return None if found is None else found.decode("latin-1").strip()


class CorsRule(NamedTuple):
    """A rule of a bucket's CORS configuration, as it is written there."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: int | None


class ListedBucket(NamedTuple):
    """A bucket that an upstream has; ``created`` as it writes it."""

    name: str
    created: str


async def fetch(
    upstreams: Upstreams, record: UpstreamRecord, request: UpstreamRequest, limit: int = MAX_BYTES
) -> Whole:
    """Send a request and return its answer, read whole.

    Raises as :meth:`Upstreams.send` does, and UpstreamBroken for a body larger than ``limit``.
    """
    async with upstreams.send(record, request) as answer:
        return Whole(answer.status, answer.headers, await answer.read(limit))


async def object_tags(
    upstreams: Upstreams, record: UpstreamRecord, raw_path: bytes, version_query: bytes = b""
) -> dict[str, str] | None:
    """Return an object's tags; None where there is no such object.

    ``raw_path`` is the object's as it would be forwarded, ``version_query`` is
    ``versionId=…`` or empty. An upstream that has no tagging has no tags.
    """
    query = b"&".join(part for part in (b"tagging", version_query) if part)
    said = await fetch(upstreams, record, UpstreamRequest("GET", raw_path, query))
    if said.status in (_ABSENT, _MARKER):
        return None
    if said.status == _NOT_IMPLEMENTED:
        return {}
    tags = _read(record, said, "Tagging", "the tags of an object").everywhere("Tag")
    return {_text(tag, "Key"): _text(tag, "Value") for tag in tags}


async def cors_rules(
    upstreams: Upstreams, record: UpstreamRecord, bucket_path: bytes
) -> tuple[CorsRule, ...]:
    """Return a bucket's CORS rules: none where it has none, or where there is no such bucket."""
    said = await fetch(upstreams, record, UpstreamRequest("GET", bucket_path, b"cors"))
    if said.status in (_ABSENT, _NOT_IMPLEMENTED):
        return ()
    said_rules = _read(record, said, "CORSConfiguration", "the CORS rules of a bucket")
    return tuple(map(_rule, said_rules.all("CORSRule")))


async def bucket_exists(upstreams: Upstreams, record: UpstreamRecord, bucket_path: bytes) -> bool:
    """Tell whether the upstream has a bucket."""
    said = await fetch(upstreams, record, UpstreamRequest("HEAD", bucket_path))
    if said.status == _ABSENT:
        return False
    if said.status == _OK:
        return True
    raise _unknown(record, said.status, "whether a bucket exists")


async def list_buckets(upstreams: Upstreams, record: UpstreamRecord) -> tuple[ListedBucket, ...]:
    """Return the buckets that the upstream shows to its own credentials, in its order."""
    said = await fetch(upstreams, record, UpstreamRequest("GET", b"/"), MAX_LIST_BYTES)
    listed = _read(record, said, "ListAllMyBucketsResult", "the buckets").everywhere("Bucket")
    return tuple(ListedBucket(_text(one, "Name"), _text(one, "CreationDate")) for one in listed)


def _read(record: UpstreamRecord, said: Whole, root: str, what: str) -> Element:
    if said.status != _OK:
        raise _unknown(record, said.status, what)
    try:
        return read_xml(said.body, root, limit=MAX_LIST_BYTES)
    except UnreadableXml as unreadable:
        raise UpstreamUnavailable(
            f"upstream `{record.name}` answers the question for {what} with no such document:"
            f" {unreadable.message}"
        ) from unreadable


def _unknown(record: UpstreamRecord, status: int, what: str) -> UpstreamUnavailable:
    help_text = None
    if status == _FORBIDDEN:
        help_text = "let the upstream's credentials read it"
    return UpstreamUnavailable(
        f"upstream `{record.name}` answers {status} to the question for {what}", help=help_text
    )


def _rule(rule: Element) -> CorsRule:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(child.text for child in rule.all(name))

    age = next(iter(texts("MaxAgeSeconds")), "")
    return CorsRule(
        texts("AllowedOrigin"),
        texts("AllowedMethod"),
        texts("AllowedHeader"),
        texts("ExposeHeader"),
        int(age) if age.isascii() and age.isdigit() else None,
    )


def _text(parent: Element, name: str) -> str:
    return next((child.text for child in parent.all(name)), "")
