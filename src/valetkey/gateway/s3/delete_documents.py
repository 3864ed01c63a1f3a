"""DeleteObjects: its document read, reduced to what is allowed, and its result completed.

Each object is decided about by itself. What is not allowed is left out of the document that goes
on, and stands in the answer as S3 says it: an ``Error`` of that key.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from valetkey.gateway.s3.errors import S3Error, malformed_xml
from valetkey.gateway.s3.keys import check_key
from valetkey.gateway.s3.operation import MAX_DOCUMENT_BYTES
from valetkey.gateway.s3.values import check_version_id
from valetkey.gateway.s3.xml import Element, UnreadableXml, document, element, read_xml, tree

MOST_OBJECTS: Final = 1000
_MAX_RESULT_BYTES: Final = 8 << 20
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}


class Doomed(NamedTuple):
    """An object to delete, under the conditions that the client put."""

    key: str
    version_id: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    size: str | None = None

    def xml(self) -> str:
        """Return it as an element of the document."""
        parts = [element("Key", self.key)]
        for name, value in (
            ("VersionId", self.version_id),
            ("ETag", self.etag),
            ("LastModifiedTime", self.last_modified),
            ("Size", self.size),
        ):
            if value is not None:
                parts.append(element(name, value))
        return f"<Object>{''.join(parts)}</Object>"


class DeleteDocument(NamedTuple):
    """What a DeleteObjects asks for. ``quiet``: only errors are reported."""

    objects: tuple[Doomed, ...]
    quiet: bool = False


class Spared(NamedTuple):
    """An object that is not deleted, and why, in S3's words."""

    key: str
    version_id: str | None = None
    code: str = "AccessDenied"
    message: str = "Access Denied"

    def xml(self) -> str:
        """Return it as an element of the result."""
        version = "" if self.version_id is None else element("VersionId", self.version_id)
        said = element("Code", self.code) + element("Message", self.message)
        return f"<Error>{element('Key', self.key)}{version}{said}</Error>"


def read_delete(body: bytes) -> DeleteDocument:
    """Read the document of a DeleteObjects; raises S3Error.

    A key that can't be passed on with one meaning has the whole request refused.
    """
    if not body:
        raise S3Error("MissingRequestBodyError")
    try:
        root = read_xml(body, "Delete", limit=MAX_DOCUMENT_BYTES)
        objects = root.only("Object", "Quiet").all("Object")
        quiet = _BOOLEANS.get((root.value("Quiet") or "false").strip().lower())
        doomed = tuple(map(_doomed, objects[: MOST_OBJECTS + 1]))
    except UnreadableXml as flaw:
        raise malformed_xml(flaw.message) from None
    if not 1 <= len(doomed) <= MOST_OBJECTS:
        raise malformed_xml(f"the document has {len(objects)} objects, wanted 1 to {MOST_OBJECTS}")
    if quiet is None:
        raise malformed_xml("`Quiet` is neither true nor false")
    return DeleteDocument(doomed, quiet)


def write_delete(objects: Sequence[Doomed], *, quiet: bool) -> bytes:
    """Return the document that asks for these objects only."""
    said = element("Quiet", "true") if quiet else ""
    return document("Delete", (*(each.xml() for each in objects), said))


def merge_delete_result(upstream: bytes | None, spared: Iterable[Spared]) -> bytes:
    """Return the result for the client: the upstream's, and an error for each spared object.

    ``upstream`` is None where nothing was left to ask for. Raises S3Error, ``InternalError``,
    where its answer is no result: what was deleted is then not known.
    """
    kept: list[Element] = []
    if upstream is not None:
        try:
            root = read_xml(upstream, "DeleteResult", limit=_MAX_RESULT_BYTES)
        except UnreadableXml as flaw:
            reason = f"the upstream's answer to DeleteObjects can't be read: {flaw.message}"
            raise S3Error("InternalError", reason=reason) from None
        kept = root.children
    return document("DeleteResult", (*map(tree, kept), *(each.xml() for each in spared)))


def _doomed(found: Element) -> Doomed:
    found.only("Key", "VersionId", "ETag", "LastModifiedTime", "Size")
    key = found.value("Key")
    if not key:
        raise UnreadableXml("an object has no `Key`")
    version = found.value("VersionId")
    return Doomed(
        check_key(key),
        check_version_id(version, "VersionId") if version else None,
        found.value("ETag"),
        found.value("LastModifiedTime"),
        found.value("Size"),
    )
