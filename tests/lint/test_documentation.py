"""docs/lint.md is what the program does: its tables, its options, its examples."""

import json
import re
import tomllib

from click.testing import CliRunner

from support.lint_table import COMMAND, DOCUMENT, renewed
from valetkey.cli.lint import command
from valetkey.diagnostics import Source
from valetkey.lint.config import read_config
from valetkey.lint.reports import Report, as_json
from valetkey.lint.text import Asking, lint_text

TEXT = DOCUMENT.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n((?:.*\n)*?)```$", TEXT, re.MULTILINE)


def test_the_tables_are_those_of_the_code():
    assert renewed(TEXT) == TEXT, f"run `{COMMAND}`"


def test_every_option_is_told_of():
    for option in command.params:
        for name in option.opts:
            if name.startswith("--"):
                assert f"`{name}" in TEXT, name


def test_the_example_of_the_projects_file_can_be_read():
    (example,) = blocks("toml")
    assert tomllib.loads(example)
    config = read_config(Source("docs/lint.md", example))
    assert config.facts.providers
    assert config.answers


def test_the_members_of_our_json_are_told_of():
    text = '{"Version": "2012-10-17", "Statement": {"Sid": "a b", "Effect": "Allow"}}'
    found = lint_text(Source("a.json", text), Asking()) or ()
    told = as_json(Report(tuple(each.finding for each in found), 1))
    edits = next(each["edits"] for each in told["findings"] if each["edits"])
    members = {
        *told,
        *told["counts"],
        *told["findings"][0],
        *told["findings"][0]["labels"][0],
        *edits[0],
    }
    assert {name for name in members if f"`{name}`" not in TEXT} == set()


def test_the_transcript_is_what_is_printed(tmp_path, monkeypatch):
    (policy,) = blocks("json policy")
    assert json.loads(policy)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trust.json").write_text(policy)
    (shown,) = blocks("console")
    called, _, printed = shown.partition("\n")
    assert called == "$ valetkey lint trust.json"
    done = CliRunner().invoke(command, ["trust.json"], standalone_mode=False)
    assert done.output == printed
