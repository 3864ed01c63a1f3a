"""``valetkey upstream``: what the gateway forwards to."""

import click

from valetkey.cli.upstream_add import add
from valetkey.cli.upstream_adopt import adopt
from valetkey.cli.upstream_list import list_upstreams
from valetkey.cli.upstream_remove import remove
from valetkey.cli.upstream_test import test


@click.group(short_help="Add, list, test or remove what the gateway forwards to.")
def command() -> None:
    """Add, list, test or remove what the gateway forwards to.

    An upstream is an S3-compatible store, another AWS-shaped API, or AWS itself. A running server
    sees a change at once. Upstreams of the settings file are changed there.
    """


for one in (add, list_upstreams, test, remove, adopt):
    command.add_command(one)
