"""Values that decide what a request is: closed lists and numbers, held to S3's spelling.

What policies look at must be what the upstream acts on: a directive that S3 does not know must not
be taken for one here and for another one there.
"""

import re
from collections.abc import Mapping
from typing import Final

from valetkey.gateway.s3.errors import S3Error, invalid_argument
from valetkey.gateway.s3.keys import check_prefix
from valetkey.gateway.s3.operation import Operation

_PLACES_IN_LISTS: Final = (
    "annotation-prefix",
    "annotationName",
    "continuation-token",
    "key-marker",
    "marker",
    "prefix",
    "start-after",
    "upload-id-marker",
    "version-id-marker",
)
# Ids are the upstream's; some stores make names of files of them.
_ID: Final = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._~=+:-]{1,1024}", re.ASCII)
# AWS's older ids of versions have slashes in them.
_VERSION: Final = re.compile(r"(?!(?:.*/)?\.{1,2}(?:/|\Z))[A-Za-z0-9._~=+:/-]{1,1024}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_COUNTS: Final = ("max-keys", "max-uploads", "max-parts")
_COUNT: Final = re.compile(r"[0-9]{1,10}", re.ASCII)
_MOST: Final = (1 << 31) - 1
_MOST_PARTS: Final = 10_000
_DIRECTIVES: Final = {
    "x-amz-metadata-directive": "Unknown metadata directive.",
    "x-amz-tagging-directive": "Unknown tagging directive.",
}
_DIRECTIVE_VALUES: Final = frozenset({"COPY", "REPLACE"})


def check_query_values(operation: Operation, query: Mapping[str, str]) -> None:
    """Raise S3Error, ``InvalidArgument``, for a value that an operation's parameter can't have."""
    for name, wanted in operation.selects.items():
        value = query[name]
        if not value or (wanted is not None and value != wanted):
            raise invalid_argument(f"Invalid {name}", name, value, reason=f"wanted {name}={wanted}")
    _check_ids(query)
    for name in _PLACES_IN_LISTS:
        check_prefix(query.get(name, ""))
    for name in _COUNTS:
        if name in query and not _is_count(query[name], 0, _MOST):
            raise invalid_argument(
                f"Provided {name} not an integer or within integer range", name, query[name]
            )
    for name, value in query.items():
        if name.startswith("response-") and _CONTROL.search(value):
            raise invalid_argument(f"Invalid {name}", name, value, reason="a control character")
    part = query.get("partNumber")
    if part is not None and not _is_count(part, 1, _MOST_PARTS):
        raise invalid_argument(
            "Part number must be an integer between 1 and 10000, inclusive", "partNumber", part
        )


def check_version_id(version: str, name: str) -> str:
    """Return the id of a version; raises S3Error, ``InvalidArgument``, for what can be none."""
    if not version:
        raise invalid_argument("Version id cannot be the empty string", name, version)
    if not _VERSION.fullmatch(version):
        raise invalid_argument("Invalid version id specified", name, version)
    return version


def check_header_values(headers: Mapping[str, str]) -> None:
    """Raise S3Error, ``InvalidArgument``, for a directive that S3 does not have."""
    for name, message in _DIRECTIVES.items():
        value = headers.get(name)
        if value is not None and value not in _DIRECTIVE_VALUES:
            raise invalid_argument(message, name, value)


def _check_ids(query: Mapping[str, str]) -> None:
    if "versionId" in query:
        check_version_id(query["versionId"], "versionId")
    upload = query.get("uploadId")
    if upload is not None and not _ID.fullmatch(upload):
        raise S3Error("NoSuchUpload", reason="the id of the upload is none that a store gives out")
    configuration = query.get("id")
    if configuration is not None and not _ID.fullmatch(configuration):
        raise invalid_argument("The specified configuration id is invalid.", "id", configuration)


def _is_count(text: str, least: int, most: int) -> bool:
    return _COUNT.fullmatch(text) is not None and least <= int(text) <= most
