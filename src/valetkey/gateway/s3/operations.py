"""The map: every operation of S3, found by method, path level, query and headers.

What is not in the map is refused. Two requests with one row are the same request; the rows of one
method and level differ in what must be in the query, and the row with the most of it is meant:
``?uploadId=…&partNumber=…`` is UploadPart, not PutObject. A query that holds anything besides
what the row knows is refused, so that no upstream can find another operation in it.
"""

from collections.abc import Collection, Iterable
from typing import Final

from valetkey.gateway.s3.bucket_table import BUCKET_OPERATIONS
from valetkey.gateway.s3.object_table import OBJECT_OPERATIONS
from valetkey.gateway.s3.operation import AnsweredBy, Level, Operation

PREFLIGHT: Final = Operation(
    name="OPTIONS", method="OPTIONS", level=Level.BUCKET, actions=(), by=AnsweredBy.VALETKEY
)
"""A browser asks whether it may ask. S3 answers by the bucket's CORS rules, without a signature."""

WRITE_GET_OBJECT_RESPONSE: Final = Operation(
    name="WriteGetObjectResponse",
    method="POST",
    level=Level.BUCKET,
    actions=(),
    body="payload",
    by=AnsweredBy.NOBODY,
    why="it answers a request to an Object Lambda access point, which AWS alone has",
)
"""Its path `/WriteGetObjectResponse` names no bucket: the letters are not lower case."""

_SELECTED: Final = (*BUCKET_OPERATIONS, *OBJECT_OPERATIONS)
OPERATIONS: Final = {row.name: row for row in (*_SELECTED, WRITE_GET_OBJECT_RESPONSE, PREFLIGHT)}
"""Every row by its name in the model; older names are in ``also``."""


_Choices = tuple[tuple[frozenset[str], Operation], ...]


def _by_place(rows: Iterable[Operation]) -> dict[tuple[str, Level], _Choices]:
    """Return the rows of each method and level with what each requires, the most first."""
    places: dict[tuple[str, Level], list[Operation]] = {}
    for row in rows:
        places.setdefault((row.method, row.level), []).append(row)
    for those in places.values():
        those.sort(key=lambda row: (-len(row.required), row.source is None))
    return {place: tuple((row.required, row) for row in those) for place, those in places.items()}


_PLACES: Final = _by_place(_SELECTED)
METHODS: Final = frozenset(row.method for row in OPERATIONS.values())


def find_operation(
    method: str, level: Level, parameters: Collection[str], headers: Collection[str]
) -> Operation | None:
    """Return the row that a request's parameters and headers select; None where none does."""
    for required, row in _PLACES.get((method, level), ()):
        if required.issubset(parameters) and (row.source is None or row.source in headers):
            return row
    return None
