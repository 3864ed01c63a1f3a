"""Whether a visitor may: every question is asked, and what a policy wants to know is looked up."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from valetkey.access import AccessDenied, Target, applicable_policies, authorise, permits
from valetkey.gateway.model import Question
from valetkey.gateway.visit import Visit
from valetkey.policy import CompiledPolicy, condition_keys
from valetkey.store import BucketPlace

TagLookUp = Callable[[], Awaitable[Mapping[str, str] | None]]
"""Fetches the tags that a resource has at its upstream; None where it can't be asked for them."""

_SPELLINGS: Final = ("s3:ExistingObjectTag/", "aws:ResourceTag/", "ec2:ResourceTag/")
_TAG_KEYS: Final = ("s3:existingobjecttag/", "aws:resourcetag/", "ec2:resourcetag/")


class Asked(NamedTuple):
    """A question, with what answering it needs.

    ``place`` is where its bucket is; without it ``account`` owns the resource. ``tags`` finds the
    tags of the resource. ``unknown`` are condition keys whose values only AWS would know.
    """

    question: Question
    place: BucketPlace | None = None
    tags: TagLookUp | None = None
    account: str | None = None
    unknown: frozenset[str] = frozenset()


async def allow(visit: Visit, asked: Iterable[Asked]) -> None:
    """Have every question allowed. The record is about the first of them, or what was refused.

    Raises :class:`AccessDenied` with AWS's sentence.
    """
    event = visit.event
    first = None
    for one in asked:
        await ask(visit, one)
        first = first or (event.action, event.resource, event.decision)
    if first is not None:
        event.action, event.resource, event.decision = first


async def ask(visit: Visit, asked: Asked) -> None:
    """Have one question allowed; raises :class:`AccessDenied`."""
    question, target = asked.question, target_of(visit, asked)
    if asked.tags and question.existing_tags and names_any(visit, _TAG_KEYS, target):
        # What can't be looked up is recorded as well.
        visit.event.action, visit.event.resource = question.action, question.resource
        target = _with_tags(target, await asked.tags())
    try:
        authorise(
            visit.caller,
            question.action,
            target,
            directory=visit.directory,
            facts=visit.facts,
            event=visit.event,
        )
    except AccessDenied as denied:
        if visit.proof is None and not visit.caller.arn:
            # S3 tells a stranger no more than this.
            raise AccessDenied(
                "Access Denied", check=denied.check or "policy", reason=denied.reason
            ) from None
        raise


def may(visit: Visit, question: Question, place: BucketPlace | None = None) -> bool:
    """Tell whether the visitor may do something that was not asked for; nothing is recorded."""
    target = target_of(visit, Asked(question, place))
    return permits(
        visit.caller, question.action, target, directory=visit.directory, facts=visit.facts
    )


def target_of(visit: Visit, asked: Asked) -> Target:
    """Return what a question is about, as ``access`` takes it."""
    question, place = asked.question, asked.place
    policy = None
    if place is not None and place.record is not None:
        policy = visit.directory.bucket_policy(place.record)
    return Target(
        resource=question.resource,
        context=dict(question.context),
        shown=f'"{question.resource}"' if question.action.startswith("s3:") else None,
        policy=policy,
        account=place.owner if place is not None else asked.account,
        unknown=asked.unknown,
    )


def names_any(visit: Visit, beginnings: tuple[str, ...], target: Target | None = None) -> bool:
    """Tell whether any policy that bears on a target tests a condition key that begins so."""
    policies = applicable_policies(visit.caller, target or Target(), visit.directory)
    return any(_names_any(policy, beginnings) for policy in policies.all())


@lru_cache(4096)
def _names_any(policy: CompiledPolicy, beginnings: tuple[str, ...]) -> bool:
    return any(key.startswith(beginnings) for key in condition_keys(policy))


def _with_tags(target: Target, tags: Mapping[str, str] | None) -> Target:
    if tags is None:
        return replace(target, unknown=target.unknown | {*_SPELLINGS})
    values = {f"{prefix}{key}": value for key, value in tags.items() for prefix in _SPELLINGS}
    return replace(target, context={**target.context, **values})
