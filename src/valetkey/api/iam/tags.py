"""Tags of IAM's resources: the limits, and the three operations that every kind of them has."""

from collections.abc import Iterable, Mapping, Sequence

from valetkey.access.context import ContextValues, tag_values
from valetkey.api.iam.failures import invalid_input, quota
from valetkey.api.iam.shapes import Tag

TAG_LIMIT = 50


def read_tags(tags: Sequence[Tag]) -> dict[str, str]:
    """Return the tags of a request. Raises ``InvalidInput`` for a key given twice."""
    if len({tag["Key"].casefold() for tag in tags}) != len(tags):
        raise invalid_input(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(tag["Key"].casefold().startswith("aws:") for tag in tags):
        raise invalid_input("Tag keys that begin with aws: are reserved.")
    return {tag["Key"]: tag["Value"] for tag in tags}


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Return tags with new ones set; a key replaces one that differs in case only."""
    folded = {key.casefold() for key in new}
    kept = {key: value for key, value in old.items() if key.casefold() not in folded}
    result = {**kept, **new}
    if len(result) > TAG_LIMIT:
        raise quota("TagsPerResource", TAG_LIMIT)
    return result


def without(old: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """Return tags without some keys; keys that are not there do no harm."""
    folded = {key.casefold() for key in keys}
    return {key: value for key, value in old.items() if key.casefold() not in folded}


def shown(tags: Mapping[str, str]) -> list[Tag]:
    """Return tags as responses list them, sorted by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def resource_tags(tags: Mapping[str, str]) -> ContextValues:
    """Return the condition keys that stand for a resource's tags."""
    values: ContextValues = {}
    for key, value in tags.items():
        values[f"aws:ResourceTag/{key}"] = value
        values[f"iam:ResourceTag/{key}"] = value
    return values


def request_tags(tags: Sequence[Tag]) -> ContextValues:
    """Return the condition keys that stand for tags which a request passes."""
    return tag_values(read_tags(tags))
