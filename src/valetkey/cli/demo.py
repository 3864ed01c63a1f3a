"""``valetkey demo``: the main job, end to end, on loopback and on real parts."""

from pathlib import Path

import click


@click.command(short_help="Show the main job, end to end, on loopback.")
@click.option(
    "--home",
    metavar="DIR",
    help="Keep everything in this folder, and go on from there next time [a folder that is"
    " removed at the end].",
)
@click.option("--keep", is_flag=True, help="Leave everything running, and say how to go on.")
def command(home: str | None, *, keep: bool) -> int:
    """Show the main job, end to end: issuer, server, aws CLI, a CI job, a grant, a refusal.

    Everything runs on loopback, in a folder of its own. The exit code is 0 only if every step,
    refusals included, went as it should.
    """
    from valetkey.cli.demonstration import demonstrate

    return demonstrate(Path(home).expanduser().absolute() if home else None, keep=keep)
