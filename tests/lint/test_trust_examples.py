"""What the rules over trust policies say, held against the evaluator that enforces them.

A stranger's subject in a message really gets in, what the help says instead keeps it out; a
statement that admits nobody admits nobody; and no automatic fix lets anybody in.
"""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.documents import Section, sections
from valetkey.arn import iam_arn
from valetkey.diagnostics import Severity, Source
from valetkey.lint import Finding, PolicyRule, all_rules, lint_policy
from valetkey.lint.fix import edited
from valetkey.oidc.issuers import github, gitlab
from valetkey.policy import (
    CompiledPolicy,
    Context,
    MalformedPolicy,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
    glob,
)

ACCOUNT = "400000000019"
HOST = "gitlab.forge.example"
AUDIENCE = "https://vk.example.test"
WEB = "sts:AssumeRoleWithWebIdentity"
ROLE = iam_arn(ACCOUNT, "role/deploy")
DOCUMENTS = Path(__file__).with_name("rules") / "trust"
RULES = {rule.name: rule for rule in all_rules() if rule.code.startswith("TRUST")}

CODES = {rule.code for rule in RULES.values()}

SUB, AUD = f"{HOST}:sub", f"{HOST}:aud"

Claims = dict[str, str]


def policy_of(text: str) -> CompiledPolicy:
    return compile_policy(Source("policy.json", text), PolicyType.TRUST, name="role deploy")


def admits(policy: CompiledPolicy, claims: Claims, host: str = HOST) -> bool:
    request = Request(
        WEB,
        ROLE,
        Context({f"{host}:{name}": value for name, value in claims.items()}),
        Requester("Federated", (iam_arn(ACCOUNT, f"oidc-provider/{host}"),), None),
        ACCOUNT,
    )
    return decide(Policies(resource=policy), request).allowed


def found(text: str, rule: str) -> tuple[Finding, ...]:
    findings = lint_policy(Source("policy.json", text), PolicyType.TRUST, rules=(RULES[rule],))
    return tuple(finding for finding in findings if finding.code == RULES[rule].code)


class Example(NamedTuple):
    """A value that a message says is admitted, the key it is for, and what the help says."""

    text: str
    host: str
    claim: str
    value: str
    instead: tuple[str, ...]


def examples(rule: str) -> Iterator[Example]:
    for section in sections(DOCUMENTS / f"{rule}.md"):
        yield from examples_in(section, rule)


def examples_in(section: Section, rule: str) -> Iterator[Example]:
    text = next(block.body for block in section.blocks if block.info == ("json", "trust"))
    for finding in found(text, rule):
        message = re.fullmatch(
            r".*: `([^`]+)`(?:: .*)?|.*also admits `([^`]+)`.*", finding_of(finding)
        )
        if message is None:
            continue
        conditions = json.loads(text)["Statement"]["Condition"]
        keys = [key for tests in conditions.values() for key in tests]
        at = finding.diagnostic.labels[0].span.start
        key = max(keys, key=lambda one: text.rfind(f'"{one}"', 0, at + len(text)))
        host, _, claim = key.rpartition(":")
        value = message[1] or message[2]
        yield Example(text, host, claim, value, tuple(instead(finding)))


def finding_of(finding: Finding) -> str:
    return finding.diagnostic.message


def instead(finding: Finding) -> Iterator[str]:
    for advice in finding.diagnostic.help:
        yield from (text for text in re.findall(r"`([^`]+)`", advice) if ":" in text or "/" in text)


OPEN = [
    example
    for rule in ("subject_prefix_open", "subject_names_nobody", "tag_passes_for_branch")
    for example in examples(rule)
]
FOLDED = list(examples("subject_ignores_case"))


