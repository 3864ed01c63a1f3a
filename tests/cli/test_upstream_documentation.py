"""What ``docs/upstreams.md`` shows is taken: the tables by the settings, the lines by commands."""

import re
import shlex

import click
import pytest

from support.documents import PROJECT
from valetkey.cli.upstream import command
from valetkey.settings import load_settings

DOCUMENT = (PROJECT / "docs" / "upstreams.md").read_text(encoding="utf-8")
TABLES = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
SHELL = "".join(re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)).replace("\\\n", " ")
LINES = [shlex.split(line) for line in SHELL.splitlines() if line]


@pytest.mark.parametrize("text", TABLES)
def test_the_tables_are_read(text):
    assert load_settings(text, "valetkey.toml", {}).upstreams


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_the_lines_are_taken(words):
    program, group, name, *rest = words
    assert (program, group) == ("valetkey", "upstream")
    found = command.get_command(click.Context(command), name)
    assert found is not None
    found.make_context(name, rest)


def test_every_command_is_shown():
    assert {words[2] for words in LINES} == set(command.list_commands(click.Context(command)))


@pytest.mark.parametrize("option", re.findall(r"`(--[a-z-]+)", DOCUMENT))
def test_every_option_that_is_named_is_there(option):
    known = {
        flag
        for name in command.list_commands(click.Context(command))
        for parameter in command.get_command(click.Context(command), name).params
        for flag in parameter.opts
    }
    assert option in known
