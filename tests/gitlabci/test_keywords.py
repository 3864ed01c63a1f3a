"""Every keyword of GitLab's schema is supported, noted or refused by name; none is overlooked."""

import json
from typing import Any

import pytest

from support.vectors import vectors
from valetkey.diagnostics import Severity, Source
from valetkey.gitlabci import UnsupportedCiFile, parse
from valetkey.gitlabci.keywords import (
    DEFAULT_KEYWORDS,
    ENVIRONMENT_KEYWORDS,
    GLOBAL_KEYWORDS,
    NOTED,
    REFUSED,
    RULE_KEYWORDS,
    SUPPORTED,
    WHEN,
    WORKFLOW_KEYWORDS,
)

NOT_KEYWORDS = {"$schema", "!reference", "pages"}
"""Of the schema's top level: an editor's hint, a tag, and a job that has its name reserved."""


@pytest.fixture
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(vectors("gitlab-ci-schema/src/schema.json").read_text())
    return found


def test_job_keywords(schema: dict[str, Any]) -> None:
    known = set(schema["definitions"]["job_template"]["properties"])

    assert known - (SUPPORTED | NOTED.keys() | REFUSED.keys()) == set()
    assert len(known) > 35


def test_a_keyword_has_one_fate() -> None:
    assert not SUPPORTED & NOTED.keys()
    assert not SUPPORTED & REFUSED.keys()
    assert not NOTED.keys() & REFUSED.keys()


def test_global_keywords(schema: dict[str, Any]) -> None:
    assert set(schema["properties"]) - NOT_KEYWORDS - GLOBAL_KEYWORDS == set()


def test_default_keywords(schema: dict[str, Any]) -> None:
    known = set(schema["properties"]["default"]["properties"]) - {"!reference"}

    assert known == DEFAULT_KEYWORDS


def test_clauses_and_words(schema: dict[str, Any]) -> None:
    definitions, job = schema["definitions"], schema["definitions"]["job_template"]["properties"]

    rule = next(of for of in definitions["rules"]["items"]["anyOf"] if of["type"] == "object")
    assert set(rule["properties"]) == RULE_KEYWORDS
    assert set(definitions["when"]["enum"]) == set(WHEN)
    assert set(schema["properties"]["workflow"]["properties"]) == WORKFLOW_KEYWORDS
    environment = next(of for of in job["environment"]["oneOf"] if of["type"] == "object")
    assert set(environment["properties"]) == ENVIRONMENT_KEYWORDS


@pytest.mark.parametrize("keyword", sorted(NOTED))
def test_noted_keywords_say_so(keyword: str) -> None:
    job = parse(Source("ci.yml", f"job: {{script: s, {keyword}: x}}")).job("job")

    (note,) = job.notes
    assert (note.severity, note.labels[0].span.text) == (Severity.NOTE, keyword)
    assert note.message.startswith(f"`{keyword}` has no effect here: ")


@pytest.mark.parametrize("keyword", sorted(REFUSED))
def test_refused_keywords_say_what_to_do(keyword: str) -> None:
    file = parse(Source("ci.yml", f"job: {{script: s, {keyword}: x}}"))

    with pytest.raises(UnsupportedCiFile) as raised:
        file.job("job")
    (finding,) = raised.value.diagnostics()
    assert finding.labels[0].span.text == keyword
    assert finding.help == (REFUSED[keyword],)
