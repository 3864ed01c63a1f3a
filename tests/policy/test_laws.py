"""Laws that hold for every policy and every request."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.building import (
    ACCOUNT,
    ANN,
    JOB,
    PROVIDER_ARN,
    ROLE_ARN,
    SESSION_ARN,
    USER_ARN,
    WEB,
    both_ways,
    compiled,
    context,
)
from valetkey.policy import BASES, Policies, PolicyType, Reason, Request, Requester, decide

ACTIONS = ["s3:GetObject", "S3:Get*", "s3:*", "*", "s3:?etObject", "iam:*", "sts:AssumeRole"]
RESOURCES = [
    "*",
    "arn:aws:s3:::kiln",
    "arn:aws:s3:::kiln/*",
    "arn:aws:s3:::kiln/a",
    "arn:aws:s3:::k*/?",
    "arn:aws:s3:::${x:name}/a",
    "arn:aws:s3:::${x:gone}/a",
    "arn:aws:s3:::wick/${x:gone}",
    "arn:aws:s3",
    "arn:*:s3::*:kiln/a",
]
WANTED: dict[str, list[str]] = {
    "Numeric": ["1", "-2.5"],
    "Date": ["2026-01-01", "0"],
    "Bool": ["true", "false"],
    "Null": ["true", "false"],
    "Binary": ["QQ==", ""],
    "IpAddress": ["10.0.0.0/8", "::1"],
    "NotIpAddress": ["10.0.0.0/8", "::1"],
    "Arn": ["arn:aws:s3:::k*", "*", "arn:aws:s3:::${x:name}"],
    "String": ["kiln", "k*", "${x:name}", "${x:gone}", "${x:gone, 'kiln'}", ""],
}
GOT = ["kiln", "1", "true", "10.1.1.1", "arn:aws:s3:::kiln", "QQ==", "2026-01-01", "", "*"]
KEYS = ["x:key", "X:Key", "x:name", "x:other"]


def wanted_by(operator: str) -> list[str]:
    return next(values for prefix, values in WANTED.items() if operator.startswith(prefix))


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in draw(st.lists(st.sampled_from(sorted(BASES)), max_size=2, unique=True)):
        prefix, suffix = "", ""
        if base != "Null":
            prefix = draw(st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]))
            suffix = draw(st.sampled_from(["", "IfExists"]))
        values = draw(st.lists(st.sampled_from(wanted_by(base)), max_size=3))
        found[f"{prefix}{base}{suffix}"] = {draw(st.sampled_from(KEYS)): values}
    return found


PRINCIPALS = st.sampled_from(
    [
        "*",
        {"AWS": "*"},
        {"AWS": ACCOUNT},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        {"AWS": [ROLE_ARN, "400000000027"]},
        {"AWS": USER_ARN},
        {"AWS": SESSION_ARN, "Federated": PROVIDER_ARN},
        {"Federated": PROVIDER_ARN},
        {"Service": "builds.amazonaws.com"},
    ]
)


@st.composite
def statements(draw: st.DrawFn, effect: str | None, place: PolicyType) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Deny"]))}
    trust = place is PolicyType.TRUST
    action = draw(st.sampled_from(["Action", "NotAction"]))
    names = ["sts:*", "sts:Assume*", "sts:AssumeRole"] if trust else ACTIONS
    made[action] = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2))
    if not trust:
        resource = draw(st.sampled_from(["Resource", "NotResource"]))
        made[resource] = draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2))
    if place in (PolicyType.TRUST, PolicyType.RESOURCE):
        principal = draw(PRINCIPALS)
        denies = made["Effect"] == "Deny" and place is PolicyType.RESOURCE
        name = draw(st.sampled_from(["Principal", "NotPrincipal"])) if denies else "Principal"
        made[name] = {"AWS": "*"} if trust and principal == "*" else principal
    made["Condition"] = draw(conditions())
    return made


def documents(place: PolicyType = PolicyType.IDENTITY) -> st.SearchStrategy[dict[str, Any]]:
    many = st.lists(statements(None, place), min_size=1, max_size=4)
    return many.map(lambda made: {"Version": "2012-10-17", "Statement": made})


@st.composite
def requests(draw: st.DrawFn) -> Request:
    value = st.sampled_from(GOT)
    values = st.dictionaries(
        st.sampled_from(["x:key", "x:name", "x:other"]), value | st.lists(value, max_size=3)
    )
    by = draw(
        st.sampled_from(
            [
                ANN,
                JOB,
                WEB,
                Requester("Service", ("builds.amazonaws.com",), None),
                Requester("Anonymous", (), None),
                Requester("AWS", ("arn:aws:iam::400000000027:user/zed",), "400000000027"),
            ]
        )
    )
    resources = ["arn:aws:s3:::kiln/a", "arn:aws:s3:::kiln", "arn:aws:s3:::wick/a", "*"]
    return Request(
        draw(st.sampled_from(["s3:GetObject", "iam:CreateRole", "sts:AssumeRole"])),
        draw(st.sampled_from(resources)),
        context(draw(values)),
        by,
        draw(st.sampled_from([ACCOUNT, "400000000027", None])),
    )


@st.composite
def places(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the documents of all places of a request."""
    kind = draw(st.sampled_from([None, PolicyType.RESOURCE, PolicyType.TRUST]))
    return {
        "identity": draw(st.lists(documents(), max_size=2)),
        "boundary": draw(st.none() | documents()),
        "session": draw(st.none() | st.lists(documents(), max_size=2)),
        "kind": kind,
        "resource": draw(documents(kind)) if kind else None,
    }


