"""``valetkey upstream adopt``: whose a bucket is that was there before."""

import re
from typing import TYPE_CHECKING

import click

from valetkey.cli.options import home_option
from valetkey.cli.upstream_home import (
    UpstreamNotChanged,
    account_id,
    meant,
    opened,
    owner,
    upstream_account_option,
)

if TYPE_CHECKING:
    from valetkey.store import BucketRecord, Transaction, UpstreamRecord

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}", re.ASCII)


@click.command("adopt", short_help="Say which account a bucket belongs to.")
@click.argument("name")
@click.argument("bucket")
@click.option(
    "--account", metavar="N", callback=account_id, help="The account that the bucket belongs to."
)
@click.option("--release", is_flag=True, help="Forget the bucket's owner.")
@click.option("--force", is_flag=True, help="Change an owner, or forget a policy along with it.")
@upstream_account_option("--upstream-account")
@home_option
def adopt(
    name: str,
    bucket: str,
    account: str | None,
    upstream_account: str | None,
    *,
    release: bool,
    force: bool,
    home: str | None,
) -> None:
    """Say that a bucket of upstream NAME, made past valetkey, belongs to an account.

    A bucket that nobody adopted belongs to the upstream's account. With --release it does again.
    Nothing is changed at the upstream.
    """
    if release == (account is not None):
        raise click.UsageError("give either --account or --release")
    if not is_bucket_name(bucket):
        raise click.BadParameter("that is no bucket's name", param_hint="BUCKET")
    with opened(home) as (_, store, _ring):
        if release:
            store.write(lambda tx: _release(tx, name, upstream_account, bucket, force=force))
            click.echo(f"bucket {bucket} in upstream {name}: released", err=True)
            return
        upstream = meant(store.directory(), name, upstream_account)
        to = owner(store.directory(), account)
        store.write(lambda tx: _adopt(tx, upstream, bucket, to, force=force))
    click.echo(f"bucket {bucket} in upstream {name} belongs to account {to}", err=True)
    if to not in (upstream.account, *upstream.accounts):
        click.echo(
            f"its buckets are listed for account {to} once the upstream has --allow-account {to}",
            err=True,
        )


def is_bucket_name(text: str) -> bool:
    """Tell whether a text can be the name of a bucket at some store."""
    return _BUCKET.fullmatch(text) is not None


def _adopt(
    tx: "Transaction", upstream: "UpstreamRecord", bucket: str, account: str, *, force: bool
) -> None:
    from msgspec.structs import replace

    from valetkey.clock import system_clock
    from valetkey.store import AWS_ACCOUNT, BucketRecord

    if upstream.service != "s3":
        raise UpstreamNotChanged(
            f"upstream `{upstream.name}` offers `{upstream.service}`, and holds no buckets",
            help="name a store: one whose service is `s3`",
        )
    there = tx.get(BucketRecord, AWS_ACCOUNT, bucket)
    if there is None:
        there = BucketRecord(
            account=AWS_ACCOUNT,
            name=bucket,
            owner=account,
            upstream_account=upstream.account,
            upstream=upstream.name,
            created=system_clock(),
            region=upstream.region,
        )
    elif not force and (there.owner != account or not _is_in(there, upstream)):
        raise UpstreamNotChanged(
            f"bucket `{bucket}` belongs to account `{there.owner}`, in upstream `{there.upstream}`",
            help="give --force to change that; its policy stays",
        )
    place = {"upstream_account": upstream.account, "upstream": upstream.name}
    tx.put(replace(there, owner=account, region=upstream.region, **place))


def _release(
    tx: "Transaction", name: str, upstream_account: str | None, bucket: str, *, force: bool
) -> None:
    from valetkey.store import AWS_ACCOUNT, BucketRecord, UnreadableRecord

    try:
        there = tx.get(BucketRecord, AWS_ACCOUNT, bucket)
    except UnreadableRecord:
        if not force:
            raise
        tx.discard(BucketRecord, AWS_ACCOUNT, bucket)
        return
    accounts = (None, there.upstream_account if there else None)
    if there is None or there.upstream != name or upstream_account not in accounts:
        raise UpstreamNotChanged(
            f"bucket `{bucket}` has no owner of its own in upstream `{name}`",
            help="list those that have one with `valetkey upstream list`",
        )
    if there.policy is not None and not force:
        raise UpstreamNotChanged(
            f"bucket `{bucket}` has a policy, which would be forgotten too",
            help="delete the policy before, or give --force",
        )
    tx.delete(there)


def _is_in(bucket: "BucketRecord", upstream: "UpstreamRecord") -> bool:
    return (bucket.upstream_account, bucket.upstream) == (upstream.account, upstream.name)