class TestStrangers:
    def test_there_are_examples(self):
        assert len(OPEN) >= 15
        assert len(FOLDED) == 2

    @pytest.mark.parametrize("example", OPEN + FOLDED, ids=lambda example: example.value)
    def test_they_are_admitted(self, example: Example):
        claims = {example.claim: example.value} | {"aud": AUDIENCE}
        assert admits(policy_of(example.text), claims, example.host)

    @pytest.mark.parametrize("example", OPEN, ids=lambda example: example.value)
    def test_what_the_help_says_keeps_them_out(self, example: Example):
        assert not any(glob(pattern).matches(example.value) for pattern in example.instead)

    @pytest.mark.parametrize(
        "example",
        [example for example in OPEN if example.claim == "sub" and "hub" in example.host],
        ids=lambda example: example.value,
    )
    def test_they_are_subjects_of_github(self, example: Example):
        assert github.parse_subject(example.value)

    @pytest.mark.parametrize(
        "example",
        [example for example in OPEN if example.claim == "sub" and "gitlab" in example.host],
        ids=lambda example: example.value,
    )
    def test_they_are_subjects_of_gitlab(self, example: Example):
        assert gitlab.parse_subject(example.value)


@pytest.mark.parametrize("section", sections(DOCUMENTS / "branch_pattern_open.md"), ids=str)
def test_branches_that_nobody_thought_of(section: Section):
    text = next(block.body for block in section.blocks if block.info == ("json", "trust"))
    for finding in found(text, "branch_pattern_open"):
        pattern, branch = re.findall(r"`([^`]+)`", finding.diagnostic.message)
        assert glob(pattern).matches(branch)
        assert pattern != branch


PROJECTS = ("acme/api", "acme/web", "acme-evil/api", "acme/sub/api", "evil/api", "Acme/api")
REFS = ("branch:ref:main", "tag:ref:main", "branch:ref:Main", "branch:ref:release-1", "tag:ref:v1")
SUBJECTS = [f"project_path:{project}:ref_type:{ref}" for project in PROJECTS for ref in REFS]
SUBJECTS += ["project_path:acme/api", "project_path:acme/api:ref:main", ""]
PATTERNS = (
    *("project_path:acme*", "project_path:acme/*", "project_path:acme/api:*", "*", "*:ref:main"),
    *("project_path:acme/api:*:ref:main", "project_path:acme/*:ref:main", "project_path:*/api:*"),
    *("project_path:acme/api:ref_type:*:ref:main", "project_path:acme/web:*", "project_path:ac?e*"),
    *SUBJECTS[:12],
)
OPERATORS = (
    *("StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotEquals", "StringNotLike"),
    *("ForAnyValue:StringLike", "ForAnyValue:StringEquals", "StringLikeIfExists"),
    *("StringEqualsIfExists", "StringNotEqualsIgnoreCase", "StringEqualsIgnoreCaseIfExists"),
    *("ForAllValues:StringLike", "ForAnyValue:StringNotLike"),
)
HOSTS = (HOST, f"https://{HOST}", f"{HOST}/", "gitlab.forge.exmaple", "gitlab.com")
ENVIRONMENTS = ("production", "review/x", "Production")
KEYS = st.one_of(
    st.just((f"{HOST}:sub", PATTERNS)),
    st.tuples(st.sampled_from([f"{host}:sub" for host in HOSTS]), st.just(PATTERNS)),
    st.just((f"{HOST}:environment", ENVIRONMENTS)),
    st.just((f"{HOST}:branch", ("main",))),
)
CLAIMS: st.SearchStrategy[Claims] = st.fixed_dictionaries(
    {"sub": st.sampled_from(SUBJECTS), "aud": st.just(AUDIENCE)},
    optional={"environment": st.sampled_from(ENVIRONMENTS)},
)


@st.composite
def statements(draw: st.DrawFn, effect: str, keys: st.SearchStrategy = KEYS) -> dict:
    conditions: dict[str, dict[str, list[str]]] = {}
    for _ in range(draw(st.integers(1, 3))):
        key, values = draw(keys)
        chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3))
        conditions.setdefault(draw(st.sampled_from(OPERATORS)), {})[key] = chosen
    if draw(st.integers(0, 4)) == 0:
        conditions["Null"] = {f"{HOST}:sub": [draw(st.sampled_from(("true", "false")))]}
    return {
        "Effect": effect,
        "Principal": {"Federated": iam_arn(ACCOUNT, f"oidc-provider/{HOST}")},
        "Action": WEB,
        "Condition": conditions,
    }


