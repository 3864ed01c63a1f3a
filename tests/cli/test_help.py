"""``--help``, names that are mistyped, and what is imported for either: next to nothing."""

import json
import resource
import subprocess
import sys

import pytest

from support.processes import environment, run
from valetkey.cli.group import COMMANDS

EVERY = (
    (),
    *((name,) for name in COMMANDS),
    *(("issuer", name) for name in ("serve", "token", "export", "rotate")),
    *(("keys", name) for name in ("list", "rotate")),
    *(("upstream", name) for name in ("add", "list", "test", "remove", "adopt")),
)
HEAVY = {
    "aiohttp", "alembic", "asyncio", "botocore", "cryptography", "httptools", "msgspec", "regex",
    "rich", "ruamel", "sqlalchemy", "ssl", "urllib.request", "uvicorn", "uvloop",
}  # fmt: skip


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_help_of_every_command_in_less_than_a_second(valetkey, words):
    before = cpu_of_children()
    done = valetkey(*words, "--help")
    assert cpu_of_children() - before < 1
    assert (done.code, done.errors) == (0, "")
    assert done.output.startswith("Usage: ")
    assert "..." not in done.output.replace("ARGS]...", "")
    assert valetkey(*words, "-h").output == done.output


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_lists_every_command_with_a_line(valetkey):
    printed = " ".join(valetkey("--help").output.split())
    for name, line in COMMANDS.items():
        assert f"{name} {line}" in printed


def test_the_line_of_a_command_is_its_own_too(valetkey):
    """The table of names is written down apart, so that nothing is imported for it."""
    for name, line in COMMANDS.items():
        module = __import__(f"valetkey.cli.{name}", fromlist=["command"])
        assert module.command.short_help == line


def test_help_imports_nothing_heavy(tmp_path):
    program = """
import json, sys
from valetkey.cli.failure import run
from valetkey.cli.group import valetkey
for words in json.loads(sys.argv[1]):
    sys.argv = ["valetkey", *words, "--help"]
    assert run(valetkey) == 0
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""
    words = [sys.executable, "-c", program, json.dumps(EVERY)]
    done = run(words, environment(tmp_path))
    assert done.code == 0, done.errors
    loaded = set(json.loads(done.errors))
    assert "valetkey.cli.group" in loaded
    assert loaded & HEAVY == set()
    assert {
        name for name in loaded if name.startswith(("valetkey.server", "valetkey.api"))
    } == set()


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("sevre",), "`serve`"),
        (("explian", "--request", "x"), "`explain`"),
        (("issuer", "tokn"), "'token'"),
        (("keys", "rotat"), "'rotate'"),
        (("init", "--acount-id", "1"), "'--account-id'"),
    ],
)
def test_a_mistyped_name_is_told_what_was_meant(valetkey, words, meant):
    done = valetkey(*words)
    assert (done.code, done.output) == (2, "")
    assert "Did you mean" in done.errors
    assert meant in done.errors


def test_a_name_like_nothing_else(valetkey):
    done = valetkey("fly")
    assert done.code == 2
    assert "there is no command `fly`." in done.errors
    assert "mean" not in done.errors


def test_no_command_shows_the_help_and_is_usage(valetkey):
    done = valetkey()
    assert done.code == 2
    assert "Commands:" in done.all


def test_the_version(valetkey):
    done = valetkey("--version")
    assert (done.code, done.errors) == (0, "")
    name, version = done.output.rsplit(" ", 1)
    assert name.endswith("valetkey")
    assert version.strip() == __import__("valetkey").__version__


def test_a_reader_that_goes_away_is_no_fault(tmp_path):
    """``valetkey --help | head -1``, by a pipe whose other end is closed already."""
    program = f"{sys.executable} -m valetkey --help | head -1; exit ${{PIPESTATUS[0]}}"
    done = run(["bash", "-c", program], environment(tmp_path))
    assert done.output.startswith("Usage: ")
    assert done.errors == ""

    reader, writer = subprocess.Popen(["true"], stdin=subprocess.PIPE), None
    writer = reader.stdin
    reader.wait()
    gone = subprocess.run(
        [sys.executable, "-m", "valetkey", "--help"],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=environment(tmp_path),
        check=False,
    )
    writer.close()
    assert (gone.returncode, gone.stderr) == (1, b"")
