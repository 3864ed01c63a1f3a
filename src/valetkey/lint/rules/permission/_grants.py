"""What rules over permissions share: what a statement grants, on what, and what narrows it."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from valetkey.lint.patterns import is_wild
from valetkey.policy import Element, PolicyDocument, PolicyType, Statement, Value, glob

IDENTITY: Final = frozenset({PolicyType.IDENTITY})
CALLERS: Final = frozenset({PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION})
PERMISSIONS: Final = CALLERS | {PolicyType.RESOURCE}

CIRCUMSTANCES: Final = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:sourceip",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:viaawsservice",
    }
)
"""Conditions on these say when, from where or how: neither what is done, nor to what, nor who."""

_ALL_OF_A_KIND: Final = re.compile(r"(?:[A-Za-z-]*[/:])?\*+")
SENSITIVE: Final = frozenset(
    {
        "account",
        "cloudformation",
        "dynamodb",
        "ec2",
        "iam",
        "kms",
        "lambda",
        "organizations",
        "rds",
        "s3",
        "secretsmanager",
        "ssm",
        "sso",
        "sts",
    }
)
"""Services of which all actions on all resources amount to much more than one service."""


def allows(document: PolicyDocument) -> Iterator[Statement]:
    """Yield the Allow statements that list what they allow."""
    for statement in document.statements:
        if not statement.denies and statement.action is not None:
            yield statement


def on_everything(document: PolicyDocument) -> Iterator[tuple[Value, Element]]:
    """Yield the actions that are allowed on every resource and narrowed by nothing.

    Beside each stand the resources.
    """
    for statement in allows(document):
        action, resource = statement.action, statement.resource
        if action is None or action.negated or resource is None:
            continue
        if has_every_resource(statement) and not is_narrowed(statement):
            yield from ((value, resource) for value in action.values)


def has_every_resource(statement: Statement) -> bool:
    """Tell whether `*` is among the resources."""
    return any(is_everything(value.text) for value in _values(statement.resource))


def is_everything(text: str) -> bool:
    """Tell whether a text is nothing but stars."""
    return bool(text) and not text.strip("*")


def is_every_action(text: str) -> bool:
    """Tell whether an action stands for all actions of all services."""
    return is_everything(text.replace(":", "", 1)) and text.count(":") <= 1


def is_all_of_a_kind(resource: str) -> bool:
    """Tell whether a resource is `*`, or every resource of a kind: `arn:aws:iam::…:role/*`."""
    return is_everything(resource) or bool(_ALL_OF_A_KIND.fullmatch(resource.split(":", 5)[-1]))


def wide_resources(statement: Statement) -> tuple[Value, ...]:
    """Return the resources that are everything of their kind."""
    return tuple(v for v in _values(statement.resource) if is_all_of_a_kind(v.text))


def is_narrowed(statement: Statement) -> bool:
    """Tell whether a condition narrows what is done or to what, not only when or from where."""
    return any(entry.key.lower() not in CIRCUMSTANCES for entry in statement.conditions)


def granted(statement: Statement, names: Iterable[str]) -> dict[str, Value]:
    """Return which of some actions (in lower case) an Allow lists, with what lists each first.

    What is reported as a whole (all actions, all of a sensitive service, on everything) is left
    out.
    """
    element = statement.action
    if element is None or element.negated:
        return {}
    found: dict[str, Value] = {}
    wanted = list(names)
    everywhere = has_every_resource(statement)
    for value in element.values:
        text = value.text.lower()
        if everywhere and is_reported_whole(text):
            continue
        if not is_wild(text):
            matching = [text] if text in wanted else []
        else:
            compiled = glob(text)
            matching = [name for name in wanted if compiled.matches(name)]
        for name in matching:
            found.setdefault(name, value)
    return found


def is_reported_whole(action: str) -> bool:
    """Tell whether an action on `*` has a rule of its own: all actions, or a whole service."""
    service, _, name = action.partition(":")
    return is_every_action(action) or (is_everything(name) and service.lower() in SENSITIVE)


def denied(document: PolicyDocument, names: Iterable[str]) -> frozenset[str]:
    """Return which of some actions (in lower case) the document denies for every resource."""
    found: set[str] = set()
    wanted = list(names)
    for statement in document.statements:
        plain = statement.denies and not statement.conditions and has_every_resource(statement)
        element = statement.action
        if not plain or element is None or element.negated or _is_inverse(statement.resource):
            continue
        for value in element.values:
            compiled = glob(value.text.lower())
            found.update(name for name in wanted if compiled.matches(name))
    return frozenset(found)


def _is_inverse(element: Element | None) -> bool:
    return element is not None and element.negated


def _values(element: Element | None) -> tuple[Value, ...]:
    return () if element is None or element.negated else element.values