def claims_of(subject: str) -> Claims:
    parts = gitlab.parse_subject(subject) or ()
    return {"sub": subject, "aud": AUDIENCE} | {part.label: part.value for part in parts}


def document(*parts: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(parts)}, indent=1)


ONE_KEY = st.just((f"{HOST}:sub", PATTERNS))
ADMITS_NOBODY = ("condition_unsatisfiable", "keys_of_two_issuers", "statement_always_denied")


class TestNobody:
    """What is said to admit nobody, and what is said to keep nobody out."""

    @settings(max_examples=250, deadline=None)
    @given(statements("Allow", ONE_KEY), st.lists(CLAIMS, min_size=8, max_size=8))
    def test_unsatisfiable(self, statement: dict, tokens: list[Claims]):
        text = document(statement)
        if found(text, "condition_unsatisfiable"):
            policy = policy_of(text)
            assert not any(admits(policy, claims) for claims in tokens)
            assert not any(admits(policy, {"sub": subject}) for subject in SUBJECTS)

    @settings(max_examples=150, deadline=None)
    @given(statements("Allow"), statements("Deny"), st.lists(CLAIMS, min_size=8, max_size=8))
    def test_admits_nobody(self, allow: dict, deny: dict, tokens: list[Claims]):
        for text in (document(allow), document(allow, {**allow, "Effect": "Deny"})):
            if any(found(text, rule) for rule in ADMITS_NOBODY):
                policy = policy_of(text)
                assert not any(admits(policy, claims) for claims in tokens)
        text = document(allow, deny)
        if found(text, "deny_never_applies"):
            alone, both = policy_of(document(allow)), policy_of(text)
            assert all(admits(alone, claims) == admits(both, claims) for claims in tokens)

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2),
        st.sampled_from((("project_path", PROJECTS), ("ref_type", ("branch", "tag")))),
        st.sampled_from(("StringEquals", "StringLike")),
        st.integers(0, 5),
    )
    def test_subject_and_claim(
        self, subjects: list[str], of: tuple[str, tuple[str, ...]], operator: str, index: int
    ):
        claim, values = of
        conditions = {"StringLike": {SUB: subjects}}
        conditions.setdefault(operator, {})[f"{HOST}:{claim}"] = [values[index % len(values)]]
        text = document(trusting(conditions, HOST))
        if found(text, "subject_contradicts_claim"):
            policy = policy_of(text)
            assert not any(admits(policy, claims_of(one)) for one in SUBJECTS)

    @pytest.mark.parametrize("rule", [*ADMITS_NOBODY, "key_absent_from_web_identity"])
    def test_in_the_documents(self, rule: str):
        for section in sections(DOCUMENTS / f"{rule}.md"):
            text = next(block.body for block in section.blocks if block.info == ("json", "trust"))
            if found(text, rule):
                policy = policy_of(text)
                assert not any(admits(policy, {"sub": one, "aud": AUDIENCE}) for one in SUBJECTS)


class TestFixes:
    """A fix keeps the document whole and admits nobody who was kept out."""

    @settings(max_examples=300, deadline=None)
    @given(
        st.lists(st.one_of(statements("Allow"), statements("Deny")), min_size=1, max_size=2),
        st.lists(CLAIMS, min_size=6, max_size=6),
    )
    def test_no_one_new(self, parts: list[dict], tokens: list[Claims]):
        text = document(*parts)
        before = policy_of(text)
        findings = lint_policy(before.source, PolicyType.TRUST, rules=RULES.values())
        codes = {finding.code for finding in findings if finding.edits}
        for chosen in [*([code] for code in codes), codes] if codes else ():
            fixed = edited(text, tuple(one for one in findings if one.code in chosen))
            assert fixed != text
            after = policy_of(fixed)
            assert all(admits(before, one) or not admits(after, one) for one in tokens)

    def test_in_the_documents(self):
        fixed = [
            (section.all("json")[0].body, block.body)
            for path in sorted(DOCUMENTS.glob("*.md"))
            for section in sections(path)
            for block in section.all("fixed")
        ]
        assert len(fixed) >= 8
        for text, after in fixed:
            assert set(admitted(policy_of(after))) <= set(admitted(policy_of(text)))


