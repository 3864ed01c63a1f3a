"""``valetkey upstream test``: what an upstream can do, found out by doing it."""

import json
import os
from typing import TYPE_CHECKING

import click

from valetkey.cli.options import home_option
from valetkey.cli.upstream_home import meant, opened, upstream_account_option

if TYPE_CHECKING:
    from valetkey.cli.upstream_probing import Report


@click.command("test", short_help="Try what an upstream can do.")
@click.argument("name")
@click.option(
    "--bucket", metavar="B", help="A bucket to try it in [one that is made, and removed again]."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@upstream_account_option("--account")
@home_option
def test(
    name: str,
    bucket: str | None,
    upstream_account: str | None,
    *,
    as_json: bool,
    home: str | None,
) -> int:
    """Try what an upstream can do, with its own credentials, and say which settings fit it.

    What is written for that is taken away again. The exit code is 0 where the upstream can be used
    as it is set, though it may lack this or that, and 1 where it can't.
    """
    import asyncio

    from valetkey.cli.failure import DONE, REFUSED
    from valetkey.cli.upstream_adopt import is_bucket_name
    from valetkey.cli.upstream_probing import run_probe

    if bucket is not None and not is_bucket_name(bucket):
        raise click.BadParameter("that is no bucket's name", param_hint="--bucket")
    with opened(home) as (place, store, ring):
        record = meant(store.directory(), name, upstream_account)
        settings = place.settings(None, os.environ)
    report = asyncio.run(run_probe(record, ring, settings, bucket, quiet=as_json))
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        _conclude(report)
    return DONE if report.usable else REFUSED


def _conclude(report: "Report") -> None:
    missing = ", ".join(f"`{step}`" for step in report.missing)
    if missing:
        click.echo(f"upstream {report.record.name} can't be used as it is set: {missing}", err=True)
    if report.fitting:
        click.echo(f"what fits it better: {report.fitting}", err=True)
