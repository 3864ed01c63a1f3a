"""The cases of public reports by the command: run it to print them as a Markdown table."""

import contextlib
import json
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from support.tables import table
from support.vectors import own
from valetkey.cli.explain import command
from valetkey.diagnostics import render
from valetkey.errors import ValetkeyError

CASES = own("explain/cases.json")["cases"]
VERDICTS = {0: "allowed", 1: "refused"}


class Said(NamedTuple):
    """What a case's command answered."""

    code: int
    output: str
    line: str


def run(case: Mapping[str, Any]) -> Said:
    """Run a case's command on its files, in a folder of their own."""
    runner = CliRunner()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, content in case["files"].items():
            Path(name).write_text(json.dumps(content, indent=2) + "\n")
        done = runner.invoke(command, case["command"], standalone_mode=False)
    if isinstance(done.exception, ValetkeyError):
        # What the program prints of a policy that is none.
        shown = "".join(render(one) for one in done.exception.diagnostics())
        return Said(1, shown, line_of(shown))
    if done.exception is not None:
        raise done.exception
    return Said(done.return_value, done.output, line_of(done.output))


def line_of(output: str) -> str:
    """Return the one line that an explanation says: its first finding, or what decided."""
    lines = output.splitlines()
    finding = next((one for one in lines if one.startswith(("error[", "warning["))), None)
    return finding or next((one for one in lines if one.startswith("decided by")), "")


def case_lines() -> str:
    """Return case, command, verdict and line of every case."""
    rows = (
        (
            case["id"],
            f"`valetkey explain {shlex.join(case['command'])}`",
            VERDICTS[case["exit"]],
            case["line"].replace("|", "\\|"),
        )
        for case in CASES
    )
    return table(("case", "command", "verdict", "what explain says"), rows)


if __name__ == "__main__":
    print(case_lines())
