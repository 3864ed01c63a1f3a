"""Pages as Secrets Manager's lists have them: ``NextToken`` and ``MaxResults``."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NotRequired, TypedDict, TypeVar

from valetkey.api.paging import Page, page_of
from valetkey.errors import AwsError

T = TypeVar("T")


class Paged(TypedDict):
    """The member that every response of a list has, but for the last page."""

    NextToken: NotRequired[str]


A = TypeVar("A", bound=Paged)


def paginate(
    items: Sequence[T],
    key: Callable[[T], str],
    request: Mapping[str, Any],
    *,
    falling: bool = False,
) -> Page[T]:
    """Return the page that a request asks for; ``items`` are sorted by ``key``.

    Raises ``InvalidNextTokenException`` for a token that is none of ours.
    """
    return page_of(
        items,
        key,
        size=request.get("MaxResults"),
        marker=request.get("NextToken"),
        malformed=AwsError("InvalidNextTokenException", "Invalid next token."),
        falling=falling,
    )


def continued(answer: A, page: Page[Any]) -> A:
    """Return a response with the token of the page after it, where there is one."""
    if page.marker is not None:
        answer["NextToken"] = page.marker
    return answer
