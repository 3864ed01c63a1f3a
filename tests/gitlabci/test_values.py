"""Durations, variables in values, environments' tiers, include, the example file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.diagnostics import Source
from valetkey.gitlabci import (
    PREDEFINED,
    REMOVED,
    MalformedCiFile,
    UnsupportedCiFile,
    Variable,
    expand,
    expand_all,
    guess_tier,
    parse,
    parse_duration,
    references,
)

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/gitlab/.gitlab-ci.yml"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3600", 3600),
        ("3600 seconds", 3600),
        ("60 minutes", 3600),
        ("one hour", None),
        ("1h", 3600),
        ("1h 30m", 5400),
        ("1h30m12s", 5412),
        ("3 hours 30 minutes", 12600),
        ("2 hrs, 20 min", 8400),
        ("1 day and 2 hours", 93600),
        ("1.5h", 5400),
        ("1:30", 90),
        ("1:30:00", 5400),
        ("2 WEEKS", 1209600),
        ("", None),
        ("0", None),
        ("0s", None),
        ("-5", None),
        ("soon", None),
        ("5 parsecs", None),
        ("1h foo", None),
        ("h", None),
        ("9" * 200, None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


@given(st.text(alphabet="0123456789hms dand:.,weeksor-", max_size=40))
def test_any_duration_is_read_or_refused(text: str) -> None:
    seconds = parse_duration(text)
    assert seconds is None or seconds > 0


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("$A", "a"),
        ("${A}", "a"),
        ("%A%", "a"),
        ("$A$B", "ab"),
        ("x-$A-y", "x-a-y"),
        ("$AB", ""),
        ("${AB}", ""),
        ("%AB%", "%AB%"),
        ("$$A", "$A"),
        ("$$$A", "$a"),
        ("${A:-x}", ""),
        ("${A", "A"),
        ("cost $ 5", "cost $ 5"),
        ("$5", ""),
        ("a$", "a$"),
        ("100%", "100%"),
        ("$EMPTY", ""),
        ("$RAW", "$A"),
    ],
)
def test_expansion(text: str, want: str) -> None:
    values = {"A": "a", "B": "b", "EMPTY": "", "RAW": "$A"}

    assert expand(text, values.get) == want


def test_variables_are_put_into_each_other_whatever_their_order() -> None:
    variables = {
        "C": Variable("<$B>"),
        "B": Variable("[${A}]"),
        "A": Variable("a"),
        "RAW": Variable("$A $C", expand=False),
        "OF_RAW": Variable("$RAW!"),
        "DOLLAR": Variable("$$A"),
        "OF_DOLLAR": Variable("$DOLLAR"),
    }

    assert expand_all(variables) == {
        "C": "<[a]>",
        "B": "[a]",
        "A": "a",
        "RAW": "$A $C",
        "OF_RAW": "$A $C!",
        "DOLLAR": "$A",
        "OF_DOLLAR": "$A",
    }


@pytest.mark.parametrize(
    ("values", "listed"),
    [
        ({"A": "$A"}, '["A"]'),
        ({"A": "$B", "B": "x$C", "C": "${A}"}, '["A", "B", "C"]'),
        ({"X": "$A", "A": "$B", "B": "$A"}, '["A", "B"]'),
    ],
)
def test_variables_in_a_circle(values: dict[str, str], listed: str) -> None:
    variables = {name: Variable(value) for name, value in values.items()}

    with pytest.raises(MalformedCiFile) as raised:
        expand_all(variables)
    assert raised.value.message == f"circular variable reference detected: {listed}"


def test_variables_that_grow_without_end() -> None:
    variables = {"V0": Variable("x" * 100)}
    variables |= {f"V{i}": Variable(f"$V{i - 1}" * 10) for i in range(1, 30)}

    with pytest.raises(MalformedCiFile, match="too long"):
        expand_all(variables)


def test_a_long_chain_of_variables_is_no_deep_recursion() -> None:
    variables = {f"V{i}": Variable(f"$V{i + 1}") for i in range(5_000)}
    variables["V5000"] = Variable("end")

    assert expand_all(variables)["V0"] == "end"


def test_references_name_what_a_value_uses() -> None:
    assert references("$A ${B} %C% $$D $A ${E:-x}") == ("A", "B", "C", "E:-x")


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("production", "production"),
        ("prod-eu", "production"),
        ("live", "production"),
        ("staging", "staging"),
        ("pre", "staging"),
        ("test", "testing"),
        ("QA", "testing"),
        ("review/topic", "development"),
        ("dev", "development"),
        ("banana", "other"),
    ],
)
def test_tiers(name: str, tier: str) -> None:
    assert guess_tier(name) == tier


FILES = {
    "a.yml": ".a: {script: [a], variables: {A: a, B: a}}\nvariables: {G: a}",
    "b.yml": "include: /c/d.yaml\nother: {script: s}\nvariables: {G: b}",
    "c/d.yaml": ".d: {script: d}",
    "self.yml": "include: self.yml",
    "empty.yml": "",
    "twice.yml": "job: {variables: {X: included}}",
}


def included(name: str) -> Source | None:
    return Source(name, FILES[name]) if name in FILES else None


def test_included_files_lie_below_the_file() -> None:
    text = "include: [a.yml, {local: b.yml}]\njob: {extends: .a, variables: {B: b}}\n"
    file = parse(Source("ci.yml", text + "more: {extends: .d}"), included)

    assert file.names == ("other", "job", "more")
    job = file.job("job")
    values = {name: variable.value for name, variable in job.variables.items()}
    assert values == {"G": "b", "A": "a", "B": "b"}
    assert job.script[0].span.source.name == "a.yml"
    assert [source.name for source in file.sources] == ["ci.yml", "a.yml", "b.yml", "c/d.yaml"]


def test_a_job_of_an_included_file_is_merged_with_the_same_job_here() -> None:
    text = "include: twice.yml\njob: {script: s, variables: {Y: here}}"
    job = parse(Source("ci.yml", text), included).job("job")

    assert {n: v.value for n, v in job.variables.items()} == {"X": "included", "Y": "here"}


def test_several_files_of_one_wildcard() -> None:
    def wild(name: str) -> tuple[Source, ...]:
        assert name == "ci/*.yml"
        return (Source("ci/1.yml", "one: {script: a}"), Source("ci/2.yml", "two: {script: b}"))

    assert parse(Source("ci.yml", "include: ci/*.yml"), wild).names == ("one", "two")


@pytest.mark.parametrize(
    ("include", "error"),
    [
        ("nope.yml", "local file `nope.yml` does not exist"),
        ("a.txt", "included file `a.txt` does not have YAML extension"),
        ("self.yml", "`self.yml` includes itself"),
        ("empty.yml", "root config should be a hash"),
        ("[[]]", None),
        ("{}", "include config should be a string or a hash"),
        ("[1]", "include config should be a string or a hash"),
    ],
)
def test_includes_that_fail(include: str, error: str | None) -> None:
    text = f"include: {include}\njob: {{script: s}}"
    if error is None:
        assert parse(Source("ci.yml", text), included).names == ("job",)
        return
    with pytest.raises(MalformedCiFile) as raised:
        parse(Source("ci.yml", text), included)
    assert raised.value.message == error


def test_too_many_includes() -> None:
    text = f"include: [{', '.join(['c/d.yaml'] * 151)}]\njob: {{script: s}}"

    with pytest.raises(MalformedCiFile, match="maximum of 150"):
        parse(Source("ci.yml", text), included)


def test_includes_are_refused_where_nobody_can_read_files() -> None:
    with pytest.raises(UnsupportedCiFile, match="not followed"):
        parse(Source("ci.yml", "include: a.yml\njob: {script: s}"))


def test_the_example_is_what_it_says() -> None:
    file = parse(Source(EXAMPLE.name, EXAMPLE.read_text()))

    names = "assume role", "read secret", "store artifact", "stop instance"
    assert file.names == (*names, "assume role, in two steps")
    jobs = [file.job(name) for name in file.names]
    first, last = jobs[0], jobs[-1]
    for job in jobs:
        assert [(t.name, t.aud) for t in job.id_tokens] == [
            ("GITLAB_OIDC_TOKEN", "https://valetkey.example")
        ]
        assert job.notes == ()
    assert first.script[0].text.count("\n") == 1, "the whole exchange is one line"
    assert first.script[0].text.startswith('export $(printf "AWS_ACCESS_KEY_ID=%s ')
    for job in jobs[1:-1]:
        assert job.script[: len(first.script)] == first.script
    assert last.script[0].text.startswith("aws_sts_output=$(aws sts ")


def test_the_removed_tokens_are_no_predefined_variables() -> None:
    assert not REMOVED & PREDEFINED
