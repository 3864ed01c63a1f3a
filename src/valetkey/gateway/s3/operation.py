"""What valetkey knows of one S3 operation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Level(StrEnum):
    """What a path names: everything, a bucket, or an object."""

    SERVICE = "service"
    BUCKET = "bucket"
    OBJECT = "object"


class AnsweredBy(StrEnum):
    """Who answers an operation. ``NOBODY`` is refused with NotImplemented."""

    UPSTREAM = "upstream"
    VALETKEY = "valetkey"
    NOBODY = "nobody"


Body = Literal["none", "document", "payload"]
"""What a request brings: nothing, a document about the resource, or an object's own bytes."""

MAX_DOCUMENT_BYTES = 4 << 20
"""The bound on a body that must be read whole: the largest completes an upload of 10,000 parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A row of the map: how a request is told, what must be allowed, what may go on.

    ``marker`` is the sub-resource, a query parameter whose value says nothing; ``selects`` are
    the further parameters that must be there, with the value they must have or None for any;
    ``parameters`` may be there. Whatever else is in the query makes it another request, which is
    refused. ``source`` names the header that makes it a copy. ``headers`` are the ``x-amz-*``
    headers that the operation has.

    ``actions`` are asked about the operation's own resource; with a version id, those of
    ``versioned`` instead where there are any. What depends on headers and body comes on top
    (:func:`~valetkey.gateway.s3.questions.questions`).

    ``reads_body``: the body, up to :data:`MAX_DOCUMENT_BYTES`, must be there to decide.
    ``also`` are the model's older names for the same request. ``why`` says why nobody answers.
    """

    name: str
    method: str
    level: Level
    actions: tuple[str, ...]
    marker: str | None = None
    selects: Mapping[str, str | None] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()
    source: str | None = None
    headers: frozenset[str] = frozenset()
    versioned: tuple[str, ...] = ()
    body: Body = "none"
    reads_body: bool = False
    by: AnsweredBy = AnsweredBy.UPSTREAM
    also: tuple[str, ...] = ()
    why: str = ""

    @property
    def required(self) -> frozenset[str]:
        """Return the query parameters without which it is another operation."""
        marker = () if self.marker is None else (self.marker,)
        return frozenset((*marker, *self.selects))

    def action_names(self, *, versioned: bool) -> tuple[str, ...]:
        """Return the actions that must be allowed on the operation's own resource."""
        return self.versioned if versioned and self.versioned else self.actions
