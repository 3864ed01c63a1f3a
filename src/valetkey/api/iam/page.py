"""Pages as IAM's lists have them: ``Marker``, ``MaxItems`` and ``IsTruncated``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NotRequired, TypedDict, TypeVar

from valetkey.api.iam.failures import validation_error
from valetkey.api.paging import Page, page_of

T = TypeVar("T")


class Paged(TypedDict):
    """The members that every response of a list has."""

    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


A = TypeVar("A", bound=Paged)


def paginate(items: Sequence[T], key: Callable[[T], str], request: Mapping[str, Any]) -> Page[T]:
    """Return the page that a request asks for; ``items`` are sorted by ``key``.

    Raises ``ValidationError`` for a marker that is none of ours.
    """
    return page_of(
        items,
        key,
        size=request.get("MaxItems"),
        marker=request.get("Marker"),
        malformed=validation_error("Invalid Marker."),
    )


def marked(answer: A, page: Page[Any]) -> A:
    """Return a response with the members that say whether more is to come."""
    answer["IsTruncated"] = page.marker is not None
    if page.marker is not None:
        answer["Marker"] = page.marker
    return answer
