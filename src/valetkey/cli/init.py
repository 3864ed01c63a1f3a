"""``valetkey init``: the first state of a home."""

import os
import re
import shlex
from pathlib import Path

import click

from valetkey.cli.options import home_option, home_path


@click.command(short_help="Create the state, and print the administrator's environment for eval.")
@home_option
@click.option("--account-id", metavar="N", help="The 12-digit account id [a random one].")
def command(home: str | None, account_id: str | None) -> None:
    """Create the state, and print the administrator's environment for eval.

    eval "$(valetkey init)" sets AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and
    AWS_REGION for the aws CLI and every SDK. A second call changes nothing and says so.
    """
    from valetkey.clock import system_clock
    from valetkey.server import Home, bootstrap, endpoint_url

    if account_id is not None and not re.fullmatch(r"[0-9]{12}", account_id, re.ASCII):
        raise click.BadParameter("an account id has 12 digits", param_hint="--account-id")
    place = Home(home_path(home))
    settings = place.settings(None, os.environ)
    admin = bootstrap(place, account_id, system_clock)
    exports = {
        "AWS_ACCESS_KEY_ID": admin.access_key_id,
        "AWS_SECRET_ACCESS_KEY": admin.secret_key,
        "AWS_ENDPOINT_URL": endpoint_url(settings),
        "AWS_REGION": settings.region,
        # Version 1 of the aws CLI does not look at AWS_REGION.
        "AWS_DEFAULT_REGION": settings.region,
    }
    for name, value in exports.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    # A session token left over from another shell would be sent along with the new key.
    click.echo("unset AWS_SESSION_TOKEN AWS_PROFILE")
    _tell(place.path, admin.account, created=admin.created)


def _tell(path: Path, account: str, *, created: bool) -> None:
    done = "created" if created else "exists already; nothing was changed"
    click.echo(f"account {account} in {path}: {done}", err=True)
    click.echo(f"start it with: valetkey serve --home {shlex.quote(str(path))}", err=True)
