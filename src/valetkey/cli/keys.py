"""``valetkey keys``: the key ring that seals sessions and secrets."""

import json
import secrets

import click

from valetkey.cli.options import home_option, home_path


@click.group(short_help="List or rotate the keys that seal sessions and secrets.")
def command() -> None:
    """List or rotate the keys that seal sessions and secrets.

    The newest key seals; all of them open, so that nothing issued before stops working.
    """


@command.command("list", short_help="List the keys by id and age.")
@home_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_keys(home: str | None, *, as_json: bool) -> None:
    """List the keys by id and age; the newest seals."""
    from valetkey.clock import iso8601
    from valetkey.server import Home

    ring = Home(home_path(home)).key_ring()
    rows = [
        {"id": key.id, "created": iso8601(key.created), "seals": key is ring.keys[0]}
        for key in ring.keys
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(
            f"{row['id']}  {row['created']}  {'seals and opens' if row['seals'] else 'opens'}"
        )


@command.command("rotate", short_help="Add a key that seals from now on.")
@home_option
def rotate(home: str | None) -> None:
    """Add a key that seals from now on; servers take it up when they start again."""
    from valetkey.clock import system_clock
    from valetkey.server import Home

    place = Home(home_path(home))
    place.key_ring()
    with place.alone():
        ring = place.key_ring().rotate(secrets.token_bytes, system_clock())
        place.keep_key_ring(ring)
    click.echo(f"key {ring.keys[0].id} seals from now on; restart `valetkey serve`", err=True)
