"""The rules over CI files: total, linear, each thing said once, in the right file."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.documents import PROJECT
from valetkey.diagnostics import Source, render
from valetkey.lint import CiRule, Facts, Finding, Provider, all_rules, lint_ci
from valetkey.lint.fix import fixed

RULES = tuple(rule for rule in all_rules() if isinstance(rule, CiRule))
FACTS = Facts(
    (Provider("https://gitlab.forge.example", ("https://vk.example.test",)),),
    frozenset({"PROJECT_VARIABLE"}),
)
CALL = "aws sts assume-role-with-web-identity"
VALUES = st.sampled_from([
    "$ID_TOKEN", '"${ID_TOKEN}"', "$UNSET", "$A", "arn:aws:iam::$A:role/x", "$CI_JOB_JWT", "x/y",
    "12", "$(cat f)", "'Credentials.[SessionToken]'", "/tmp/t", "", "--debug", "${A:-$B}",
])  # fmt: skip
OPTIONS = st.sampled_from([
    "--web-identity-token", "--role-arn", "--role-session-name", "--duration-seconds", "--query",
])  # fmt: skip
CALLS = st.lists(st.tuples(OPTIONS, VALUES), max_size=4).map(
    lambda pairs: " ".join([CALL, *(f"{option} {value}" for option, value in pairs)])
)
FORMS = st.sampled_from([
    "{}", "export X=$({})", "X=$({})", "{} || true", "{} | tee out/f", "{} > out/f", "( {} )",
    'export $(printf "AWS_SECRET_ACCESS_KEY=%s" $({}))', "if {}; then", "fi", "set -x", "env",
    "echo $AWS_SESSION_TOKEN > out/f", "AWS_SESSION_TOKEN=$({})", "aws s3 ls", "é $ID_TOKEN",
    "cat <<E\n$ID_TOKEN\nE", 'echo "$ID_TOKEN" | base64', "source f", "for A in $B; do {}; done",
])  # fmt: skip
LINES = st.builds(lambda form, call: form.replace("{}", call), FORMS, CALLS)
SCRIPTS = st.lists(LINES, min_size=1, max_size=4)
VARIABLES = st.dictionaries(
    st.sampled_from(["A", "B", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "CI_DEBUG_TRACE"]),
    st.sampled_from(["", "$A", "$B$B", "$ID_TOKEN", "true", "arn:aws:iam::1:role/x", "x" * 70]),
    max_size=3,
)
JOBS = st.fixed_dictionaries(
    {"script": SCRIPTS},
    optional={
        "before_script": SCRIPTS,
        "after_script": SCRIPTS,
        "variables": VARIABLES,
        "id_tokens": st.dictionaries(
            st.sampled_from(["ID_TOKEN", "CI_JOB_JWT"]),
            st.fixed_dictionaries({"aud": st.sampled_from(["", "$A", "x/", ["x"], ["a", "b"]])}),
            max_size=2,
        ),
        "artifacts": st.just({"paths": ["out/", "*.x"], "reports": {"dotenv": "a.env"}}),
        "cache": st.sampled_from([[{"paths": ["out"]}], {"paths": [1, None]}, {"paths": "x"}]),
        "rules": st.just([{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]),
        "extends": st.just(".base"),
        "inherit": st.just({"default": False}),
    },
)
FILES = st.fixed_dictionaries(
    {".base": JOBS.map(lambda job: {k: v for k, v in job.items() if k != "extends"}), "one": JOBS},
    optional={"two": JOBS, "variables": VARIABLES, "default": st.just({"before_script": [CALL]})},
)


def lint(text: str, facts: Facts = FACTS) -> tuple[Finding, ...]:
    return lint_ci(Source(".gitlab-ci.yml", text), facts, RULES)


@given(FILES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_file(file: dict[str, Any]):
    text = json.dumps(file, ensure_ascii=False)
    findings = lint(text)
    for finding in findings:
        assert render(finding.diagnostic)
        assert "\n" not in finding.diagnostic.message
        for edit in finding.edits:
            assert 0 <= edit.start <= edit.end <= len(text)
    keys = [(f.code, f.diagnostic.message, f.diagnostic.labels[0].span.start) for f in findings]
    assert len(set(keys)) == len(keys)


def jobs(count: int, script: str) -> str:
    listed = "".join(
        f"job {n}:\n  id_tokens:\n    T{n}: {{ aud: x }}\n  script: *shared\n" for n in range(count)
    )
    return f".shared:\n  script: &shared\n    - |\n      {script}\n{listed}"


@pytest.mark.parametrize(
    "text",
    [
        jobs(1500, f"export X=$({CALL} --role-arn $R)"),
        jobs(300, "\n      ".join(["echo $AWS_SESSION_TOKEN | base64"] * 600)),
        "a:\n  script:\n" + f"    - export X=$({CALL} --role-arn $R)\n" * 600,
        "variables:\n"
        + "".join(f"  V{n}: {'$V' + str(n + 1) * 1}$V{n + 1}\n" for n in range(2000))
        + f'  V2000: ""\na:\n  script: {CALL} --role-arn $V0 --role-session-name $V1\n',
        "a:\n  script: " + "x" * 500_000,
        "a:\n  script:\n" + "    - [a, 'b']\n" * 5000,
    ],
    ids=["many jobs", "much seen", "many calls", "variables of variables", "long", "many entries"],
)
def test_large_files_cost_little(text: str):
    before = time.process_time()
    lint(text)
    assert time.process_time() - before < 12


def test_what_jobs_share_is_said_once():
    found = lint(jobs(20, f"export X=$({CALL} --role-arn $R)"))
    assert [f.code for f in found if f.code in {"CI001", "CI010"}] == ["CI001", "CI010"]


def test_a_place_in_an_included_file_is_shown_there_and_not_fixed_here():
    shared = Source("shared.yml", "a:\n  script:\n    - aws sts assume-role --role-arn $ROLE\n")
    root = Source(".gitlab-ci.yml", "include: shared.yml\n")
    found = lint_ci(root, Facts(), RULES, includes=lambda _: shared)
    places = {(f.code, f.diagnostic.labels[0].span.source.name, f.edits) for f in found}
    assert ("CI010", "shared.yml", ()) in places


def test_the_example():
    """GitLab's documented job swallows a refusal; the job in two steps does not."""
    path = PROJECT / "examples/gitlab/.gitlab-ci.yml"
    source = Source("examples/gitlab/.gitlab-ci.yml", path.read_text(encoding="utf-8"))
    found = [(f.code, f.diagnostic.labels[0].span.text) for f in lint_ci(source, Facts(), RULES)]
    assert found == [
        ("CI001", "aws sts assume-role-with-web-identity"),
        ("CI010", "${ROLE_ARN}"),
        ("CI010", "${ROLE_ARN}"),
    ]


def test_fixed_files_are_silent_about_what_was_fixed():
    text = "a:\n  script:\n    - aws sts assume-role --role-arn $ROLE --role-session-name $X > f\n"
    source = Source(".gitlab-ci.yml", text)
    findings = lint_ci(source, Facts(), RULES)
    assert [f.code for f in findings] == ["CI010", "CI010"]
    after = fixed(source, lambda one: lint_ci(one, Facts(), RULES))
    assert '--role-arn "$ROLE" --role-session-name "$X"' in after.text
    assert lint_ci(Source(source.name, after.text), Facts(), RULES) == ()
