"""Failures as people see them: what happened, where, and what to do; then an exit code."""

import sys

import click

from valetkey.diagnostics import render
from valetkey.errors import ValetkeyError

REFUSED = 1
USAGE = 2
INTERRUPTED = 130


def run(command: click.Command) -> int:
    """Run a command and return its exit code; what is ours to say is said without a traceback."""
    try:
        result = command.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return REFUSED
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except ValetkeyError as error:
        for finding in error.diagnostics():
            click.echo(render(finding, color=sys.stderr.isatty()), err=True)
        return REFUSED
    except BrokenPipeError:
        sys.stderr.close()
        return REFUSED
    except OSError as error:
        where = f" `{error.filename}`" if error.filename else ""
        click.echo(f"error: {error.strerror or error}{where}", err=True)
        return REFUSED
    return result if isinstance(result, int) else 0
