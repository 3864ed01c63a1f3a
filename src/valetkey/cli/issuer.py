"""``valetkey issuer``: a GitLab-shaped issuer, for trying trust out on one machine."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from valetkey.cli.job_options import JobFacts, job_options
from valetkey.cli.listening import check_free, host_and_port
from valetkey.cli.options import home_option, home_path

if TYPE_CHECKING:
    from valetkey.issuer import IssuerState

DEFAULT_URL = "https://localhost:8929"


@click.group(short_help="Be a GitLab-shaped issuer: serve, token, export, rotate.")
def command() -> None:
    """Be a GitLab-shaped issuer of CI ID tokens.

    Discovery and keys are served as GitLab serves them, over TLS under a private CA. Tokens are
    minted on this machine only: the server has no endpoint for it.
    """


def issuer_folder(home: str | None) -> Path:
    """Return the issuer's folder inside the home."""
    return home_path(home) / "issuer"


def open_issuer(folder: Path, url: str | None) -> "IssuerState":
    """Return the issuer of a folder; the first call makes one, named ``url``.

    Raises ``IssuerStateError`` where it goes by another name than is asked for.
    """
    from valetkey.clock import system_clock
    from valetkey.issuer import IssuerState, IssuerStateError

    _check_port(url)
    if not (folder / "issuer.json").exists():
        return IssuerState.create(folder, url or DEFAULT_URL, now=system_clock())
    state = IssuerState.load(folder)
    if url not in (None, state.issuer):
        raise IssuerStateError(
            f"the issuer in `{folder}` is `{state.issuer}`, not `{url}`",
            help="use its name, or another --home",
        )
    return state


def _check_port(url: str | None) -> None:
    try:
        urlsplit(url or "").port  # noqa: B018 - raises for what is no port
    except ValueError:
        raise click.BadParameter(f"`{url}` has a port that is none") from None


@command.command("serve", short_help="Serve discovery and keys until told to stop.")
@home_option
@click.option("--url", metavar="URL", help=f"What `iss` says [{DEFAULT_URL}].")
@click.option("--listen", metavar="HOST:PORT", help="Where to listen [the URL's, on 127.0.0.1].")
def serve(home: str | None, url: str | None, listen: str | None) -> None:
    """Serve discovery and keys until told to stop; the first call makes keys and a CA."""
    import asyncio

    given = host_and_port(listen) if listen else None
    state = open_issuer(issuer_folder(home), url)
    host, port = given or ("127.0.0.1", _port_of(state.issuer))
    check_free(host, port)
    if state.issuer.startswith("https:"):
        click.echo(f"CA {state.ca_file}, thumbprint {thumbprint(state)}", err=True)
    try:
        asyncio.run(_serve(state, host, port))
    except asyncio.CancelledError:
        click.echo("stopped", err=True)


async def _serve(state: "IssuerState", host: str, port: int) -> None:
    import asyncio
    import signal

    from valetkey.issuer import issuer_app, serve_issuer

    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    secure = state.issuer.startswith("https:")
    await serve_issuer(
        issuer_app(state.issuer, state.watched_keys()),
        host=host,
        port=port,
        tls_cert=state.tls_cert if secure else None,
        tls_key=state.tls_key if secure else None,
        ready=lambda bound: click.echo(f"{state.issuer} on port {bound}", err=True),
    )


def _port_of(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def thumbprint(state: "IssuerState") -> str:
    """Return what IAM calls the thumbprint: SHA-1 of the last certificate that is sent."""
    import hashlib
    import ssl

    der = ssl.PEM_cert_to_DER_cert(state.authority.certificate_pem)
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()


@command.command("token", short_help="Print one ID token for a job.")
@home_option
@click.option(
    "--url", metavar="URL", help=f"What `iss` says [the issuer's name, or {DEFAULT_URL}]."
)
@click.option(
    "--aud",
    metavar="AUD",
    multiple=True,
    required=True,
    help="What `aud` says; twice makes it an array.",
)
@click.option("--environment", metavar="NAME", help="The environment that the job deploys to.")
@click.option(
    "--timeout",
    type=int,
    metavar="N",
    default=3600,
    show_default=True,
    help="Seconds that it lives; less than 0 for one that has expired.",
)
@job_options
def token(
    home: str | None,
    url: str | None,
    aud: tuple[str, ...],
    environment: str | None,
    timeout: int,
    facts: JobFacts,
) -> None:
    """Print one ID token for a job with the given facts."""
    from valetkey.clock import system_clock
    from valetkey.gitlabci import guess_tier
    from valetkey.issuer import Environment, Job, Project, mint

    if not all(aud):
        raise click.BadParameter("an audience is not empty", param_hint="--aud")
    state = open_issuer(issuer_folder(home), url)
    ref = facts.ref(None)
    job = Job(
        issuer=state.issuer,
        project=Project(path=facts.project_path, id=facts.project_id),
        ref=ref,
        ref_type=facts.ref_type,
        ref_protected=facts.ref_protected(ref),
        pipeline_source=facts.pipeline_source,
        environment=Environment(name=environment, tier=guess_tier(environment))
        if environment
        else None,
        timeout=timeout,
    )
    audience = aud[0] if len(aud) == 1 else aud
    click.echo(mint(job, audience, state.keys.ci, system_clock(), str(uuid.uuid4())))


@command.command("export", short_help="Write discovery document and keys as files.")
@home_option
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export(home: str | None, folder: Path) -> None:
    """Write discovery document and keys as files, for a bucket or a web server."""
    from valetkey.issuer import IssuerState, static_files

    state = IssuerState.load(issuer_folder(home))
    files: Mapping[str, bytes] = static_files(state.issuer, state.keys)
    for name, content in files.items():
        path = folder / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(path)


@command.command("rotate", short_help="Replace the key that signs CI tokens.")
@home_option
def rotate(home: str | None) -> None:
    """Replace the key that signs CI tokens; a running server serves the new one at once."""
    from valetkey.issuer import IssuerState

    rotated = IssuerState.load(issuer_folder(home)).rotate()
    click.echo(f"key {rotated.keys.ci.kid} signs from now on", err=True)
