"""Lists a page at a time, as IAM pages them."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, NotRequired, TypedDict, TypeVar

from valetkey.api.iam.failures import validation_error

T = TypeVar("T")
DEFAULT_SIZE = 100


class Page(NamedTuple, Generic[T]):
    """A page's items, and the marker that the next page begins after; None on the last."""

    items: list[T]
    marker: str | None

    @property
    def members(self) -> dict[str, Any]:
        """Return the members of a response that say whether more is to come."""
        if self.marker is None:
            return {"IsTruncated": False}
        return {"IsTruncated": True, "Marker": self.marker}


class Paged(TypedDict):
    """The members that every response of a list has."""

    IsTruncated: NotRequired[bool]
    Marker: NotRequired[str]


A = TypeVar("A", bound=Paged)


def paginate(items: Sequence[T], key: Callable[[T], str], request: Mapping[str, Any]) -> Page[T]:
    """Return the page that ``Marker`` and ``MaxItems`` ask for; ``items`` are sorted by ``key``.

    The marker holds the last key seen, so that a page never repeats or skips an item because
    others came or went. Raises ``ValidationError`` for a marker that is none of ours.
    """
    size = request.get("MaxItems", DEFAULT_SIZE)
    start = 0
    if "Marker" in request:
        last = _read_marker(request["Marker"])
        start = next((i for i, item in enumerate(items) if key(item) > last), len(items))
    page = list(items[start : start + size])
    last_page = start + size >= len(items)
    return Page(page, None if last_page else _write_marker(key(page[-1])))


def marked(answer: A, page: Page[Any]) -> A:
    """Return a response with the members that say whether more is to come."""
    answer["IsTruncated"] = page.marker is not None
    if page.marker is not None:
        answer["Marker"] = page.marker
    return answer


def _write_marker(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _read_marker(marker: str) -> str:
    try:
        return base64.b64decode(marker.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise validation_error("Invalid Marker.") from error
