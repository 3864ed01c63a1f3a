"""The command line: a module a command, imported when it is asked for.

Owns words and exit codes: 0 done, 1 refused or findings, 2 usage. Knows where each command is,
and not how anything works.
"""

import sys

from valetkey.cli.failure import run
from valetkey.cli.group import valetkey


def main() -> None:
    """Run the command line. Failures that people can act on are printed without a traceback."""
    sys.exit(run(valetkey))
