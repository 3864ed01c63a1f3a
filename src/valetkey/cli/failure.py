"""Failures as people see them: what happened, where, and what to do; then an exit code."""

import contextlib
import io
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import click

from valetkey.cli.options import colored, show
from valetkey.diagnostics import Diagnostic, render
from valetkey.errors import AwsError, ValetkeyError

DONE = 0
REFUSED = 1
USAGE = 2
INTERRUPTED = 130
TRACEBACK = "VALETKEY_TRACEBACK"


def run(command: click.Command) -> int:
    """Run a command and return its exit code; what is ours to say is said without a traceback."""
    _write_any_character()
    try:
        result = command.main(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return REFUSED
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as done:
        # Libraries have exit codes of their own; a closed pipe at the other end comes so too.
        return REFUSED if done.code else DONE
    except Exception as error:  # noqa: BLE001 - the last one who can say it in words
        _show(_findings(error))
        return REFUSED
    return result if isinstance(result, int) else DONE


def _write_any_character() -> None:
    """Let no character of a policy or a claim be one that stdout can't write."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _show(findings: tuple[Diagnostic, ...]) -> None:
    # Whoever read our stderr may be gone; then there is nobody to tell.
    with contextlib.suppress(BrokenPipeError):
        for finding in findings:
            show(render(finding, color=colored(sys.stderr)).rstrip("\n"), err=True)


def _findings(error: Exception) -> tuple[Diagnostic, ...]:
    if isinstance(error, ValetkeyError):
        return tuple(_for_operators(finding, error) for finding in error.diagnostics())
    if isinstance(error, OSError):
        return (Diagnostic("system", _of_the_system(error)),)
    return (_bug(error),)


def _for_operators(finding: Diagnostic, error: ValetkeyError) -> Diagnostic:
    """Return the reason in place of the sentence that the wire has for it."""
    if isinstance(error, AwsError) and error.reason and finding.message == error.message:
        return replace(finding, message=error.reason)
    return finding


def _of_the_system(error: OSError) -> str:
    what = (error.strerror or str(error)).lower()
    return f"{what}: `{error.filename}`" if error.filename else what


def _bug(error: Exception) -> Diagnostic:
    """Return a fault of ours as a finding: its place, not its text, which could hold a secret."""
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return Diagnostic(
        "internal",
        f"valetkey failed by a fault of its own: `{type(error).__name__}` at `{place}`",
        help=(f"set `{TRACEBACK}=1` to see where, and report it",),
    )
