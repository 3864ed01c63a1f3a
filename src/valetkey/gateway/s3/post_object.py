"""A browser's upload as the PutObject that it stands for, and the answer that a form asks for.

Follows the API Reference, *POST Object*. That the fields meet the form's policy is not judged here.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlsplit

from valetkey.gateway.model import Answer, Head
from valetkey.gateway.s3.errors import S3Error, malformed_xml
from valetkey.gateway.s3.header_names import METADATA
from valetkey.gateway.s3.keys import check_key, encoded
from valetkey.gateway.s3.operations import OPERATIONS
from valetkey.gateway.s3.tags import tag_set, written_header
from valetkey.gateway.s3.xml import UnreadableXml, document, element, read_xml

Fields = Iterable[tuple[str, str]]

_STANDARD: Final = frozenset(
    {
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
    }
)
_OWN: Final = OPERATIONS["PutObject"].headers
_ACL: Final = "acl"
_TAGGING: Final = "tagging"
_MAX_TAGGING: Final = 20 * 1024
_NO_CONTENT: Final = 204
_CREATED: Final = 201
_SEE_OTHER: Final = 303
_STATUSES: Final = {"200": 200, "201": _CREATED, "204": _NO_CONTENT}


def put_of_form(bucket: str, key: str, fields: Fields) -> Head:
    """Return the head of the PutObject that a form stands for: to be understood like any other.

    ``key`` is the form's key with the file's name filled in. Fields that S3 does not know end
    here. Raises S3Error.
    """
    headers: list[tuple[bytes, bytes]] = []
    for name, value in fields:
        lower = name.lower()
        if "\r" in value or "\n" in value:
            if lower == _TAGGING:
                headers.append((b"x-amz-tagging", _tagging(value)))
            elif lower in _STANDARD | _OWN or lower.startswith(METADATA):
                raise S3Error("InvalidArgument", reason=f"field `{name[:80]}` has a line break")
        elif lower == _TAGGING:
            headers.append((b"x-amz-tagging", _tagging(value)))
        elif lower == _ACL:
            headers.append((b"x-amz-acl", value.encode()))
        elif lower in _STANDARD | _OWN or lower.startswith(METADATA):
            headers.append((lower.encode(), value.encode()))
    path = encoded(f"/{bucket}/{check_key(key)}")
    return Head("PUT", path, b"", tuple(headers))


def post_answer(fields: Fields, *, bucket: str, key: str, etag: str, location: str) -> Answer:
    """Return the answer to an upload that is done: a redirect, a document or nothing.

    ``location`` is the object's URL, ``etag`` the upstream's, with its quotes.
    """
    asked = {name.lower(): value for name, value in fields}
    tagged = (b"etag", etag.encode("ascii", "replace"))
    headers = (tagged, (b"location", _header_url(location)))
    target = asked.get("success_action_redirect") or asked.get("redirect")
    redirect = None if target is None else _redirect(target, bucket, key, etag)
    if redirect is not None:
        return Answer(_SEE_OTHER, (tagged, (b"location", redirect)))
    status = _STATUSES.get(asked.get("success_action_status", ""), _NO_CONTENT)
    if status != _CREATED:
        return Answer(status, headers)
    parts = (("Location", location), ("Bucket", bucket), ("Key", key), ("ETag", etag))
    body = document("PostResponse", (element(*part) for part in parts), namespace=False)
    return Answer(_CREATED, (*headers, (b"content-type", b"application/xml")), body)


def _redirect(target: str, bucket: str, key: str, etag: str) -> bytes | None:
    """Return where the browser goes; None for what is no URL, which S3 takes no notice of."""
    try:
        url = urlsplit(target)
        host = url.hostname
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not host:
        return None
    values = (("bucket", bucket), ("key", key), ("etag", etag))
    more = "&".join(f"{name}={quote(value, safe='')}" for name, value in values)
    query = f"{url.query}&{more}" if url.query else more
    return _header_url(url._replace(query=query, fragment="").geturl())


def _header_url(url: str) -> bytes:
    """Return a URL as a header holds it: a key or a form may have line breaks in it."""
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]-._").encode("ascii")


def _tagging(text: str) -> bytes:
    try:
        root = read_xml(text.encode(), "Tagging", limit=_MAX_TAGGING)
        return written_header(tag_set(root.only("TagSet")))
    except UnreadableXml as flaw:
        raise malformed_xml(flaw.message) from None
