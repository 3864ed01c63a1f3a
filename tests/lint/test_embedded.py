"""Policies inside other files, by documents: `tests/lint/embedded/*.md`.

A section holds a file (`hcl main.tf`, `yaml stack.yaml`, `json stack.json`) and a `findings`
block with a line each: `statement 1: error CODE 4:39 at "text"`, where the underlined text is
that of the file. A `fixed` block is the file after all safe edits.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.documents import Section, sections
from valetkey.diagnostics import Diagnostic, Severity, Source
from valetkey.lint.embedded import Checked
from valetkey.lint.fix import edited
from valetkey.lint.model import Edit, Facts, Finding, PolicyRule, PolicySubject, Provider
from valetkey.lint.text import Asking, lint_text
from valetkey.policy import PolicyType

DOCUMENTS = sorted(Path(__file__).with_name("embedded").glob("*.md"))
SECTIONS = [(path, section) for path in DOCUMENTS for section in sections(path)]


def line_of(checked: Checked) -> str:
    diagnostic = checked.finding.diagnostic
    where = f"statement {checked.statement}" if checked.statement else "document"
    head = f"{where}: {diagnostic.severity} {diagnostic.code}"
    if not diagnostic.labels:
        return f"{head}: {diagnostic.message}"
    span = diagnostic.labels[0].span
    line, column = span.position
    text = span.text.split("\n")[0]
    return f"{head} {line}:{column} at {text}: {diagnostic.message}"


@pytest.mark.parametrize(
    ("path", "section"), SECTIONS, ids=[f"{path.stem}: {section}" for path, section in SECTIONS]
)
def test_document(path: Path, section: Section):
    (block,) = [b for b in section.blocks if b.info[0] in {"hcl", "yaml", "json"}]
    source = Source(block.info[1], block.body)
    found = lint_text(source, Asking()) or ()
    assert "\n".join(map(line_of, found)) == section.one("findings")
    for after in section.all("fixed"):
        assert edited(source.text, [each.finding for each in found]) == after.body


def test_places_are_those_of_the_file():
    """Every label of every finding lies in the file itself, also after letters of two bytes."""
    text = '# äöü → ☃\nresource "aws_iam_policy" "p" {\n'
    text += '  policy = jsonencode({ Version = "2012-10-17", '
    text += 'Statement = [{ Effect = "Allow", Action = "s3:GetObjct", Resource = "*" }] })\n}\n'
    source = Source("main.tf", text)
    found = lint_text(source, Asking())
    diagnostics: list[Diagnostic] = [each.finding.diagnostic for each in found or ()]
    (unknown,) = [each for each in diagnostics if each.code == "POL009"]
    assert unknown.labels[0].span.text == "GetObjct"
    assert all(label.span.source is source for each in diagnostics for label in each.labels)


PROVIDER_BY_REFERENCE = """
resource "aws_iam_role" "kiln" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = {
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.forge.arn }
      Condition = { StringEquals = { "${local.forge}:aud" = "https://sts.example" } }
    }
  })
}
"""


def test_a_provider_by_reference_may_be_any_that_is_known():
    facts = Facts((Provider("https://gitlab.forge.example", ("https://other.example",)),))
    found = lint_text(Source("main.tf", PROVIDER_BY_REFERENCE), Asking(facts=facts)) or ()
    codes = {each.finding.code for each in found}
    assert "TRUST005" in codes  # the subject is looked at nowhere
    assert "TRUST040" not in codes  # that the provider is not registered
    assert "TRUST007" not in codes  # that it has no such client id


def by_resource(subject: PolicySubject) -> Iterator[Finding]:
    """Find every action, with an edit that depends on the resource."""
    text = subject.document.source.text
    at = text.index("GetObject")
    edits = (Edit(at, at + 9, "ListBucket"),) if '"*"' not in text else ()
    yield RULE.finding("m", subject.document.source.span(at, at + 9), edits=edits)


RULE = PolicyRule(
    code="POL900", name="x", severity=Severity.NOTE, page="", types=frozenset(PolicyType),
    check=by_resource,
)  # fmt: skip


@pytest.mark.parametrize(("resource", "count"), [('"arn:aws:s3:::kiln"', 1), ("var.kiln", 0)])
def test_an_edit_stays_where_it_is_the_same_whatever_is_open(resource: str, count: int):
    text = 'x = {Version = "2012-10-17", Statement = {Effect = "Allow", Action = "s3:GetObject", '
    source = Source("main.tf", f"{text}Resource = {resource}}}}}")
    (found,) = lint_text(source, Asking(rules=(RULE,))) or ()
    assert len(found.finding.edits) == count


GUESSED = """
x = {
  Version = "2012-10-17"
  Statement = {
    Effect = "Allow", Action = "s3:GetObjct", Resource = "*", Condition = { %s }
  }
}
"""


@pytest.mark.parametrize(
    "condition",
    [
        'StringLike = { "aws:PrincipalTag/team" = [var.team] }',
        'StringLike = { "aws:PrincipalTag/team" = [var.team, "kiln"] }',
        'StringLike = { "aws:PrincipalTag/team" = var.team }',
        '"${var.a}Equals" = { "aws:PrincipalTag/team" = "kiln" }',
        '"Date${var.a}" = { "aws:CurrentTime" = "2030-01-01T00:00:00Z" }',
        '"${var.a}IfExists" = { "aws:PrincipalTag/team" = "kiln" }',
        '"${var.a}" = { "aws:PrincipalTag/team" = "kiln" }, StringEquals = {}',
        "(var.a) = {}",
    ],
)
def test_no_guess_keeps_the_rules_from_looking(condition: str):
    found = lint_text(Source("main.tf", GUESSED % condition), Asking()) or ()
    assert "POL009" in {each.finding.code for each in found}
    assert not any(each.finding.stops for each in found)


def test_where_no_guess_fits_it_is_told():
    condition = '"${var.a}Kiln" = { "aws:PrincipalTag/team" = "kiln" }'
    found = lint_text(Source("main.tf", GUESSED % condition), Asking()) or ()
    assert [(each.finding.code, each.finding.stops) for each in found] == [
        ("policy-unknown-operator", True)
    ]
