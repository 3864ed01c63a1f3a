"""What is documented is what the code does."""

import re
from pathlib import Path

import pytest

from support.tables import operations, token_differences
from valetkey.cli.group import COMMANDS

PROJECT = Path(__file__).parents[1]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])


def test_the_differences_are_those_of_the_code():
    assert token_differences() in (PROJECT / "docs" / "differences.md").read_text()


def test_the_operations_are_those_of_the_table():
    assert operations() in (PROJECT / "docs" / "operations.md").read_text()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), target


def test_the_readme_names_both_commands():
    readme = (PROJECT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme


def test_the_readme_has_every_command_with_its_line():
    readme = (PROJECT / "README.md").read_text()
    for name, line in COMMANDS.items():
        written = rf"^valetkey {name} +{re.escape(line.rstrip('.'))}$"
        assert re.search(written, readme, re.MULTILINE | re.IGNORECASE), name


def test_the_transcript_points_at_the_character():
    for name in ("README.md", "docs/demo.md"):
        lines = (PROJECT / name).read_text().splitlines()
        pointing = next(n for n, line in enumerate(lines) if line.endswith("in the token"))
        assert lines[pointing].index("^") == lines[pointing - 1].index("ref:main") + len("ref:")
