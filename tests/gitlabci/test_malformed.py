"""What is wrong with a CI file: said in GitLab's words, at the right place, and never a hang."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.vectors import own
from valetkey.diagnostics import Diagnostic, Source, render
from valetkey.errors import ValetkeyError
from valetkey.gitlabci import MalformedCiFile, UnknownJob, UnsupportedCiFile, parse

MALFORMED = own("gitlabci/malformed.json")["cases"]
REFUSED = own("gitlabci/refused.json")["cases"]


def read(text: str) -> None:
    parse(Source(".gitlab-ci.yml", text)).job("job")


def check(case: dict[str, Any], error: ValetkeyError) -> None:
    findings = error.diagnostics()
    assert [finding.message for finding in findings] == [case["error"], *case.get("also", [])]
    if "underlined" in case:
        assert findings[0].labels[0].span.text == case["underlined"]
    if "help" in case:
        assert findings[0].help == (case["help"],)


@pytest.mark.parametrize("case", MALFORMED, ids=[case["name"] for case in MALFORMED])
def test_gitlab_would_not_accept_it(case: dict[str, Any]) -> None:
    with pytest.raises(MalformedCiFile) as raised:
        parse(Source(".gitlab-ci.yml", case["yaml"]))

    check(case, raised.value)


@pytest.mark.parametrize("case", REFUSED, ids=[case["name"] for case in REFUSED])
def test_only_gitlab_can_do_it(case: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedCiFile) as raised:
        read(case["yaml"])

    check(case, raised.value)
    assert raised.value.diagnostics()[0].help, "a refusal says what to do instead"


def test_what_one_job_needs_does_not_stop_another() -> None:
    text = "job: {script: s}\nother: {trigger: g/p, secrets: {}}"
    file = parse(Source("ci.yml", text))

    assert file.job("job").script[0].text == "s"
    with pytest.raises(UnsupportedCiFile, match="job `other` can't be run here") as raised:
        file.job("other")
    assert len(raised.value.diagnostics()) == 2


@pytest.mark.parametrize(
    ("name", "help"),
    [("jbo", "did you mean `job`?"), ("xyzzy", "jobs of this file: `job`"), (".h", None)],
)
def test_there_is_no_such_job(name: str, help: str | None) -> None:
    file = parse(Source("ci.yml", "job: {script: s}\n.h: {script: s}"))

    with pytest.raises(UnknownJob) as raised:
        file.job(name)
    assert raised.value.help == help


def bomb(levels: int, width: int) -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines)


HOSTILE = {
    "aliases that double": bomb(60, 9),
    "references that double": "".join(
        f".r{i}: [{', '.join([f'!reference [.r{i + 1}]'] * 9)}]\n" for i in range(9)
    )
    + ".r9: [a]\njob: {script: [!reference [.r0]]}",
    "merge keys that double": "a0: &a0 {k: v}\n"
    + "\n".join(
        f"a{i}: &a{i} {{<<: *a{i - 1}, x{i}: *a{i - 1}, y{i}: *a{i - 1}}}" for i in range(1, 60)
    ),
    "brackets": "[" * 100_000,
    "braces": "{a: " * 20_000,
    "dashes": "- " * 20_000,
    "question marks": "? " * 20_000,
    "deep blocks": "\n".join(" " * i + "a:" for i in range(2_000)),
    "very large": "a: b\n" * 250_000,
    "many values": "a: [" + "x, " * 60_000 + "]",
    "one long number": "variables: {A: " + "9" * 100_000 + "[}\njob: {script: s}",
    "many extends": ".a: {variables: {"
    + ", ".join(f"V{i}: v" for i in range(1_000))
    + "}}\n"
    + "".join(f"j{i}: {{extends: .a, script: s}}\n" for i in range(2_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_at_once(name: str) -> None:
    started = time.monotonic()

    with pytest.raises(MalformedCiFile) as raised:
        read(HOSTILE[name])

    assert raised.value.diagnostics()[0].code in {"ci-too-big", "ci-too-deep", "ci-yaml"}
    assert time.monotonic() - started < 10, "a bound, far above what it takes"


def read_or_refuse(text: str) -> None:
    """Let nothing but a refusal with findings out."""
    file = None
    findings: tuple[Diagnostic, ...] = ()
    try:
        file = parse(Source("ci.yml", text))
    except ValetkeyError as error:
        findings = error.diagnostics()
    assert findings or (file and file.names)
    assert all(render(finding) for finding in findings)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab.:-[]{}&*!<>|'\"#%@`,? \n\t0~é", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refuse(text)


WORDS = st.sampled_from(
    [
        "script", "before_script", "extends", "variables", "id_tokens", "aud", "rules", "if",
        "when", "stage", "environment", "timeout", "job", ".a", "x", "inherit", "default",
        "include", "only", "allow_failure", "workflow", "stages", "tags", "secrets",
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(st.sampled_from(["a", "$A", "1", "true", "~", ".a", "!reference [job, script]"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(WORDS, inner, max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{k}: {v}" for k, v in pairs.items()) + "}"
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(WORDS, VALUES, min_size=1, max_size=6))
def test_any_tree_of_keywords_is_read_or_refused(tree: dict[str, str]) -> None:
    read_or_refuse("\n".join(f"{key}: {value}" for key, value in tree.items()))
