"""Whether a pipeline has a job: expressions, `rules`, `workflow:rules`, `only` and `except`."""

import time
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.vectors import own
from valetkey.diagnostics import Source
from valetkey.gitlabci import (
    MalformedCiFile,
    Selection,
    UnsupportedCiFile,
    glob_matches,
    parse,
    select,
)
from valetkey.gitlabci.expression import parse_expression

TABLE = own("gitlabci/expressions.json")
BRANCH = {
    "CI_COMMIT_BRANCH": "main",
    "CI_COMMIT_REF_NAME": "main",
    "CI_PIPELINE_SOURCE": "push",
    "CI_DEFAULT_BRANCH": "main",
}
TAG = {"CI_COMMIT_TAG": "v1", "CI_COMMIT_REF_NAME": "v1", "CI_PIPELINE_SOURCE": "push"}
MERGE = {"CI_COMMIT_REF_NAME": "topic", "CI_PIPELINE_SOURCE": "merge_request_event"}


def holds(text: str, variables: dict[str, str]) -> bool:
    span = Source("rule", text).span(0, len(text))
    return parse_expression(text, span).holds(variables)


@pytest.mark.parametrize(("text", "want"), [(c["if"], c["want"]) for c in TABLE["cases"]])
def test_expressions(text: str, want: bool) -> None:
    assert holds(text, TABLE["variables"]) is want


@pytest.mark.parametrize(("text", "why"), TABLE["malformed"])
def test_malformed_expressions(text: str, why: str) -> None:
    with pytest.raises(MalformedCiFile) as raised:
        holds(text, {})

    assert raised.value.message == f"invalid expression syntax: {why}"


def test_a_dollar_means_the_very_end() -> None:
    assert holds("$A =~ /^a$/", {"A": "a"})
    assert not holds("$A =~ /^a$/", {"A": "a\n"})
    assert not holds("$A =~ /^b$/", {"A": "a\nb"})
    assert holds("$A =~ /^b$/m", {"A": "a\nb"})
    assert holds(r"$A =~ /^[$]\$$/", {"A": "$$"})


def test_a_hostile_expression_does_not_hang() -> None:
    started = time.monotonic()

    with suppress(MalformedCiFile):
        assert not holds(r"$A =~ /^(\w+\s?)+\d$/", {"A": "a" * 40 + "!"})
    assert time.monotonic() - started < 5


@given(st.text(alphabet="$AB_\"'/()=!~&|null true\\ ", max_size=40))
def test_any_expression_is_read_or_refused(text: str) -> None:
    with suppress(MalformedCiFile):
        assert holds(text, {"A": "x"}) in (True, False)


def chosen(
    text: str, variables: dict[str, str], *, files: Iterable[str] = (), changed: object = None
) -> Selection:
    file = parse(Source("ci.yml", text))
    names = tuple(files)
    return select(
        file,
        file.job("job"),
        variables,
        exists=lambda glob: any(glob_matches(glob, name) for name in names),
        changed=changed if isinstance(changed, list) else None,
    )


@pytest.mark.parametrize(
    ("rules", "variables", "added", "when"),
    [
        ("[{if: $CI_COMMIT_TAG}]", TAG, True, "on_success"),
        ("[{if: $CI_COMMIT_TAG}]", BRANCH, False, "never"),
        ("[{if: $CI_COMMIT_TAG, when: never}, {when: always}]", TAG, False, "never"),
        ("[{if: $CI_COMMIT_TAG, when: never}, {when: always}]", BRANCH, True, "always"),
        ("[{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH, when: manual}]", BRANCH, True, "manual"),
        ("[[{if: $NO}], [[{if: $CI_COMMIT_TAG}]]]", TAG, True, "on_success"),
        ("[]", BRANCH, False, "never"),
        ("[{exists: [Dockerfile]}]", BRANCH, False, "never"),
        ("[{exists: ['**/*.py']}]", BRANCH, True, "on_success"),
        ("[{exists: {paths: ['src/*.py']}}]", BRANCH, True, "on_success"),
        ("[{if: $CI_COMMIT_TAG, changes: [x]}, {when: always}]", BRANCH, True, "always"),
    ],
)
def test_rules(rules: str, variables: dict[str, str], added: bool, when: str) -> None:
    found = chosen(f"job: {{script: s, rules: {rules}}}", variables, files=["src/a.py"])

    assert (found.added, found.when) == (added, when)
    assert added or found.reason


