"""Whatever stands in a document: it is refused as malformed, or it decides."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.building import ACCOUNT, JOB, PROVIDER_ARN, WEB, both_ways, request
from valetkey.diagnostics import Source, render, to_json
from valetkey.policy import BASES, MalformedPolicy, Policies, PolicyType, compile_policy

TEXTS = st.sampled_from(
    [
        "",
        "*",
        "a",
        "Allow",
        "Deny",
        "2012-10-17",
        "2008-10-17",
        "s3:*",
        "sts:AssumeRole",
        "arn:aws:s3:::kiln/*",
        "arn:aws:iam::1:user/${aws:username}",
        "arn:::::",
        ACCOUNT,
        PROVIDER_ARN,
        "${a",
        "${*}",
        "${x:y, 'z'}",
        "10.0.0.0/8",
        "1e5",
        "true",
        "٣",
        "\U0001f600",
    ]
) | st.text(max_size=8)
SCALARS = TEXTS | st.booleans() | st.none() | st.integers() | st.floats(allow_nan=False)
LOOSE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
LISTS = TEXTS | st.lists(TEXTS, max_size=3)
OPERATORS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]),
    st.sampled_from(sorted(BASES)),
    st.sampled_from(["", "IfExists"]),
)
CONDITIONS = st.dictionaries(
    OPERATORS | TEXTS, st.dictionaries(TEXTS, SCALARS | LISTS, max_size=2) | LOOSE, max_size=2
)
PRINCIPALS = (
    st.dictionaries(
        st.sampled_from(["AWS", "Federated", "Service", "CanonicalUser"]) | TEXTS, LISTS, max_size=2
    )
    | LOOSE
)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]) | LOOSE},
    optional={
        "Sid": LOOSE,
        "Principal": PRINCIPALS,
        "NotPrincipal": PRINCIPALS,
        "Action": LISTS | LOOSE,
        "NotAction": LISTS | LOOSE,
        "Resource": LISTS | LOOSE,
        "NotResource": LISTS | LOOSE,
        "Condition": CONDITIONS | LOOSE,
        "effect": LOOSE,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"Statement": STATEMENTS | st.lists(STATEMENTS, max_size=3) | LOOSE},
    optional={"Version": TEXTS, "Id": LOOSE, "Extra": LOOSE},
)


@settings(max_examples=600)
@given(DOCUMENTS | LOOSE, st.sampled_from(PolicyType), st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_any_document_is_refused_or_decides(
    value: Any, kind: PolicyType, values: dict[str, str]
) -> None:
    try:
        policy = compile_policy(Source("p", json.dumps(value)), kind, name="p")
    except MalformedPolicy as refusal:
        findings = refusal.diagnostics()
    else:
        folded = {key.lower(): got for key, got in values.items()}
        held = {
            PolicyType.IDENTITY: Policies(identity=(policy,)),
            PolicyType.BOUNDARY: Policies(boundary=policy),
            PolicyType.SESSION: Policies(session=(policy,)),
        }.get(kind)
        for by in (JOB, WEB):
            both_ways(held or Policies(resource=policy), request(values=folded, by=by))
        return
    for finding in findings:
        assert render(finding)
        assert to_json(finding)


@given(st.data())
def test_a_policy_with_a_character_changed_is_refused_or_decides(data: st.DataObject) -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::kiln/${a:b}",
                "Condition": {"StringLike": {"k": ["a*", "${c, 'd'}"]}, "Bool": {"e": True}},
            },
        }
    )
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.text(max_size=2)) + text[at + 1 :]
    try:
        policy = compile_policy(Source("p", changed), PolicyType.IDENTITY, name="p")
    except MalformedPolicy as refusal:
        findings = refusal.diagnostics()
    else:
        both_ways(Policies(identity=(policy,)), request())
        return
    assert all(label.span.start <= len(changed) for each in findings for label in each.labels)
