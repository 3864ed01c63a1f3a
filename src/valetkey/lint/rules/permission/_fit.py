"""Which resources an action can be asked of, held against the resources of a statement."""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from valetkey.lint import iam
from valetkey.lint.patterns import FIELDS, arn_overlap, is_wild
from valetkey.lint.rules.permission._grants import is_everything
from valetkey.policy import Statement, Value

_OF_AWS: Final = "aws"


class Unreachable(NamedTuple):
    """An action of a statement that none of its resources is for."""

    value: Value
    actions: tuple[iam.Action, ...]

    @property
    def asks_for_everything(self) -> bool:
        """Tell whether the action is one that is asked of `*` only."""
        return not any(action.resources for action in self.actions)


@lru_cache(maxsize=8192)
def fitting(resource: str) -> frozenset[str] | None:
    """Return the ARNs of the types of resource that a resource of a policy may be.

    None where that can't be told: it is no ARN, or of a service whose resources are not known.
    """
    fields = resource.split(":", FIELDS - 1)
    if len(fields) < FIELDS or is_wild(fields[2]) or "${" in fields[2]:
        return None
    types = iam.resource_types(fields[2])
    if not types:
        return None
    found = frozenset(each.arn for each in types if arn_overlap(resource, each.arn))
    # What AWS shares with every account, such as CloudFormation's transforms, is not in the list.
    return None if not found and fields[4] == _OF_AWS else found


def first_for(
    action: str, resources: tuple[Value, ...], kinds: Collection[str] = ()
) -> Value | None:
    """Return the first of some resources that an action may be asked of.

    ``kinds`` are the types of resource that count, by their names, if not all do.
    """
    return next((each for each in resources if _may_be_asked(action, each.text, kinds)), None)


def unreachable(statement: Statement) -> Iterator[Unreachable]:
    """Yield the actions that no resource of a statement is for; nothing where that is unsure."""
    action, resource = statement.action, statement.resource
    if action is None or resource is None or action.negated or resource.negated:
        return
    texts = [value.text for value in resource.values]
    fits = [fitting(text) for text in texts]
    if not texts or any(each is None or not each for each in fits):
        return
    arns = frozenset(arn for each in fits if each is not None for arn in each)
    whole = any(_may_be_whole(text) for text in texts)
    for value in action.values:
        actions = iam.expand(value.text)
        if actions and not any(_reaches(each, arns, whole=whole) for each in actions):
            yield Unreachable(value, actions)


def _may_be_asked(action: str, resource: str, kinds: Collection[str]) -> bool:
    known, fits = iam.expand(action), fitting(resource)
    if not known or fits is None:
        return True
    if kinds:
        return any(each.arn in fits for each in known[0].resources if each.name in kinds)
    return _reaches(known[0], fits, whole=True)


def _reaches(action: iam.Action, arns: frozenset[str], *, whole: bool) -> bool:
    if not action.resources:
        return whole
    return any(each.arn in arns or "${" in each.arn.split(":")[2] for each in action.resources)


def _may_be_whole(text: str) -> bool:
    """Tell whether a resource may match what stands for a service as a whole: `…:*`.

    S3 names all buckets so; a policy's variable may be anything.
    """
    last = text.split(":", FIELDS - 1)[-1]
    return is_everything(text) or last.strip("*") == "" or last.startswith(("*", "${"))
