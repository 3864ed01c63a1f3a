"""Whether a visitor may: every question is asked, and what a policy wants to know is looked up."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from valetkey.access import AccessDenied, Target, applicable_policies, authorise, permits
from valetkey.gateway.model import Context, Question
from valetkey.gateway.visit import Visit
from valetkey.policy import CompiledPolicy, condition_keys
from valetkey.store import BucketPlace

TagLookUp = Callable[[], Awaitable[Mapping[str, str]]]
"""Fetches the tags that a resource has at its upstream."""

_SPELLINGS: Final = ("s3:ExistingObjectTag/", "aws:ResourceTag/", "ec2:ResourceTag/")
_TAG_KEYS: Final = ("s3:existingobjecttag/", "aws:resourcetag/", "ec2:resourcetag/")


class Asked(NamedTuple):
    """A question, with what answering it needs.

    ``place`` is where its bucket is; without it ``account`` owns the resource. ``tags`` finds the
    tags of the resource.
    """

    question: Question
    place: BucketPlace | None = None
    tags: TagLookUp | None = None
    account: str | None = None


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
    if asked.tags is not None and question.existing_tags and _look_at_tags(visit, target):
        target = target_of(visit, asked, _tag_values(await asked.tags()))
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


def target_of(visit: Visit, asked: Asked, more: Context | None = None) -> Target:
    """Return what a question is about, as ``access`` takes it."""
    question, place = asked.question, asked.place
    policy = None
    if place is not None and place.record is not None:
        policy = visit.directory.bucket_policy(place.record)
    return Target(
        resource=question.resource,
        context={**question.context, **(more or {})},
        shown=f'"{question.resource}"' if question.action.startswith("s3:") else None,
        policy=policy,
        account=place.owner if place is not None else asked.account,
    )


def _look_at_tags(visit: Visit, target: Target) -> bool:
    policies = applicable_policies(visit.caller, target, visit.directory)
    return any(map(_names_tags, policies.all()))


@lru_cache(4096)
def _names_tags(policy: CompiledPolicy) -> bool:
    return any(key.startswith(_TAG_KEYS) for key in condition_keys(policy))


def _tag_values(tags: Mapping[str, str]) -> Context:
    return {f"{prefix}{key}": value for key, value in tags.items() for prefix in _SPELLINGS}
