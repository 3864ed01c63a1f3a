"""Lists a page at a time, as Secrets Manager pages them."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from valetkey.errors import AwsError

T = TypeVar("T")
DEFAULT_SIZE = 100


def paginate(
    items: Sequence[T], key: Callable[[T], str], request: Mapping[str, Any]
) -> tuple[list[T], str | None]:
    """Return the page that a request asks for, and the token of the next one.

    ``items`` are sorted by ``key``. The token holds the last key seen, so that a page never
    repeats or skips an item. Raises ``InvalidNextTokenException``.
    """
    size = request.get("MaxResults", DEFAULT_SIZE)
    start = 0
    if "NextToken" in request:
        last = _read(request["NextToken"])
        start = next((i for i, item in enumerate(items) if key(item) > last), len(items))
    page = list(items[start : start + size])
    if start + size >= len(items):
        return page, None
    return page, base64.urlsafe_b64encode(key(page[-1]).encode()).decode()


def _read(token: str) -> str:
    try:
        return base64.b64decode(token.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidNextTokenException", "Invalid next token.") from error
