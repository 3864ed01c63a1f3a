"""Whatever stands in a text: every rule says something or nothing, soon, and never fails."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valetkey.diagnostics import Source, render, to_json
from valetkey.lint import Facts, Provider
from valetkey.lint.embedded import Checked
from valetkey.lint.reports import Report, as_codequality, as_json, as_sarif
from valetkey.lint.silence import silenced
from valetkey.lint.text import Asking, lint_text
from valetkey.policy import BASES, PolicyType

HOSTS = ["gitlab.com", "gitlab.forge.example", "token.actions.githubusercontent.com"]
KNOWN = frozenset({"CI001"})
FACTS = Facts((Provider("https://gitlab.forge.example", ("https://sts.example",)),))
TEXTS = st.sampled_from(
    [
        "", "*", "?", "**", "Allow", "Deny", "2012-10-17", "2008-10-17", "s3:*", "s3:GetObject",
        "iam:PassRole", "sts:AssumeRoleWithWebIdentity", "sts:*", "*:*", ":", "s3:", "::::::",
        "arn:aws:s3:::kiln/*", "arn:aws:iam::1:user/${aws:username}", "arn:::::", "400000000019",
        *(f"arn:aws:iam::400000000019:oidc-provider/{host}" for host in HOSTS),
        "project_path:lanterns/*", "project_path:lanterns/kiln:ref_type:branch:ref:main",
        "project_path:::ref_type:mr", "repo:acme/x:ref:refs/heads/*", "repo:", "${a", "${*}",
        "${x:y, 'z'}", "10.0.0.0/8", "10.0.0.0/99", "1e5", "true", "٣", "\U0001f600", "\\", '"',
    ]
) | st.text(max_size=8)  # fmt: skip
KEYS = (
    st.sampled_from(
        [f"{host}:{claim}" for host in HOSTS for claim in ("sub", "aud", "ref", "project_id", "x")]
        + ["aws:SourceIp", "aws:PrincipalTag/", "s3:prefix", "sts:ExternalId", ":", "/:sub"]
    )
    | TEXTS
)
SCALARS = TEXTS | st.booleans() | st.none() | st.integers() | st.floats(allow_nan=False)
LOOSE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
LISTS = TEXTS | st.lists(TEXTS, max_size=4)
OPERATORS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]),
    st.sampled_from(sorted(BASES)),
    st.sampled_from(["", "IfExists"]),
)
CONDITIONS = st.dictionaries(OPERATORS, st.dictionaries(KEYS, LISTS, max_size=3), max_size=3)
PRINCIPALS = st.just("*") | st.dictionaries(
    st.sampled_from(["AWS", "Federated", "Service", "CanonicalUser"]), LISTS, max_size=2
)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Sid": TEXTS,
        "Principal": PRINCIPALS,
        "NotPrincipal": PRINCIPALS,
        "Action": LISTS,
        "NotAction": LISTS,
        "Resource": LISTS,
        "NotResource": LISTS,
        "Condition": CONDITIONS | LOOSE,
        "effect": LOOSE,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"Statement": STATEMENTS | st.lists(STATEMENTS, max_size=4) | LOOSE},
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17"]) | TEXTS, "Id": LOOSE},
)
SLOWLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def looked_at(name: str, text: str, kind: PolicyType | None = None) -> tuple[Checked, ...]:
    """Lint a text and write all that is found in every form."""
    source = Source(name, text)
    found = lint_text(source, Asking(FACTS, kind=kind)) or ()
    for checked in found:
        diagnostic = checked.finding.diagnostic
        assert render(diagnostic)
        assert to_json(diagnostic)
        for label in diagnostic.labels:
            assert 0 <= label.span.start <= label.span.end <= len(label.span.source.text)
            assert label.span.source is source
        for edit in checked.finding.edits:
            assert 0 <= edit.start <= edit.end <= len(text)
    report = Report(tuple(each.finding for each in found), 1)
    for form in (as_json, as_sarif, as_codequality):
        assert json.dumps(form(report))
    return found


@SLOWLY
@given(DOCUMENTS, st.sampled_from(PolicyType))
def test_any_policy(value: Any, kind: PolicyType) -> None:
    looked_at("p.json", json.dumps(value, ensure_ascii=False), kind)


@SLOWLY
@given(LOOSE)
def test_any_json(value: Any) -> None:
    looked_at("p.json", json.dumps({"Statement": value, "a": {"Statement": {"Action": value}}}))
    looked_at("p.json", json.dumps({"a": {"Statement": {"Action": value, "Effect": value}}}))


def _holed(value: Any, draw: Any) -> Any:
    """Return a value with some of its parts as functions of CloudFormation."""
    if draw(st.integers(0, 4)) == 0:
        return draw(
            st.sampled_from([{"Ref": "A"}, {"Fn::If": [1, 2, 3]}, {"Fn::Sub": "${A}"}])
            | st.builds(lambda a, b: {"Fn::Sub": f"{a}${{X}}{b}"}, TEXTS, TEXTS)
        )
    if isinstance(value, dict):
        return {key: _holed(each, draw) for key, each in value.items()}
    return [_holed(each, draw) for each in value] if isinstance(value, list) else value


@settings(SLOWLY, max_examples=100)
@given(st.data())
def test_any_template(data: st.DataObject) -> None:
    policy = _holed(data.draw(DOCUMENTS), data.draw)
    text = json.dumps({"AssumeRolePolicyDocument": policy, "PolicyDocument": policy})
    looked_at("stack.yaml", text)
    looked_at("stack.yml", "a:\n  - " + text)


HCL = st.sampled_from(
    [
        'data "aws_iam_policy_document" "d" {\n', "statement {\n", "}\n", "condition {\n",
        "principals {\n", 'type = "AWS"\n', 'identifiers = ["*"]\n',
        'actions = ["s3:*", var.a]\n', 'resources = ["arn:aws:s3:::${var.b}/*"]\n',
        'test = "StringLike"\n', "values = var.v\n", 'variable = "gitlab.com:sub"\n',
        'dynamic "condition" {\n', "policy = jsonencode({\n", "Statement = [{\n",
        'Effect = "Allow"\n', "Action = var.a\n", '"Statement": ', "}]\n", "})\n", "<<EOT\n",
        "EOT\n", '{"Statement": {"Effect": "Allow", "Action": "${a}"}}\n', '"${', "[", "{", "(",
        '"', "for a in b : a => ", "%{ if x }", "$${", "\\", "=", "# x\n", "é",
    ]
)  # fmt: skip


@settings(SLOWLY, max_examples=300)
@given(st.lists(HCL, max_size=40))
def test_any_hcl(parts: list[str]) -> None:
    looked_at("main.tf", "".join(parts) + "\n# Statement =")


WORDS = st.sampled_from(
    [
        "aws sts assume-role-with-web-identity", "--role-arn", "$ROLE_ARN", '"$(', ")", "$(", "|",
        "export", "set -e", "||", "true", "&&", "\n", "echo $AWS_TOKEN", "{", "}", "'", "`", "<<E",
        "E\n", "#", "$CI_JOB_JWT", "--web-identity-token", "curl", ";", "if", "then", "fi", "é",
    ]
) | st.text(max_size=6)  # fmt: skip
SCRIPTS = st.lists(st.lists(WORDS, max_size=8).map(" ".join), min_size=1, max_size=4)
JOBS = st.fixed_dictionaries(
    {"script": SCRIPTS},
    optional={
        "id_tokens": st.dictionaries(
            st.sampled_from(["AWS_TOKEN", "T"]), st.fixed_dictionaries({"aud": LISTS}), max_size=2
        ),
        "variables": st.dictionaries(
            st.sampled_from(["ROLE_ARN", "AWS_ACCESS_KEY_ID", "A"]), TEXTS, max_size=3
        ),
        "before_script": SCRIPTS,
        "artifacts": LOOSE,
        "rules": LOOSE,
        "environment": LOOSE,
        "extends": LOOSE,
    },
)


@SLOWLY
@given(st.dictionaries(st.sampled_from(["a", "b", ".c", "default", "variables"]), JOBS, max_size=3))
def test_any_ci_file(value: Any) -> None:
    looked_at(".gitlab-ci.yml", json.dumps(value))


def wide_policy(size: int) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::400000000019:oidc-provider/{HOSTS[1]}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    several = [
        {
            **statement,
            "Condition": {"StringLike": {f"{HOSTS[1]}:sub": f"project_path:lanterns/{n}*"}},
        }
        for n in range(size)
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": several})


def long_policy(size: int) -> str:
    statement = {
        "Effect": "Allow",
        "Action": [f"s3:Get{n}*" for n in range(size)],
        "Resource": [f"arn:aws:s3:::kiln-{n}/*" for n in range(size)],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def long_ci_file(size: int) -> str:
    job = {
        "id_tokens": {"T": {"aud": "https://sts.example"}},
        "script": [
            "export $(aws sts assume-role-with-web-identity --role-arn $ROLE_ARN)",
            "echo $T",
        ],
    }
    return json.dumps({f"job {n}": job for n in range(size)})


def long_hcl(size: int) -> str:
    one = '{ Effect = "Allow", Action = "s3:GetObject", Resource = "${var.a}/*" },\n'
    return f'x = {{ Version = "2012-10-17", Statement = [\n{one * size}] }}\n'


def braces_behind_colons(size: int) -> str:
    return "a" + ":{" * size


def blank_lines(size: int) -> str:
    return "\n" * size + "x"


def braces_left_open(size: int) -> str:
    return f"Statement:\n- Effect: Allow\n  Action: '{'{{' * size}'\n"


def comments_in_a_row(size: int) -> str:
    return "# valetkey:ignore CI001 why\n" * size + "Statement: {Effect: Allow}\n"


def comments_on_a_line(size: int) -> str:
    return "/* valetkey:ignore CI001 why */ " * size + "\nx = { Statement = 1 }\n"


def marks_in_quotes(size: int) -> str:
    return f"Statement: |\n  # valetkey:ignore CI001 why\n  echo '{'# ' * size}'\n"


@pytest.mark.parametrize(
    ("name", "make", "size"),
    [
        ("notes.txt", braces_behind_colons, 4_000),
        ("notes.yml", braces_behind_colons, 4_000),
        ("notes.txt", blank_lines, 10_000),
        ("stack.yaml", braces_left_open, 5_000),
        ("stack.yaml", comments_in_a_row, 1_000),
        ("main.tf", comments_in_a_row, 1_000),
        ("main.tf", comments_on_a_line, 4_000),
        ("stack.yaml", marks_in_quotes, 10_000),
        ("p.json", wide_policy, 100),
        ("p.json", long_policy, 100),
        (".gitlab-ci.yml", long_ci_file, 40),
        ("main.tf", long_hcl, 50),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_four_times_as_much_takes_no_sixteen_times_as_long(name, make, size):
    def seconds(text: str) -> float:
        before = time.process_time()
        source = Source(name, text)
        found = lint_text(source, Asking(FACTS)) or ()
        silenced(source, found, KNOWN, KNOWN)
        return time.process_time() - before

    small, large = make(size), make(4 * size)
    seconds(small)  # what is read once
    assert min(seconds(large) for _ in range(2)) < 10 * min(seconds(small) for _ in range(2)) + 0.2
