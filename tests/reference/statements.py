"""A statement against a request: its action, its resource, its conditions."""

import json
from typing import Any

from reference.conditions import holds
from reference.operators import components
from reference.principals import Asked, listed
from reference.templates import Context, pattern_of
from reference.truth import (
    ANY_ONE,
    ONE_WITHIN,
    STAR,
    STAR_WITHIN,
    Token,
    Truth,
    covers,
    either,
    every,
    matches,
    negated,
)

Document = dict[str, Any]


def read(text: str) -> Document:
    """Read a document; a number keeps its spelling, as a value of a condition is a text."""
    document: Document = json.loads(text, parse_int=str, parse_float=str)
    return document


def statements(document: Document) -> list[Document]:
    """A document's statements; "a single statement" needs no list."""
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def has_variables(document: Document) -> bool:
    """Tell the version: "Variables were introduced in version 2012-10-17."."""
    return document.get("Version") == "2012-10-17"


def action_fits(statement: Document, action: str) -> bool:
    """Action: "The prefix and the action name are case insensitive."

    "NotAction is an advanced policy element that explicitly matches everything except the
    specified list of actions."
    """
    name = "Action" if "Action" in statement else "NotAction"
    found = any(
        covers(pattern_of(each.lower(), None, wildcards=True), action.lower())
        for each in listed(statement[name])
    )
    return found is (name == "Action")


def resource_fits(statement: Document, asked: Asked, *, variables: bool) -> Truth:
    """Resource: "the object or objects that the statement applies to".

    "NotResource is an advanced policy element that explicitly matches every resource except
    those specified." A trust policy has neither: its resource is its role.
    """
    if "Resource" not in statement and "NotResource" not in statement:
        return True
    name = "Resource" if "Resource" in statement else "NotResource"
    context = asked.context if variables else None
    found = either(
        resource_matches(each, asked.resource, context) for each in listed(statement[name])
    )
    return found if name == "Resource" else negated(found)


def resource_matches(wanted: str | None, resource: str, context: Context | None) -> Truth:
    """One ARN with wildcards: "within any ARN segment (the parts separated by colons)".

    An action without a resource is asked for on ``*``: "In these cases, you use the wildcard
    character (*) in the Resource element."
    """
    if wanted is None:
        # IAM takes a null in a list and says nowhere what it means.
        return None
    if wanted == "*":
        return True
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return False
    patterns = [pattern_of(each, context, wildcards=True) for each in components(wanted)]
    fits = every(matches(*pair) for pair in zip(patterns, parts, strict=False))
    if fits is not False:
        # IAM shows what is missing as `*`; whether it matches so is nowhere documented.
        return fits if len(patterns) == 6 else None
    return False if matches(running_on(patterns), resource) is False else None


def running_on(patterns: list[list[Token]]) -> list[Token]:
    """The pattern of a whole ARN in which a ``*`` that ends a segment does not stop there.

    "If the * wildcard is the last character of a resource ARN segment, it can expand to match
    beyond the colon boundaries." When it does is not said.
    """
    confined = {STAR: STAR_WITHIN, ANY_ONE: ONE_WITHIN}
    whole: list[Token] = []
    for place, pattern in enumerate(patterns):
        inner = pattern if place == 5 else [confined.get(each, each) for each in pattern[:-1]]
        last = pattern[-1:] if place < 5 else []
        last = [ONE_WITHIN if each == ANY_ONE else each for each in last]
        whole += [*([":"] if place else []), *inner, *last]
    return whole


def applies(document: Document, statement: Document, asked: Asked) -> bool:
    """Whether a statement applies, its principal aside, under the project's rule."""
    variables = has_variables(document)
    fits = every(
        [
            action_fits(statement, asked.action),
            resource_fits(statement, asked, variables=variables),
            holds(statement.get("Condition", {}), asked.context, variables=variables),
        ]
    )
    return fits is not False if statement["Effect"] == "Deny" else fits is True
