"""``valetkey upstream remove``: an upstream that nothing needs any more."""

import contextlib
from typing import TYPE_CHECKING

import click

from valetkey.cli.options import home_option
from valetkey.cli.upstream_home import UpstreamNotChanged, meant, opened, upstream_account_option

if TYPE_CHECKING:
    from valetkey.store import Directory, Transaction

_SHOWN = 10


@click.command("remove", short_help="Remove an upstream.")
@click.argument("name")
@click.option("--force", is_flag=True, help="Remove it though buckets are known to be in it.")
@upstream_account_option("--account")
@home_option
def remove(name: str, upstream_account: str | None, *, force: bool, home: str | None) -> None:
    """Remove an upstream. What it holds stays where it is, and can no longer be reached.

    While buckets of it have a record here (an owner, a policy) it is refused. With --force their
    records stay: the names belong to nobody else, and work again with an upstream of that name.
    """
    with opened(home) as (_, store, _ring):
        directory = store.directory()
        account = _unreadable(directory, name, upstream_account, force=force)
        if account is None:
            account = meant(directory, name, upstream_account).account
        left = store.write(lambda tx: _remove(tx, account, name, force=force))
    click.echo(f"upstream {name} of account {account}: removed", err=True)
    if left:
        click.echo(f"buckets out of reach now: {left}", err=True)


def _unreadable(
    directory: "Directory", name: str, account: str | None, *, force: bool
) -> str | None:
    """Return the account of an upstream of that name that can't be read."""
    for problem in directory.unreadable:
        named = (problem.kind, problem.key) == ("upstream", name)
        if named and account in (None, problem.account):
            if not force:
                raise UpstreamNotChanged(problem.message, help="give --force to remove it unread")
            return problem.account
    return None


def _remove(tx: "Transaction", account: str, name: str, *, force: bool) -> int:
    from valetkey.cli.upstream_given import from_settings
    from valetkey.store import BucketRecord, UnreadableRecord, UpstreamRecord

    with contextlib.suppress(UnreadableRecord):
        record = tx.get(UpstreamRecord, account, name)
        if record is not None and record.configured:
            raise from_settings(name)
    place = (account, name)
    held = [one for one in tx.scan(BucketRecord) if (one.upstream_account, one.upstream) == place]
    if held and not force:
        more = f" and {len(held) - _SHOWN} more" if len(held) > _SHOWN else ""
        names = ", ".join(f"`{one.name}`" for one in held[:_SHOWN])
        raise UpstreamNotChanged(
            f"upstream `{name}` holds buckets that have an owner here: {names}{more}",
            help="release them with `valetkey upstream adopt --release`, or give --force",
        )
    tx.discard(UpstreamRecord, account, name)
    return len(held)