def test_the_rule_that_matched_changes_the_job() -> None:
    rules = "[{if: $CI_COMMIT_TAG, variables: {A: tag}, allow_failure: true}]"
    found = chosen(f"job: {{script: s, rules: {rules}}}", TAG)

    assert {name: v.value for name, v in found.variables.items()} == {"A": "tag"}
    assert found.allow_failure.allows(1)


def test_changes_need_somebody_who_knows_them() -> None:
    text = "job: {script: s, rules: [{changes: ['docs/**/*.md']}]}"

    assert chosen(text, BRANCH, changed=["docs/a/b/c.md"]).added
    assert not chosen(text, BRANCH, changed=["src/c.md"]).added
    with pytest.raises(UnsupportedCiFile, match="only GitLab knows"):
        chosen(text, BRANCH)


@pytest.mark.parametrize(
    ("workflow", "variables", "added"),
    [
        ("[{if: $CI_COMMIT_TAG}]", TAG, True),
        ("[{if: $CI_COMMIT_TAG}]", BRANCH, False),
        ("[{if: $CI_COMMIT_TAG, when: never}, {when: always}]", TAG, False),
        ("[{if: $CI_COMMIT_TAG, when: never}, {when: always}]", BRANCH, True),
        ("[{when: always}]", MERGE, True),
    ],
)
def test_workflow(workflow: str, variables: dict[str, str], added: bool) -> None:
    text = f"workflow: {{rules: {workflow}}}\njob: {{script: s}}"

    assert chosen(text, variables).added is added


def test_workflow_variables_reach_the_rules_of_jobs() -> None:
    text = "workflow: {rules: [{if: $CI_COMMIT_TAG, variables: {KIND: tag}}, {when: always}]}\n"
    text += "job: {script: s, rules: [{if: $KIND == 'tag', variables: {B: b}}]}"

    assert set(chosen(text, TAG).variables) == {"KIND", "B"}
    assert not chosen(text, BRANCH).added


@pytest.mark.parametrize(
    ("refs", "variables", "added"),
    [
        ("only: [main]", BRANCH, True),
        ("only: main", BRANCH, True),
        ("only: [mai]", BRANCH, False),
        ("only: ['m*']", BRANCH, False),
        ("only: [tags]", BRANCH, False),
        ("only: [tags]", TAG, True),
        ("only: [branches]", TAG, False),
        ("only: [branches]", MERGE, False),
        ("only: [merge_requests]", MERGE, True),
        ("only: [topic]", MERGE, False),
        ("only: [pushes]", BRANCH, True),
        ("only: [/^v\\d+$/]", TAG, True),
        ("only: [/^V\\d+$/i]", TAG, True),
        ("only: [/^V\\d+$/]", TAG, False),
        ("only: {refs: [tags]}", TAG, True),
        ("except: [main]", BRANCH, False),
        ("except: [tags]", BRANCH, True),
        ("except: [schedules]", BRANCH, True),
        ("stage: test", BRANCH, True),
        ("stage: test", TAG, True),
        ("stage: test", MERGE, False),
    ],
)
def test_only_and_except(refs: str, variables: dict[str, str], added: bool) -> None:
    assert chosen(f"job: {{script: s, {refs}}}", variables).added is added


@pytest.mark.parametrize(
    ("glob", "path", "want"),
    [
        ("*.md", "a.md", True),
        ("*.md", "d/a.md", False),
        ("**/*.md", "a.md", True),
        ("**/*.md", "d/e/a.md", True),
        ("d/*", "d/a", True),
        ("d/*", "d/e/a", False),
        ("d/**/*", "d/e/f/a", True),
        ("a.md", "axmd", False),
        ("a?b", "a/b", False),
        ("[a]", "a", False),
        ("[a]", "[a]", True),
        ("**/a/**/b", "x/a/y/z/b", True),
        ("**/a/**/b", "x/y/z/b", False),
        ("a/b", "a", False),
        ("a", "a/b", False),
    ],
)
def test_globs(glob: str, path: str, want: bool) -> None:
    assert glob_matches(glob, path) is want


def test_a_hostile_glob_does_not_hang() -> None:
    started = time.monotonic()

    assert not glob_matches("**/" * 50 + "*a" * 50, "a/" * 50 + "a" * 200 + "b")
    assert time.monotonic() - started < 5
