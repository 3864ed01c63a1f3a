"""Tags of IAM's entities: the limits, and the three operations that every kind of them has."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from valetkey.access.context import ContextValues, tag_values
from valetkey.api.iam.entities import NOTHING, E, Handler, Kind, Request
from valetkey.api.iam.failures import invalid_input, quota
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import ListRoleTagsResponse, Tag
from valetkey.api.operation import Call, Output

TAG_LIMIT = 50


def tag(kind: Kind[E]) -> Handler:
    """Return the operation that sets tags."""

    def operation(call: Call, request: Request) -> Output:
        new = read_tags(request["Tags"])
        kind.alter(
            call,
            request,
            lambda entity: msgspec.structs.replace(entity, tags=_merged(entity.tags, new)),
        )
        return NOTHING

    return operation


def untag(kind: Kind[E]) -> Handler:
    """Return the operation that removes tags; keys that are not there do no harm."""

    def operation(call: Call, request: Request) -> Output:
        keys = request["TagKeys"]
        kind.alter(
            call,
            request,
            lambda entity: msgspec.structs.replace(entity, tags=_without(entity.tags, keys)),
        )
        return NOTHING

    return operation


def list_tags(kind: Kind[E]) -> Handler:
    """Return the operation that lists tags, a page at a time."""

    def operation(call: Call, request: Request) -> Output:
        tags = shown(kind.read(call, request).tags)
        page = paginate(tags, lambda tag: tag["Key"], request)
        answer: ListRoleTagsResponse = {"Tags": page.items}
        return marked(answer, page)

    return operation


def read_tags(tags: Sequence[Tag]) -> dict[str, str]:
    """Return the tags of a request. Raises ``InvalidInput`` for a key given twice."""
    if len({tag["Key"].casefold() for tag in tags}) != len(tags):
        raise invalid_input(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(tag["Key"].casefold().startswith("aws:") for tag in tags):
        raise invalid_input("Tag keys that begin with aws: are reserved.")
    return {tag["Key"]: tag["Value"] for tag in tags}


def given_tags(request: Request) -> dict[str, str]:
    """Return the tags that a request gives to what it makes; none where it has none."""
    return read_tags(request.get("Tags", []))


def _merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return tags with new ones set; a key replaces one that differs in case only."""
    result = {**_without(old, new), **new}
    if len(result) > TAG_LIMIT:
        raise quota("TagsPerResource", TAG_LIMIT)
    return result


def _without(old: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    folded = {key.casefold() for key in keys}
    return {key: value for key, value in old.items() if key.casefold() not in folded}


def shown(tags: Mapping[str, str]) -> list[Tag]:
    """Return tags as responses list them, sorted by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def resource_tags(tags: Mapping[str, str]) -> ContextValues:
    """Return the condition keys that stand for an entity's tags."""
    values: ContextValues = {}
    for key, value in tags.items():
        values[f"aws:ResourceTag/{key}"] = value
        values[f"iam:ResourceTag/{key}"] = value
    return values


def request_tags(request: Request) -> ContextValues:
    """Return the condition keys that stand for tags, or keys of tags, which a request passes."""
    if "TagKeys" in request:
        return {"aws:TagKeys": tuple(request["TagKeys"])}
    return tag_values(given_tags(request))
