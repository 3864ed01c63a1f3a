"""ListBuckets: what several upstreams have, of that what the caller may see, a page of it.

The upstreams are asked for everything, without prefix and page: what is left out here must not
make pages short, and their order must be one.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from valetkey.gateway.s3.errors import S3Error, invalid_argument
from valetkey.gateway.s3.xml import Element, UnreadableXml, document, element, read_xml

_MAX_BYTES: Final = 16 << 20
_MOST: Final = 10_000
_DIGITS: Final = 5


class ListedBucket(NamedTuple):
    """A bucket in a list; ``created`` as the upstream writes it."""

    name: str
    created: str
    region: str | None = None

    def xml(self, *, region: bool) -> str:
        """Return it as an element; ``region`` only where the list is a page."""
        parts = [element("Name", self.name), element("CreationDate", self.created)]
        if region and self.region is not None:
            parts.append(element("BucketRegion", self.region))
        return f"<Bucket>{''.join(parts)}</Bucket>"


class Page(NamedTuple):
    """What a ListBuckets asks for. ``most`` is None where the client did not ask for pages."""

    most: int | None = None
    after: str | None = None
    prefix: str | None = None
    region: str | None = None


def read_page(query: Iterable[tuple[str, str]]) -> Page:
    """Read the parameters of a ListBuckets; raises S3Error.

    A continuation token is the name of the last bucket that was shown.
    """
    asked = dict(query)
    most = asked.get("max-buckets")
    if most is not None and not _is_count(most):
        raise invalid_argument(f"max-buckets must be between 1 and {_MOST}", "max-buckets", most)
    return Page(
        None if most is None else int(most),
        asked.get("continuation-token"),
        asked.get("prefix"),
        asked.get("bucket-region"),
    )


def read_buckets(body: bytes) -> tuple[ListedBucket, ...]:
    """Read an upstream's ``ListAllMyBucketsResult``; raises S3Error, ``InternalError``."""
    try:
        root = read_xml(body, "ListAllMyBucketsResult", limit=_MAX_BYTES)
        buckets = root.one("Buckets")
        return () if buckets is None else tuple(map(_listed, buckets.all("Bucket")))
    except UnreadableXml as flaw:
        reason = f"the upstream's list of buckets can't be read: {flaw.message}"
        raise S3Error("InternalError", reason=reason) from None


def merge_buckets(
    lists: Iterable[Sequence[ListedBucket]], allowed: Callable[[str], bool]
) -> tuple[ListedBucket, ...]:
    """Return the buckets that may be shown, by name; among namesakes the first list counts."""
    found: dict[str, ListedBucket] = {}
    for each in lists:
        for bucket in each:
            found.setdefault(bucket.name, bucket)
    return tuple(found[name] for name in sorted(found) if allowed(name))


def write_buckets(
    buckets: Sequence[ListedBucket], page: Page, *, owner_id: str, owner_name: str
) -> bytes:
    """Return the answer to a ListBuckets: one page of the buckets, which stand in order."""
    wanted = [bucket for bucket in buckets if _is_wanted(bucket, page)]
    shown = wanted if page.most is None else wanted[: page.most]
    owner = f"<Owner>{element('ID', owner_id)}{element('DisplayName', owner_name)}</Owner>"
    paged = page != Page()
    listed = "".join(bucket.xml(region=paged) for bucket in shown)
    parts = [owner, f"<Buckets>{listed}</Buckets>"]
    if len(shown) < len(wanted):
        parts.append(element("ContinuationToken", shown[-1].name))
    if page.prefix is not None:
        parts.append(element("Prefix", page.prefix))
    return document("ListAllMyBucketsResult", parts)


def _is_wanted(bucket: ListedBucket, page: Page) -> bool:
    return (
        (page.after is None or bucket.name > page.after)
        and bucket.name.startswith(page.prefix or "")
        and page.region in (None, bucket.region)
    )


def _listed(found: Element) -> ListedBucket:
    name, created = found.value("Name"), found.value("CreationDate")
    if not name:
        raise UnreadableXml("a bucket has no `Name`")
    return ListedBucket(name, created or "", found.value("BucketRegion"))


def _is_count(text: str) -> bool:
    digits = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return digits and 1 <= int(text) <= _MOST
