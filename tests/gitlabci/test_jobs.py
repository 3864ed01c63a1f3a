"""CI files to jobs: the table of what GitLab makes of a file."""

from typing import Any

import pytest

from support.vectors import own
from valetkey.diagnostics import Source
from valetkey.gitlabci import Command, Job, parse

CASES = own("gitlabci/jobs.json")["cases"]


def texts(commands: tuple[Command, ...]) -> list[str]:
    return [command.text for command in commands]


def facts(job: Job) -> dict[str, Any]:
    place = job.environment
    return {
        "before_script": texts(job.before_script),
        "script": texts(job.script),
        "after_script": texts(job.after_script),
        "stage": job.stage,
        "when": job.when,
        "timeout": job.timeout,
        "tags": list(job.tags),
        "variables": {name: variable.value for name, variable in job.variables.items()},
        "raw": [name for name, variable in job.variables.items() if not variable.expand],
        "id_tokens": {
            token.name: token.aud if isinstance(token.aud, str) else list(token.aud)
            for token in job.id_tokens
        },
        "environment": place and [place.name, place.action, place.tier],
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_file_becomes_the_job_that_gitlab_makes_of_it(case: dict[str, Any]) -> None:
    job = parse(Source(".gitlab-ci.yml", case["yaml"])).job(case["job"])

    want = dict(case["want"])
    allowed, not_allowed = want.pop("allowed", []), want.pop("not_allowed", [])
    found = facts(job)
    assert {key: found[key] for key in want} == want
    assert all(job.allow_failure.allows(code) for code in allowed)
    assert not any(job.allow_failure.allows(code) for code in not_allowed)


def test_every_command_knows_its_place() -> None:
    text = (
        ".a: &a\n  - first\njob:\n  before_script: *a\n  script:\n    - >\n      one\n      two\n"
    )
    job = parse(Source("ci.yml", text)).job("job")

    assert [str(command.span) for command in job.commands] == ["ci.yml:2:5", "ci.yml:6:7"]
    assert job.commands[0].span.text == "first"
    assert job.commands[1].span.text == ">\n      one\n      two"


def test_tokens_and_jobs_know_their_place() -> None:
    text = "deploy:\n  script: s\n  id_tokens:\n    TOKEN: {aud: a}\n"
    job = parse(Source("ci.yml", text)).job("deploy")

    assert (job.span.text, job.id_tokens[0].span.text) == ("deploy", "TOKEN")


def test_places_count_characters_in_files_with_any_line_ends() -> None:
    text = "\ufeffx: {script: 'é😀'}\r\njob:\r\n  script: s\r\n"
    file = parse(Source("ci.yml", text))

    assert file.job("x").script[0].span.text == "'é😀'"
    assert str(file.job("job").script[0].span) == "ci.yml:3:11"


def test_names_come_by_stage_then_by_file() -> None:
    text = "stages: [one, two]\nb: {script: s, stage: two}\na: {script: s, stage: one}\n"
    text += "c: {script: s, stage: .pre}\nd: {script: s, stage: one}\n.h: {script: s}\n"

    assert parse(Source("ci.yml", text)).names == ("c", "a", "d", "b")
