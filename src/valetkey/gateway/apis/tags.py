"""The tags that a request would put on a resource, or take from it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from valetkey.gateway.apis.errors import Misfit
from valetkey.gateway.apis.request import ApiRequest, Value
from valetkey.gateway.model import Context

_MEMBERS = ("Tags", "tags", "Tag", "TagList", "TagSet", "tagSet", "TagsToAdd", "AddTags",
            "ResourceTags", "resourceTags", "TagsList", "tagsMap", "JobTags")  # fmt: skip
_KEYS = ("TagKeys", "tagKeys", "TagsToRemove", "RemoveTags", "TagKeyList")
_TAKING = ("Delete", "Untag", "Remove")
_KEY_NAMES = ("Key", "key", "TagKey", "tagKey")
_VALUE_NAMES = ("Value", "value", "TagValue", "tagValue")


class Tags(NamedTuple):
    """Tags by key; ``keys`` has also those that are only named, to be taken away."""

    values: Mapping[str, str]
    keys: tuple[str, ...]

    def context(self) -> Context:
        """Return the condition keys."""
        found: dict[str, str | tuple[str, ...]] = {
            f"aws:RequestTag/{key}": value for key, value in self.values.items()
        }
        if self.keys:
            found["aws:TagKeys"] = self.keys
        return found


NONE = Tags({}, ())


def tags_of(request: ApiRequest) -> Tags:
    """Return the tags of a request that has them for all that it makes.

    Raises :class:`Misfit` for a key that is given twice.
    """
    taking = request.operation.startswith(_TAKING)
    pairs = [pair for name in _MEMBERS for pair in _pairs(request.input.get(name))]
    keys = [key for name in _KEYS for key in _texts(request.input.get(name))]
    if taking:
        # Tags to be taken away may be named without their values.
        keys += [key for key, _ in pairs]
        pairs = [(key, value) for key, value in pairs if value]
    return _tags(pairs, keys)


def specified_tags(request: ApiRequest) -> Mapping[str, Tags]:
    """Return the tags of a request that has them by resource type (EC2)."""
    found: dict[str, list[tuple[str, str]]] = {}
    entries = request.input.get("TagSpecifications") or request.input.get("TagSpecification")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            kind = entry.get("ResourceType", "")
            found.setdefault(kind if isinstance(kind, str) else "", []).extend(
                _pairs(entry.get("Tags"))
            )
    return {kind: _tags(pairs, []) for kind, pairs in found.items() if pairs}


def _tags(pairs: list[tuple[str, str]], keys: list[str]) -> Tags:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Misfit("a tag is given twice")
    return Tags(values, tuple(dict.fromkeys([*values, *keys])))


def _pairs(value: Value | None) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        inner = value.get("Items")  # CloudFront's lists have a level of their own
        if isinstance(inner, list):
            yield from _pairs(inner)
            return
        yield from ((key, text) for key, text in value.items() if isinstance(text, str))
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict):
            key = _first(entry, _KEY_NAMES)
            if key is not None:
                yield key, _first(entry, _VALUE_NAMES) or ""


def _first(entry: Mapping[str, Value], names: tuple[str, ...]) -> str | None:
    found = (entry[name] for name in names if name in entry)
    return next((text for text in found if isinstance(text, str)), None)


def _texts(value: Value | None) -> Iterator[str]:
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict) and (key := _first(entry, _KEY_NAMES)) is not None:
            yield key
