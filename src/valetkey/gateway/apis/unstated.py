"""What AWS would know of a resource and a request does not say."""

from valetkey.gateway.apis.authorization import ResourceType, action_of
from valetkey.gateway.model import Question

_STATED_ELSEWHERE = ("aws:", "iam:")


def unstated(question: Question) -> frozenset[str]:
    """Return the service's condition keys that the question could have and does not.

    Such as the type of an instance that is to be stopped. A condition on one of them can't be
    evaluated here: where a key is only missing, ``…IfExists``, ``Null`` and the negated operators
    would hold of it all the same. Keys of tags are not among them (``existing_tags`` tells of
    those), nor is a key that the request leaves out because it has no value for it, so far as
    that is known.
    """
    action = action_of(question.action)
    if action is None:
        return frozenset()
    keys = {
        key
        for row in action.rows
        if row.kind is None or _is_of(row.kind, question.resource)
        for key in row.keys
    }
    return frozenset(
        key
        for key in keys - question.context.keys()
        if not key.startswith(_STATED_ELSEWHERE) and "Tag/" not in key and "${" not in key
        if key != "ec2:Region"
    )


def _is_of(kind: ResourceType, resource: str) -> bool:
    return resource == "*" or kind.match(resource) is not None
