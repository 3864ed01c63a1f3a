"""Laws of every policy of every place, over the reference evaluator's random cases.

``tests/policy/test_laws.py`` has the laws of one document; here stand those that turn whole cases
about: what may be added, and what is mere spelling.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reference.both import Case, by_engine
from reference.strategies import cases, neighbours, statements
from valetkey.policy import Decision, PolicyType, Reason

RANDOM = st.randoms(use_true_random=False)
Verdict = tuple[bool, Reason, PolicyType | None]


def verdict(decision: Decision) -> Verdict:
    return decision.allowed, decision.reason, decision.denied_by


def documents(policies: Case) -> list[tuple[str, Case]]:
    """Every document of a case with its place."""
    found: list[tuple[str, Case]] = []
    for place, given_ in policies.items():
        found += [(place, each) for each in (given_ if isinstance(given_, list) else [given_])]
    return found


def every_document(case: Case, change: Callable[[Case], Any]) -> Case:
    """Return the case with each of its documents changed."""
    policies = {
        place: [change(each) for each in given_] if isinstance(given_, list) else change(given_)
        for place, given_ in case["policies"].items()
    }
    return {**case, "policies": policies}


def listed(document: Case) -> list[Any]:
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


@settings(max_examples=120)
@given(cases())
def test_the_trace_changes_nothing_for_anybody(case: Case) -> None:
    for each in list(neighbours(case))[::3]:
        plain, traced = by_engine(each), by_engine(each, trace=True)
        assert traced.trace is not None
        assert verdict(plain) == verdict(traced)
        assert plain.determining == traced.determining


@settings(max_examples=150)
@given(cases(), st.data())
def test_one_more_deny_in_any_place_never_allows(case: Case, data: st.DataObject) -> None:
    before = by_engine(case)
    more = with_another(case, "Deny", data)
    assert before.allowed or not by_engine(more).allowed


@settings(max_examples=150)
@given(cases(), st.data())
def test_one_more_allow_in_any_place_never_denies(case: Case, data: st.DataObject) -> None:
    before = by_engine(case)
    more = with_another(case, "Allow", data)
    assert by_engine(more).allowed or not before.allowed


def with_another(case: Case, effect: str, data: st.DataObject) -> Case:
    """Return the case with one statement more in one of its documents."""
    changed = deepcopy(case)
    found = documents(changed["policies"])
    if not found:
        return changed
    place, document = data.draw(st.sampled_from(found))
    statement = data.draw(statements(case, place, effect=effect))
    every = listed(document)
    every.insert(data.draw(st.integers(0, len(every))), statement)
    document["Statement"] = every
    return changed


@settings(max_examples=150)
@given(cases(), RANDOM)
def test_the_order_of_anything_changes_nothing(case: Case, random: Random) -> None:
    turned = every_document(case, lambda document: shuffled(document, random))
    for place in ("identity", "session"):
        random.shuffle(turned["policies"].get(place, []))
    assert verdict(by_engine(turned)) == verdict(by_engine(case))


def shuffled(value: Any, random: Random) -> Any:
    """Return a JSON value with its members and lists in another order, all the way down."""
    if isinstance(value, dict):
        members = [(name, shuffled(each, random)) for name, each in value.items()]
        random.shuffle(members)
        return dict(members)
    if isinstance(value, list):
        items = [shuffled(each, random) for each in value]
        random.shuffle(items)
        return items
    return value


@settings(max_examples=150)
@given(cases())
def test_saying_anything_twice_changes_nothing(case: Case) -> None:
    twice = every_document(
        case, lambda document: doubled({**document, "Statement": listed(document)})
    )
    for place in ("identity", "session"):
        if twice["policies"].get(place):
            twice["policies"][place] *= 2
    assert verdict(by_engine(twice)) == verdict(by_engine(case))


def doubled(value: Any) -> Any:
    """Return a JSON value whose lists hold everything twice."""
    if isinstance(value, dict):
        return {name: doubled(each) for name, each in value.items()}
    if isinstance(value, list):
        return [doubled(each) for each in value] * 2
    return value


@settings(max_examples=150)
@given(cases(), st.sampled_from([None, 1, "\t", "\r\n "]))
def test_spelling_of_the_json_changes_nothing(case: Case, indent: int | str | None) -> None:
    spelled = every_document(
        case, lambda document: json.dumps(listed_values(document), indent=indent, ensure_ascii=True)
    )
    assert verdict(by_engine(spelled)) == verdict(by_engine(case))


def listed_values(document: Case) -> Case:
    """Return the document with every single value as a list of one."""
    return {**document, "Statement": [in_lists(each) for each in listed(document)]}


def in_lists(statement: Case) -> Case:
    """Return the statement with every single value as a list of one."""
    made = {
        name: value
        if name in ("Effect", "Condition") or isinstance(value, dict)
        else as_list(value)
        for name, value in statement.items()
    }
    for name in ("Principal", "NotPrincipal"):
        if name in made:
            made[name] = principal_in_lists(statement[name])
    made["Condition"] = {
        operator: {key: as_list(wanted) for key, wanted in keys.items()}
        for operator, keys in statement.get("Condition", {}).items()
    }
    return made


def principal_in_lists(element: Any) -> Any:
    if element == "*":
        return element
    return {kind: as_list(values) for kind, values in element.items()}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@settings(max_examples=150)
@given(cases(), RANDOM)
def test_case_of_actions_and_keys_changes_nothing(case: Case, random: Random) -> None:
    def turned(text: str) -> str:
        return random.choice([text.upper(), text.lower(), text.swapcase()])

    changed = every_document(case, lambda document: recased(document, turned))
    changed["context"] = {turned(key): value for key, value in case["context"].items()}
    changed["request"] = {**case["request"], "action": turned(case["request"]["action"])}
    assert verdict(by_engine(changed)) == verdict(by_engine(case))


def recased(document: Case, turned: Callable[[str], str]) -> Case:
    """Return the document with the case of its actions and condition keys turned."""
    made = deepcopy(document)
    for statement in listed(made):
        name = "Action" if "Action" in statement else "NotAction"
        statement[name] = [turned(each) for each in as_list(statement[name])]
        for operator, keys in statement.get("Condition", {}).items():
            if len({key.lower() for key in keys}) == len(keys):
                statement["Condition"][operator] = {turned(key): each for key, each in keys.items()}
    return made


@settings(max_examples=150)
@given(cases(), st.text("ab*${}", max_size=4) | st.lists(st.just("a"), max_size=2))
def test_what_no_policy_asks_for_changes_nothing(case: Case, value: str | list[str]) -> None:
    more = {**case, "context": {**case["context"], "x:unasked": value}}
    assert verdict(by_engine(more)) == verdict(by_engine(case))
