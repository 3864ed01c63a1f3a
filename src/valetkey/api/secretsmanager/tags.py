"""Tags of secrets."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from valetkey.api.operation import Call, Output
from valetkey.api.secretsmanager.failures import invalid_parameter, limit_exceeded
from valetkey.api.secretsmanager.lookup import alter
from valetkey.api.secretsmanager.shapes import Tag, TagResourceRequest, UntagResourceRequest

TAG_LIMIT = 50
NOTHING: Output = {}


def tag_resource(call: Call, request: TagResourceRequest) -> Output:
    """Set tags of a secret."""
    new = read_tags(request["Tags"])
    alter(
        call,
        request,
        lambda secret: msgspec.structs.replace(
            secret, tags=checked_count({**_without(secret.tags, new), **new})
        ),
    )
    return NOTHING


def untag_resource(call: Call, request: UntagResourceRequest) -> Output:
    """Remove tags of a secret; keys that are not there do no harm."""
    keys = request["TagKeys"]
    alter(
        call,
        request,
        lambda secret: msgspec.structs.replace(secret, tags=_without(secret.tags, keys)),
    )
    return NOTHING


def read_tags(tags: Sequence[Tag]) -> dict[str, str]:
    """Return the tags of a request.

    Raises ``InvalidParameterException`` for a key that is given twice, empty or reserved, and
    ``LimitExceededException`` for too many.
    """
    keys = [tag.get("Key", "") for tag in tags]
    # Condition keys ignore case, so tags that differ in nothing else could not be told apart.
    if len({key.casefold() for key in keys}) != len(keys):
        raise invalid_parameter("You can't use the same tag key twice.")
    if any(not key or key.casefold().startswith("aws:") for key in keys):
        raise invalid_parameter("Tag keys can't be empty or begin with aws:.")
    return checked_count({tag.get("Key", ""): tag.get("Value", "") for tag in tags})


def checked_count(tags: dict[str, str]) -> dict[str, str]:
    """Return tags that are not too many. Raises ``LimitExceededException``."""
    if len(tags) > TAG_LIMIT:
        raise limit_exceeded(f"A secret can have at most {TAG_LIMIT} tags.")
    return tags


def _without(old: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    folded = {key.casefold() for key in keys}
    return {key: value for key, value in old.items() if key.casefold() not in folded}


def shown_tags(tags: Mapping[str, str]) -> list[Tag]:
    """Return a secret's tags as responses list them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
