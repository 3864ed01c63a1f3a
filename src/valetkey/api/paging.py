"""Lists a page at a time; what a page's members are called, each service says for itself."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from valetkey.errors import AwsError

T = TypeVar("T")
DEFAULT_SIZE = 100


class Page(NamedTuple, Generic[T]):
    """A page's items, and the marker that the next page begins after; None on the last."""

    items: list[T]
    marker: str | None


def page_of(
    items: Sequence[T],
    key: Callable[[T], str],
    *,
    size: int | None,
    marker: str | None,
    malformed: AwsError,
    falling: bool = False,
) -> Page[T]:
    """Return the page after ``marker``, of ``size`` items or 100 where it does not say.

    ``items`` are sorted by ``key``, upwards or, with ``falling``, downwards. The marker holds the
    last key seen, so that a page never repeats or skips an item because others came or went.
    Raises ``malformed`` for a marker that is none of ours.
    """
    start = 0
    if marker is not None:
        last = _read_marker(marker, malformed)
        later = (i for i, item in enumerate(items) if _is_after(key(item), last, falling))
        start = next(later, len(items))
    end = start + (DEFAULT_SIZE if size is None else size)
    page = list(items[start:end])
    return Page(page, None if end >= len(items) else _write_marker(key(page[-1])))


def _is_after(key: str, last: str, falling: bool) -> bool:
    return key < last if falling else key > last


def _write_marker(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _read_marker(marker: str, malformed: AwsError) -> str:
    try:
        return base64.b64decode(marker.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise malformed from error
