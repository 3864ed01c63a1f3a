"""Every rule by its document: `tests/lint/rules/<group>/<name>.md`.

A section of a document holds a text (`json trust`, `json identity`, `json resource`, ..., or
`yaml ci`) and a `findings` block: what the rule under test, alone, says about it, a line each::

    error 4:39 at "the underlined text": message
      help: what to do

An empty block says that the rule is silent. A `fixed` block, where there is one, is the text
after the edits of all findings. Blocks `toml facts` (providers and variables) come before.
"""

import tomllib
from pathlib import Path

import pytest

from support.documents import Section, sections
from valetkey.diagnostics import Source
from valetkey.lint import (
    CiRule,
    Facts,
    Finding,
    Provider,
    Rule,
    all_rules,
    lint_ci,
    lint_policy,
    page_of,
)
from valetkey.lint.fix import edited
from valetkey.policy import PolicyType

RULES = {rule.name: rule for rule in all_rules()}
DOCUMENTS = sorted(Path(__file__).with_name("rules").glob("*/*.md"))
SECTIONS = [(path, section) for path in DOCUMENTS for section in sections(path)]


def facts_of(section: Section) -> Facts:
    blocks = [block for block in section.all("toml") if block.info[1:] == ("facts",)]
    if not blocks:
        return Facts()
    table = tomllib.loads(blocks[0].body)
    return Facts(
        tuple(Provider(one["url"], tuple(one["client_ids"])) for one in table.get("provider", ())),
        frozenset(table.get("variables", ())),
    )


def findings_of(rule: Rule, section: Section) -> tuple[str, tuple[Finding, ...]]:
    (block,) = [b for b in section.blocks if b.info[0] == "json" or b.info == ("yaml", "ci")]
    facts = facts_of(section)
    if isinstance(rule, CiRule):
        found = lint_ci(Source(".gitlab-ci.yml", block.body), facts, (rule,))
    else:
        source = Source("policy.json", block.body)
        found = lint_policy(source, PolicyType(block.info[1]), facts, (rule,))
    return block.body, tuple(finding for finding in found if finding.code == rule.code)


def line_of(finding: Finding) -> str:
    diagnostic = finding.diagnostic
    span = diagnostic.labels[0].span
    line, column = span.position
    text = span.text.split("\n")[0]
    rows = [f"{diagnostic.severity} {line}:{column} at {text}: {diagnostic.message}"]
    return "\n".join([*rows, *(f"  help: {advice}" for advice in diagnostic.help)])


@pytest.mark.parametrize(
    ("path", "section"), SECTIONS, ids=[f"{path.stem}: {section}" for path, section in SECTIONS]
)
def test_document(path: Path, section: Section):
    text, found = findings_of(RULES[path.stem], section)
    assert "\n".join(map(line_of, found)) == section.one("findings")
    for fixed in section.all("fixed"):
        assert edited(text, found) == fixed.body


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
class TestEachRule:
    def test_it_stands_where_it_is_named(self, rule: Rule):
        group = {"TRUST": "trust", "PERM": "permission", "POL": "document", "CI": "ci"}
        place = Path(__file__).with_name("rules") / group[rule.code.rstrip("0123456789")]
        assert place / f"{rule.name}.md" in DOCUMENTS

    def test_it_speaks_and_is_silent(self, rule: Rule):
        own = [section for path, section in SECTIONS if path.stem == rule.name]
        said = [section.one("findings") != "" for section in own]
        assert True in said, "a section in which it finds something"
        assert False in said, "a twin in which it must be silent"

    def test_its_page(self, rule: Rule):
        page = page_of(rule)
        assert page.summary.endswith(".")
        assert "\n" not in page.summary
        assert all(body.strip() for _, body in page.parts)
