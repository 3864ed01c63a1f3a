"""Which resources a request names: ARN templates filled from what the request says.

By rules: a parameter names a resource where it is called as the template's placeholder is
(``InstanceIds`` for ``${InstanceId}``), or as the resource type is, or where its value is an ARN
of that type. What the rules don't find is in :mod:`valetkey.gateway.apis.hints`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.gateway.apis.authorization import Action, ResourceType, Row
from valetkey.gateway.apis.hints import DEFAULTS, EXTRA_NAMES, NEVER, OWNERS, hidden_types
from valetkey.gateway.apis.place import Place, Special
from valetkey.gateway.apis.request import ApiRequest, Value
from valetkey.gateway.apis.special import owned, special

_SUFFIX = re.compile(r"(names?|identifiers?|ids?|arns?|urls?)$")
_VERB = re.compile(r"[A-Z][a-z]+")
_GENERIC = frozenset(
    {"arn", "arns", "resourcearn", "resourcearns", "resource", "resources", "resourceid",
     "resourceids", "resourcename", "resourcearnlist", "resourceidentifier"}
)  # fmt: skip
_UNNAMED = frozenset({"name", "names", "id", "ids", "identifier", "identifiers", "arn", "arns"})


class Named(NamedTuple):
    """A resource that a request asks for, and the row of the action that it belongs to.

    ``open`` tells one that the request does not name: it will be made, or the service chooses it.
    """

    arn: str
    row: Row | None
    open: bool = False


def resources_of(request: ApiRequest, action: Action, place: Place) -> tuple[Named, ...]:
    """Return the resources to ask about; ``*`` for an action without any.

    A required type that the request does not name (it will be made, or the service chooses it)
    is asked as a whole, ``instance/*``, unless the parameter that could name it names a resource
    of another of the action's types. Raises :class:`~valetkey.gateway.apis.errors.Misfit`.
    """
    place = _owner(request, place)
    own = tuple(special(request, action, place))
    rule = owned(request.prefix) if own else owned("")
    texts = tuple(text for text in _texts(request.input) if text.member not in rule.members)
    search = _Search(request, action, place, own, texts)
    found: dict[Named, None] = {}
    waiting: list[Row] = []
    for row in action.typed:
        named = list(search.row(row, general=_kind(row).name not in rule.kinds))
        found.update(dict.fromkeys(named))
        if not named and _needed(request, action, row) and _kind(row).name not in rule.kinds:
            waiting.append(row)
    for row in waiting:
        if not search.named_by_other(row):
            kind = _kind(row)
            outer = dict(_outer(request, kind.placeholders[:-1]))
            found[Named(_fill(kind, outer, place), row, open=True)] = None
    found.update(dict.fromkeys(search.strangers()))
    return tuple(found) or (Named("*", None, open=True),)


def _owner(request: ApiRequest, place: Place) -> Place:
    """Return the place in the account whose resources a request names, if it says so."""
    given = request.input.get(OWNERS.get(request.prefix, ""))
    named = isinstance(given, str) and ACCOUNT_ID.fullmatch(given)
    return place._replace(account=given) if named and isinstance(given, str) else place


_LONGEST_NAME = 128
"""As much of a member's name as counts: the keys of maps may be of any length."""


class Text(NamedTuple):
    """A text in a request: the member that holds it, whether it is an outermost one."""

    member: str
    outer: bool
    value: str


class _Search:
    """One request's texts, and which of them have been taken for a resource."""

    def __init__(
        self,
        request: ApiRequest,
        action: Action,
        place: Place,
        own: tuple[Special, ...],
        texts: tuple[Text, ...],
    ) -> None:
        self._request = request
        self._action = action
        self._place = place
        self._own = own
        self._texts = texts
        self._taken: set[Text] = set()

    def row(self, row: Row, *, general: bool) -> Iterator[Named]:
        """Yield the resources of one type that the request names."""
        kind = _kind(row)
        yield from (Named(one.arn, row) for one in self._own if one.kind == kind.name)
        if not general:
            return
        if not kind.placeholders:
            if row.required:
                yield Named(_fill(kind, {}, self._place), row)
            return
        *before, last = kind.placeholders
        outer = dict(_outer(self._request, before))
        for text in self._texts:
            arn = self._named(kind, last, outer, text)
            if arn is not None:
                self._taken.add(text)
                yield Named(arn, row)

    def _named(
        self, kind: ResourceType, last: str, outer: Mapping[str, str], text: Text
    ) -> str | None:
        """Return the ARN of the resource of a type that a text names, if it names one."""
        if parse_arn(text.value) is None:
            if not _names_last(self._request, text, kind, last):
                return None
            # Where ids are not names, what a name stands for is not known here: it may be any.
            value = "*" if _is_name(text.member) and plain(last).endswith("id") else text.value
            return _fill(kind, {**outer, last: value}, self._place)
        if kind.match(text.value) is None or _closer(self._action, kind, text.value):
            return None
        return text.value

    def named_by_other(self, row: Row) -> bool:
        """Tell whether what could name a resource of a type names one of another."""
        return any(_could(self._request, text, _kind(row)) for text in self._taken)

    def strangers(self) -> Iterator[Named]:
        """Yield what stands where a resource is named and is none of the action's types.

        An upstream may understand it all the same: it is asked as it is named. So is what a
        service's own rule found of a type that the action does not have.
        """
        kinds = {_kind(row).name for row in self._action.typed}
        yield from (Named(one.arn, None) for one in self._own if one.kind not in kinds)
        for text in self._texts:
            if text.outer and text not in self._taken and self._is_candidate(text):
                known = parse_arn(text.value) is not None
                arn = text.value if known else _anything(self._request, text.value, self._place)
                yield Named(arn, None)

    def _is_candidate(self, text: Text) -> bool:
        return any(_could(self._request, text, _kind(row)) for row in self._action.typed)


def _texts(value: Value, member: str = "", depth: int = 0) -> Iterator[Text]:
    """Yield every text that is not within tags, filters or a document."""
    match value:
        case str() if value:
            yield Text(member, depth <= 1, value)
        case list():
            for element in value:
                yield from _texts(element, member, depth)
        case dict():
            for name, child in value.items():
                short = name[:_LONGEST_NAME]
                if plain(short) not in NEVER:
                    yield from _texts(child, short, depth + 1)


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a name without capitals, hyphens and blanks."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache(maxsize=4096)
def stem(name: str) -> str:
    """Return a name without what only tells its form: ``InstanceIds`` is ``instance``."""
    whole = plain(name)
    cut = _SUFFIX.sub("", whole)
    return (cut or whole).removesuffix("s")


def _is_name(member: str) -> bool:
    return plain(member).endswith(("name", "names"))


def _kind(row: Row) -> ResourceType:
    if row.kind is None:
        raise ValueError("a row without a type names nothing")
    return row.kind


def _needed(request: ApiRequest, action: Action, row: Row) -> bool:
    name = f"{request.prefix}:{action.name}"
    return row.required or _kind(row).name in hidden_types(name)


def _may_name(request: ApiRequest, member: str, kind: ResourceType, placeholder: str) -> bool:
    name = plain(member)
    extra = EXTRA_NAMES.get((request.prefix, placeholder))
    if extra is not None:
        return member in extra
    if name in _GENERIC:
        return True
    if name in _UNNAMED:
        return noun(request.operation) in (stem(kind.name), stem(placeholder))
    return stem(member) in (stem(placeholder), stem(kind.name))


@lru_cache(maxsize=4096)
def noun(operation: str) -> str:
    """Return what an operation is about: ``GetParameters`` is about a ``parameter``."""
    return stem(_VERB.sub("", operation, count=1))


def _closer(action: Action, kind: ResourceType, arn: str) -> bool:
    """Tell whether another of the action's types says more about an ARN than this one."""
    return any(
        len(_kind(row).placeholders) > len(kind.placeholders) and _kind(row).match(arn) is not None
        for row in action.typed
    )


def _names_last(request: ApiRequest, text: Text, kind: ResourceType, placeholder: str) -> bool:
    if plain(text.member) in _GENERIC:
        return False  # these hold ARNs, or ids of any type
    if text.outer:
        return _may_name(request, text.member, kind, placeholder)
    extra = EXTRA_NAMES.get((request.prefix, placeholder), ())
    name = plain(text.member)
    return text.member in extra or name.removesuffix("s") == plain(placeholder).removesuffix("s")


def _outer(request: ApiRequest, placeholders: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands before the last part of an ARN: the cluster of a service."""
    for placeholder in placeholders:
        extra = EXTRA_NAMES.get((request.prefix, placeholder), ())
        for name, value in request.input.items():
            if (
                isinstance(value, str)
                and value
                and (name in extra or stem(name) == stem(placeholder))
            ):
                yield placeholder, last_part(value)
                break
        else:
            if (request.prefix, placeholder) in DEFAULTS:
                yield placeholder, DEFAULTS[request.prefix, placeholder]


def last_part(value: str) -> str:
    """Return the name at the end of an ARN, or the value that is none."""
    arn = parse_arn(value)
    return re.split("[/:]", arn.resource)[-1] if arn else value


def _fill(kind: ResourceType, values: Mapping[str, str], place: Place) -> str:
    return kind.fill(values, partition=place.partition, region=place.region, account=place.account)


def _could(request: ApiRequest, text: Text, kind: ResourceType) -> bool:
    """Tell whether a text stands where a resource of a type is named."""
    placeholders = kind.placeholders
    return (
        text.outer
        and bool(placeholders)
        and _may_name(request, text.member, kind, placeholders[-1])
    )


def _anything(request: ApiRequest, name: str, place: Place) -> str:
    """Return the ARN of a resource of a type that is not known."""
    return f"arn:{place.partition}:{request.prefix}:{place.region}:{place.account}:*/{name}"
