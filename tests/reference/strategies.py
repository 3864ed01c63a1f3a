"""Random policies and requests, of all kinds at once, biased so that they often meet.

The form of a case (places, documents, statements, condition keys) is drawn piece by piece, so that
a counterexample shrinks to few of them; each statement's inside comes from one seed.
"""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from reference.elements import condition, keys_of, statement
from reference.texts import Drawn
from reference.typed_values import GOT, KEYS
from reference.vocabulary import ACCOUNT, ACTIONS, OTHER, REQUESTERS, RESOURCES, ROLE_ACTIONS

SEEDED = st.randoms(use_true_random=True)
PLACES = (
    *[("resource",)] * 4,
    (),
    ("boundary",),
    ("session",),
    ("boundary", "resource"),
    ("session", "resource"),
    ("boundary", "session", "resource"),
)
VALUES = {key: st.sampled_from(GOT[family]) for family, keys in KEYS.items() for key in keys}
CONTEXTS: st.SearchStrategy[Drawn] = st.lists(
    st.sampled_from(sorted(VALUES)), max_size=4, unique=True
).flatmap(
    lambda keys: st.fixed_dictionaries(
        {key: VALUES[key] | VALUES[key] | st.lists(VALUES[key], max_size=3) for key in keys}
    )
)
"""A request's condition keys: missing, with one value, or several."""


def statements(case: Drawn, place: str, *, effect: str = "") -> st.SearchStrategy[Drawn]:
    """Draw a statement for a place, after a case's request."""
    return SEEDED.map(lambda random: statement(random, case, place, effect=effect))


@st.composite
def documents(draw: st.DrawFn, case: Drawn, place: str) -> Drawn:
    """Draw a document for a place; those of resources may be of the older version."""
    several = draw(st.lists(statements(case, place), min_size=1, max_size=3))
    document: Drawn = {"Statement": several[0] if len(several) == 1 else several}
    versions: list[str | None] = ["2012-10-17"]
    if place in ("resource", "resource_trust"):
        versions = ["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", None]
    version = draw(st.sampled_from(versions))
    return document if version is None else {"Version": version, **document}


@st.composite
def requests(draw: st.DrawFn) -> Drawn:
    """Draw a request and its context: a case without policies."""
    by = draw(st.sampled_from([*REQUESTERS[:2], *REQUESTERS]))
    trust = draw(st.booleans())
    context = draw(CONTEXTS)
    if by["kind"] == "AWS" and draw(st.booleans()):
        context["aws:PrincipalArn"] = by["names"][-1]
    owners = [ACCOUNT, by["account"], by["account"], OTHER, None]
    return {
        "policies": {},
        "request": {
            "action": draw(st.sampled_from(ROLE_ACTIONS if trust else ACTIONS)),
            "resource": RESOURCES[-3] if trust else draw(st.sampled_from(RESOURCES)),
            "requester": by,
            "resource_account": draw(st.sampled_from(owners)),
        },
        "context": context,
    }


@st.composite
def cases(draw: st.DrawFn) -> Drawn:
    """Draw a request and the policies of all the places that bear on it."""
    case = draw(requests())
    policies = case["policies"]
    trust = case["request"]["action"] in ROLE_ACTIONS
    where = draw(st.sampled_from(PLACES))
    policies["identity"] = draw(st.lists(documents(case, "identity"), max_size=2))
    if "boundary" in where:
        policies["boundary"] = draw(documents(case, "boundary"))
    if "session" in where:
        policies["session"] = draw(st.lists(documents(case, "session"), max_size=2))
    if "resource" in where or case["request"]["requester"]["kind"] != "AWS":
        place = "resource_trust" if trust else "resource"
        policies[place] = draw(documents(case, place))
    return case


@st.composite
def operator_cases(draw: st.DrawFn, base: str) -> tuple[Drawn, Drawn]:
    """Draw one operator on one key, and a context."""
    key = keys_of(base)[0]
    name = st.sampled_from(["*", "a*", "?", "ann", "a", ""])
    context: Drawn = draw(st.fixed_dictionaries({}, optional={"aws:username": name}))
    got: Any = draw(st.none() | VALUES[key] | VALUES[key] | st.lists(VALUES[key], max_size=3))
    if got is not None:
        context[key] = got
    operator, spelling, wanted = condition(draw(SEEDED), base, key, context)
    return {operator: {spelling: wanted}}, context


def neighbours(case: Drawn) -> Iterator[Drawn]:
    """Yield a case, and those that differ from it in one point of the request."""
    yield case
    request, context = case["request"], case["context"]
    for by in REQUESTERS:
        yield {**case, "request": {**request, "requester": by}}
        yield {**case, "request": {**request, "requester": by, "resource_account": by["account"]}}
    for owner in (ACCOUNT, OTHER, None):
        yield {**case, "request": {**request, "resource_account": owner}}
    for resource in RESOURCES:
        yield {**case, "request": {**request, "resource": resource}}
    for key in context:
        yield {**case, "context": {name: context[name] for name in context if name != key}}
