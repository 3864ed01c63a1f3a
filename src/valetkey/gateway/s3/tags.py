"""Tags in requests: the ``x-amz-tagging`` header and the ``Tagging`` document.

Bounds and texts are those of the API Reference, *PutObjectTagging*.
"""

from typing import Final
from urllib.parse import unquote_to_bytes

from valetkey.gateway.s3.errors import S3Error, invalid_argument
from valetkey.gateway.s3.keys import encoded_value
from valetkey.gateway.s3.xml import Element

Tags = tuple[tuple[str, str], ...]

MOST_ON_OBJECT: Final = 10
MOST_ON_BUCKET: Final = 50
_MAX_KEY: Final = 128
_MAX_VALUE: Final = 256
_HEADER: Final = "x-amz-tagging"
_BAD_HEADER: Final = (
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
    "without tag name duplicates."
)


def header_tags(value: str) -> Tags:
    """Read ``key=value&…`` of the header, where a plus is a blank; raises S3Error."""
    tags: list[tuple[str, str]] = []
    for piece in value.split("&") if value else ():
        if not piece:
            continue
        name, _, text = piece.partition("=")
        tags.append((_form_text(name, value), _form_text(text, value)))
    if len({name for name, _ in tags}) != len(tags) or ";" in value:
        # Some form readers part fields by a semicolon.
        raise invalid_argument(_BAD_HEADER, _HEADER, value)
    return _checked(tags, MOST_ON_OBJECT)


def written_header(tags: Tags) -> bytes:
    """Return the header's one spelling, which goes to the upstream."""
    return b"&".join(encoded_value(name) + b"=" + encoded_value(value) for name, value in tags)


def tag_set(parent: Element, name: str = "TagSet", *, most: int = MOST_ON_OBJECT) -> Tags:
    """Read the tags of a document; raises S3Error and UnreadableXml."""
    found = parent.one(name)
    if found is None:
        return ()
    tags = [
        (tag.value("Key") or "", tag.value("Value") or "")
        for tag in found.only("Tag").all("Tag")
        if tag.only("Key", "Value")
    ]
    if len({key for key, _ in tags}) != len(tags):
        raise S3Error("InvalidTag", "Cannot provide multiple Tags with the same key")
    return _checked(tags, most)


def _checked(tags: list[tuple[str, str]], most: int) -> Tags:
    if len(tags) > most:
        what = "Object" if most == MOST_ON_OBJECT else "Bucket"
        raise S3Error("BadRequest", f"{what} tags cannot be greater than {most}")
    for key, value in tags:
        if not 1 <= len(key) <= _MAX_KEY:
            raise S3Error("InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > _MAX_VALUE:
            raise S3Error("InvalidTag", "The TagValue you have provided is invalid")
    return tuple(tags)


def _form_text(text: str, header: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    except UnicodeError:
        raise invalid_argument(_BAD_HEADER, _HEADER, header) from None