def policies(given: dict[str, Any]) -> Policies:
    return Policies(
        tuple(compiled(each) for each in given["identity"]),
        given["boundary"] and compiled(given["boundary"], PolicyType.BOUNDARY),
        None
        if given["session"] is None
        else tuple(compiled(each, PolicyType.SESSION) for each in given["session"]),
        given["kind"] and compiled(given["resource"], given["kind"]),
    )


EMPTY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


def more(document: dict[str, Any], statement: dict[str, Any], at: int) -> dict[str, Any]:
    """Return the document with one statement more."""
    made = list(document["Statement"])
    made.insert(at, statement)
    return {**document, "Statement": made}


@settings(max_examples=400)
@given(places(), requests())
def test_the_trace_changes_nothing(given: dict[str, Any], asked: Request) -> None:
    decision = both_ways(policies(given), asked)
    matched = {
        statement.ref
        for policy in decision.trace or ()
        for statement in policy.statements
        if statement.matched
    }
    assert set(decision.determining) <= matched


@settings(max_examples=300)
@given(places(), requests())
def test_a_decision_is_of_one_piece(given: dict[str, Any], asked: Request) -> None:
    decision = decide(policies(given), asked)
    assert decision.allowed is (decision.reason is Reason.ALLOWED)
    assert (decision.denied_by is None) is decision.allowed
    effects = {ref.effect for ref in decision.determining}
    expected = {Reason.ALLOWED: {"Allow"}, Reason.EXPLICIT_DENY: {"Deny"}}
    assert effects == expected.get(decision.reason, set())


@settings(max_examples=200)
@given(places(), requests(), statements("Deny", PolicyType.IDENTITY), st.integers(0, 4))
def test_one_more_deny_never_allows(
    given: dict[str, Any], asked: Request, statement: dict[str, Any], at: int
) -> None:
    before = decide(policies(given), asked)
    given["identity"] = [more(each, statement, at) for each in given["identity"] or [EMPTY]]
    after = decide(policies(given), asked)
    assert before.allowed or not after.allowed


@settings(max_examples=200)
@given(places(), requests(), st.data(), st.integers(0, 4))
def test_one_more_allow_never_denies(
    given: dict[str, Any], asked: Request, data: st.DataObject, at: int
) -> None:
    before = decide(policies(given), asked)
    if given["kind"]:
        extra = data.draw(statements("Allow", given["kind"]))
        given["resource"] = more(given["resource"], extra, at)
    extra = data.draw(statements("Allow", PolicyType.IDENTITY))
    given["identity"] = [more(each, extra, at) for each in given["identity"]]
    after = decide(policies(given), asked)
    assert after.allowed or not before.allowed


@settings(max_examples=200)
@given(places(), requests(), documents(PolicyType.SESSION))
def test_a_session_policy_never_adds(
    given: dict[str, Any], asked: Request, session: dict[str, Any]
) -> None:
    before = decide(policies({**given, "session": None}), asked)
    after = decide(policies({**given, "session": [session]}), asked)
    assert before.allowed or not after.allowed


@settings(max_examples=200)
@given(documents(), requests())
def test_statements_may_stand_in_any_order(document: dict[str, Any], asked: Request) -> None:
    turned = {**document, "Statement": document["Statement"][::-1]}
    first, second = (
        decide(Policies(identity=(compiled(each),)), asked) for each in (document, turned)
    )
    assert (first.allowed, first.reason) == (second.allowed, second.reason)


PLAIN_STATEMENTS = st.tuples(
    st.sampled_from(["Action", "NotAction"]),
    st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2),
    st.sampled_from(["Resource", "NotResource"]),
    st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2),
)


@settings(max_examples=200)
@given(st.lists(PLAIN_STATEMENTS, min_size=1, max_size=20), requests())
def test_the_index_leaves_out_nothing(made: list[tuple[Any, ...]], asked: Request) -> None:
    statements = [
        {"Effect": "Allow", action: actions, resource: resources}
        for action, actions, resource, resources in made
    ]
    policy = compiled({"Version": "2012-10-17", "Statement": statements})
    both_ways(Policies(identity=(policy,)), asked)
