"""``valetkey serve``: the AWS APIs until told to stop."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valetkey.cli.listening import check_free
from valetkey.cli.options import home_option, home_path
from valetkey.errors import ValetkeyError

if TYPE_CHECKING:
    from valetkey.settings import Settings


class UnusableCertificate(ValetkeyError):
    """The certificate chain or its key can't be served with."""

    code = "unusable-certificate"


@click.command(short_help="Serve the AWS APIs.")
@home_option
@click.option("--listen", metavar="HOST:PORT", help="Where to listen [127.0.0.1:8080].")
@click.option(
    "--workers", type=click.IntRange(1, 256), metavar="N", help="How many processes serve [1]."
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The settings file [valetkey.toml in the home folder].",
)
@click.option("--tls-cert", metavar="FILE", help="Serve over TLS with this certificate chain.")
@click.option("--tls-key", metavar="FILE", help="The private key of --tls-cert.")
def command(
    home: str | None,
    listen: str | None,
    workers: int | None,
    config: Path | None,
    tls_cert: str | None,
    tls_key: str | None,
) -> int:
    """Serve the AWS APIs (STS, IAM, Secrets Manager) on one port.

    Clients need AWS_ENDPOINT_URL only. SIGTERM and SIGINT let requests under way finish.
    """
    from valetkey.server import Home, endpoint_url
    from valetkey.server.address import socket_address
    from valetkey.server.run import serve
    from valetkey.settings import ENVIRONMENT_PREFIX

    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    place = Home(home_path(home))
    given = {"LISTEN": listen, "WORKERS": workers, "TLS_CERT": tls_cert, "TLS_KEY": tls_key}
    # Options stand above the file as the environment does, and workers inherit that.
    os.environ.update({f"{ENVIRONMENT_PREFIX}{k}": str(v) for k, v in given.items() if v})
    settings = place.settings(config, os.environ)
    place.key_ring()
    _check_certificate(settings)
    check_free(*socket_address(settings))
    click.echo(f"valetkey serves {endpoint_url(settings)} from {place.path}", err=True)
    return serve(place, settings, config)


def _check_certificate(settings: "Settings") -> None:
    """Raise :class:`UnusableCertificate` now, by name, rather than in each worker."""
    import ssl

    if settings.tls_cert is None:
        return
    for path in (settings.tls_cert, settings.tls_key):
        Path(path or "").read_bytes()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except ssl.SSLError as error:
        raise UnusableCertificate(
            f"`{settings.tls_cert}` and `{settings.tls_key}` can't be served with:"
            f" {(error.reason or 'no PEM file').replace('_', ' ').lower()}",
            help="they are a PEM file with the chain, leaf first, and one with the leaf's key",
        ) from None
