"""``valetkey upstream add``: an upstream of the home, its secret sealed."""

from typing import Any

import click

from valetkey.cli.options import home_option
from valetkey.cli.upstream_home import account_id, opened, owner, warn


@click.command("add", short_help="Add an upstream, its secret sealed.")
@click.argument("name")
@click.option("--endpoint", metavar="URL", required=True, help="Its origin: https://HOST[:PORT].")
@click.option("--service", metavar="S", default="s3", help="The service that it offers [s3].")
@click.option("--region", metavar="R", help="The region to sign for [the server's].")
@click.option("--access-key-id", metavar="ID", help="The access key id to sign with.")
@click.option(
    "--secret-key-file",
    metavar="FILE",
    help="The file with the secret key, `-` for standard input"
    " [$VALETKEY_UPSTREAM_SECRET_KEY, or you are asked].",
)
@click.option("--role-arn", metavar="ARN", help="A role to assume for credentials that expire.")
@click.option("--sts-endpoint", metavar="URL", help="The STS to assume the role at.")
@click.option(
    "--web-identity-token-file",
    metavar="FILE",
    help="The file with the ID token to assume the role with, read each time.",
)
@click.option("--external-id", metavar="ID", help="The external id that the role asks for.")
@click.option("--session-name", metavar="NAME", help="The name of the role's session [valetkey].")
@click.option(
    "--bucket", "buckets", metavar="GLOB", multiple=True, help="Buckets that it holds [*]."
)
@click.option(
    "--account",
    metavar="N",
    callback=account_id,
    help="The account that owns what it holds [the home's only one].",
)
@click.option(
    "--allow-account",
    "accounts",
    metavar="N",
    multiple=True,
    callback=account_id,
    help="A further account that it serves.",
)
@click.option("--host-style", is_flag=True, help="Name buckets before the host, not in the path.")
@click.option(
    "--payload",
    type=click.Choice(["unsigned", "hashed", "chunked"]),
    default="unsigned",
    help="How bodies are signed for it [unsigned].",
)
@click.option("--trailers", is_flag=True, help="It understands checksums after the body.")
@click.option(
    "--features",
    type=click.Choice(["all", "basic"]),
    default="all",
    help="What it knows of S3: basic refuses all but plain objects [all].",
)
@click.option("--ca-file", metavar="FILE", help="The CA certificates to trust, and no others.")
@click.option("--replace", is_flag=True, help="Take the place of an upstream of that name.")
@home_option
def add(name: str, *, home: str | None, replace: bool, **options: Any) -> None:
    """Add an upstream, its secret key sealed under the home's key ring.

    The secret key comes from a file, from standard input, from VALETKEY_UPSTREAM_SECRET_KEY or
    from a prompt without echo: never from the command line, where everybody on the machine can
    read it. With --web-identity-token-file no key is stored at all.
    """
    import os
    import secrets

    from valetkey.cli.upstream_given import (
        checked,
        from_settings,
        keep,
        read_file,
        secret_of,
        warnings,
    )
    from valetkey.clock import system_clock
    from valetkey.credentials import seal_secret_key
    from valetkey.gateway.configured import certificates, upstream_record

    given = checked(name, options)
    with opened(home) as (place, store, ring):
        settings = place.settings(None, os.environ)
        if name in settings.upstreams:
            raise from_settings(name)
        account = owner(store.directory(), given.account)
        record = upstream_record(
            name,
            given,
            account=account,
            region=settings.region,
            secret=secret_of(name, given),
            ca_pem=certificates(name, given, read_file=read_file),
            seal=lambda secret, key_id: seal_secret_key(secret, key_id, ring, secrets.token_bytes),
            now=system_clock(),
        )
        new = store.write(lambda tx: keep(tx, record, replace=replace))
        warn(warnings(record, store.directory().upstreams))
    click.echo(f"upstream {name} of account {account}: {'added' if new else 'replaced'}", err=True)
    click.echo(f"try it with: valetkey upstream test {name}", err=True)