def admitted(policy: CompiledPolicy) -> Iterator[str]:
    for subject in SUBJECTS:
        for environment in ("", *ENVIRONMENTS):
            claims = {"sub": subject, "aud": AUDIENCE}
            claims |= {"environment": environment} if environment else {}
            if admits(policy, claims):
                yield f"{subject} {environment}"


HUB = "token.actions.githubusercontent.com"
GOOD = {
    "a branch, pinned": {
        "StringEquals": {
            AUD: AUDIENCE,
            SUB: "project_path:acme/api:ref_type:branch:ref:main",
            f"{HOST}:project_id": "20",
        }
    },
    "protected refs of a project": {
        "StringEquals": {
            AUD: AUDIENCE,
            f"{HOST}:ref_protected": "true",
            f"{HOST}:project_id": "20",
        },
        "StringLike": {SUB: "project_path:acme/api:*"},
    },
    "as GitLab's guide has it": {
        "StringEquals": {AUD: AUDIENCE},
        "StringLike": {SUB: "project_path:acme/*:ref_type:branch:ref:main"},
    },
    "by the id in the subject": {
        "StringEquals": {AUD: AUDIENCE, SUB: "project_id:20:ref_type:branch:ref:main"}
    },
    "one of two projects": {
        "StringEquals": {AUD: [AUDIENCE]},
        "StringLike": {SUB: ["project_path:acme/api:*", "project_path:acme/web:*"]},
    },
}
HUB_GOOD = {
    "StringEquals": {
        f"{HUB}:aud": "sts.amazonaws.com",
        f"{HUB}:sub": [
            "repo:acme/api:ref:refs/heads/main",
            "repo:acme@7700123/api@880045601:ref:refs/heads/main",
        ],
        f"{HUB}:repository_id": "880045601",
    }
}


class TestGoodPolicies:
    """Policies that people are told to write: notes at most."""

    @pytest.mark.parametrize("name", GOOD)
    def test_gitlab(self, name: str):
        assert faults(GOOD[name], HOST) == []

    def test_github(self):
        assert faults(HUB_GOOD, HUB) == []

    @pytest.mark.parametrize("name", ["a branch, pinned", "by the id in the subject"])
    def test_the_best_have_no_note_but_aws(self, name: str):
        text = document(trusting(GOOD[name], HOST))
        findings = lint_policy(Source("policy.json", text), PolicyType.TRUST, rules=RULES.values())
        assert {finding.code for finding in findings} <= {RULES["claim_unknown_to_aws"].code}


def faults(conditions: dict, host: str) -> list[str]:
    source = Source("policy.json", document(trusting(conditions, host)))
    return [
        finding.diagnostic.message
        for finding in lint_policy(source, PolicyType.TRUST, rules=RULES.values())
        if finding.diagnostic.severity is not Severity.NOTE
    ]


def trusting(conditions: dict, *hosts: str) -> dict:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": [iam_arn(ACCOUNT, f"oidc-provider/{host}") for host in hosts]},
        "Action": WEB,
        "Condition": conditions,
    }


ODD = st.sampled_from(
    [
        *(
            "",
            ":",
            "*",
            "?",
            "::",
            "a",
            "sub",
            "${",
            "${x}",
            "${*}",
            "\\",
            '"',
            "\n",
            "project_path",
        ),
        *(
            "project_path:",
            "project_path:/",
            "repo:",
            "repo:@/@",
            "repo:a/b:",
            "://",
            "1",
            "é\U0001f600",
        ),
        *(
            "project_path:a*b?c:ref:",
            ":ref:x",
            "project_id:*",
            "arn:aws:iam::x",
            "a.b:1:sub",
            "*:*",
        ),
        *(HOST, f"{HOST}:", f":{HOST}", f"{HOST}:sub", f"https://{HOST}:sub", f"{HOST}:443:aud"),
        *("aws:*", "sts:*", "sts:", "*", "sts:AssumeRole", WEB, "true", "400000000019"),
        *(iam_arn(ACCOUNT, "oidc-provider/"), iam_arn("", f"oidc-provider/{HOST}/"), "x.y"),
    ]
)
ODDS = st.one_of(ODD, st.lists(ODD, max_size=3), st.booleans(), st.integers())
ODD_STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Effect": st.sampled_from(("Allow", "Deny")),
        "Principal": st.dictionaries(st.sampled_from(("AWS", "Federated", "Service")), ODDS),
        "NotPrincipal": st.dictionaries(st.sampled_from(("AWS", "Federated")), ODDS, min_size=1),
        "Action": ODDS,
        "NotAction": ODD,
        "Condition": st.dictionaries(
            st.sampled_from((*OPERATORS, "Bool", "Null", "ArnLike", "NumericEquals", "IpAddress")),
            st.dictionaries(ODD, ODDS, max_size=3),
            max_size=3,
        ),
    },
)


FAR = "x" * 40
LONG = {
    "many values": [
        trusting(
            {
                "StringLike": {
                    SUB: [f"project_path:acme{n}*:ref_type:mr:ref:*" for n in range(1500)]
                },
                "StringEquals": {AUD: AUDIENCE},
            },
            HOST,
        )
    ],
    "many statements": [
        trusting({"StringLike": {f"git{n}.example:sub": f"{n}x:*"}}, HOST) for n in range(200)
    ],
    "many keys of the provider, respelt": [
        trusting({"StringEqualsIfExists": {f"https://{HOST}:x{n}": "a" for n in range(2500)}}, HOST)
    ],
    "many hosts, each like a provider": [
        trusting(
            {"StringEquals": {f"g{n}.{FAR}y.example:sub": "a" for n in range(1600)}},
            *(f"g{n}.{FAR}.example" for n in range(20)),
        )
    ],
    "many claims under ForAllValues": [
        trusting({"ForAllValues:StringEquals": {f"{HOST}:x{n}": "a" for n in range(3000)}}, HOST)
    ],
}
MOST_SECONDS = 4
"""Many times what each takes where no rule compares all with all."""


class TestAnything:
    @settings(max_examples=300, deadline=None)
    @given(st.lists(ODD_STATEMENTS, max_size=3))
    def test_no_document_is_too_odd(self, parts: list[dict]):
        source = Source("policy.json", document(*parts))
        findings = lint_policy(source, PolicyType.TRUST, rules=RULES.values())
        for finding in findings:
            if finding.code not in CODES:
                continue
            shown = finding.diagnostic
            texts = (shown.message, *shown.help, *shown.notes)
            assert all("\n" not in text for text in texts)
            for label in shown.labels:
                assert 0 <= label.span.start <= label.span.end <= len(source.text)

    @pytest.mark.parametrize("parts", LONG.values(), ids=LONG)
    def test_a_long_document_is_read_in_time(self, parts: list[dict]):
        source = Source("policy.json", document(*parts))
        start = time.process_time()
        found = lint_policy(source, PolicyType.TRUST, rules=RULES.values())
        assert {finding.code for finding in found} & CODES
        assert time.process_time() - start < MOST_SECONDS


def test_every_rule_is_over_trust_policies():
    assert all(isinstance(rule, PolicyRule) for rule in RULES.values())
    assert all(rule.types == {PolicyType.TRUST} for rule in RULES.values())
    assert len(RULES) >= 40


def test_the_policies_here_are_accepted():
    for conditions in GOOD.values():
        policy_of(document(trusting(conditions, HOST)))
    with pytest.raises(MalformedPolicy):
        policy_of(document({"Effect": "Allow"}))
