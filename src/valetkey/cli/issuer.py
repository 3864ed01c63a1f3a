"""``valetkey issuer``: a GitLab-shaped issuer, for trying trust out on one machine."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

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
    from valetkey.clock import system_clock  # noqa: PLC0415
    from valetkey.issuer import IssuerState, IssuerStateError  # noqa: PLC0415

    if not (folder / "issuer.json").exists():
        return IssuerState.create(folder, url or DEFAULT_URL, now=system_clock())
    state = IssuerState.load(folder)
    if url not in (None, state.issuer):
        raise IssuerStateError(
            f"the issuer in `{folder}` is `{state.issuer}`, not `{url}`",
            help="use its name, or another --home",
        )
    return state


@command.command("serve")
@home_option
@click.option("--url", metavar="URL", help=f"What `iss` says [{DEFAULT_URL}].")
@click.option("--listen", metavar="HOST:PORT", help="Where to listen [the URL's, on 127.0.0.1].")
def serve(home: str | None, url: str | None, listen: str | None) -> None:
    """Serve discovery and keys until told to stop; the first call makes keys and a CA."""
    import asyncio  # noqa: PLC0415
    import signal  # noqa: PLC0415
    from urllib.parse import urlsplit  # noqa: PLC0415

    from valetkey.issuer import issuer_app, serve_issuer  # noqa: PLC0415

    state = open_issuer(issuer_folder(home), url)
    parts = urlsplit(state.issuer)
    secure = parts.scheme == "https"
    host, _, port = (listen or f"127.0.0.1:{parts.port or (443 if secure else 80)}").rpartition(":")
    if not port.isdigit():
        raise click.BadParameter("write it as HOST:PORT", param_hint="--listen")

    async def run() -> None:
        task = asyncio.current_task()
        if task is not None:
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await serve_issuer(
            issuer_app(state.issuer, state.watched_keys()),
            host=host.strip("[]"),
            port=int(port),
            tls_cert=state.tls_cert if secure else None,
            tls_key=state.tls_key if secure else None,
            ready=lambda bound: click.echo(f"{state.issuer} on port {bound}", err=True),
        )

    if secure:
        click.echo(f"CA {state.ca_file}, thumbprint {thumbprint(state)}", err=True)
    try:
        asyncio.run(run())
    except asyncio.CancelledError:
        click.echo("stopped", err=True)


def thumbprint(state: "IssuerState") -> str:
    """Return what IAM calls the thumbprint: SHA-1 of the last certificate that is sent."""
    import hashlib  # noqa: PLC0415
    import ssl  # noqa: PLC0415

    der = ssl.PEM_cert_to_DER_cert(state.authority.certificate_pem)
    return hashlib.sha1(der, usedforsecurity=False).hexdigest()


def job_options(function: click.decorators.FC) -> click.decorators.FC:
    """Add the options that say which job a token is for."""
    options = (
        click.option("--project-path", metavar="G/P", default="group/project", show_default=True),
        click.option("--project-id", type=int, metavar="N", default=20, show_default=True),
        click.option("--ref", metavar="NAME", help="Branch or tag [main]."),
        click.option(
            "--ref-type", type=click.Choice(["branch", "tag"]), default="branch", show_default=True
        ),
        click.option(
            "--protected/--unprotected",
            default=None,
            help="Whether the ref is protected [the default branch is].",
        ),
        click.option("--pipeline-source", metavar="NAME", default="push", show_default=True),
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command("token")
@home_option
@click.option("--url", metavar="URL", help=f"What `iss` says [{DEFAULT_URL}].")
@click.option("--aud", metavar="AUD", multiple=True, required=True, help="Repeat it for an array.")
@click.option("--environment", metavar="NAME", help="The environment that the job deploys to.")
@click.option("--timeout", type=int, default=3600, show_default=True, help="Seconds it lives.")
@job_options
def token(  # noqa: PLR0917 - click passes options by name
    home: str | None,
    url: str | None,
    aud: tuple[str, ...],
    environment: str | None,
    timeout: int,
    project_path: str,
    project_id: int,
    ref: str | None,
    ref_type: str,
    protected: bool | None,
    pipeline_source: str,
) -> None:
    """Print one ID token for a job with the given facts."""
    from valetkey.clock import system_clock  # noqa: PLC0415
    from valetkey.gitlabci import guess_tier  # noqa: PLC0415
    from valetkey.issuer import Environment, Job, Project, mint  # noqa: PLC0415

    state = open_issuer(issuer_folder(home), url)
    name = ref or "main"
    job = Job(
        issuer=state.issuer,
        project=Project(path=project_path, id=project_id),
        ref=name,
        ref_type="tag" if ref_type == "tag" else "branch",
        ref_protected=name == "main" if protected is None else protected,
        pipeline_source=pipeline_source,
        environment=Environment(name=environment, tier=guess_tier(environment))
        if environment
        else None,
        timeout=timeout,
    )
    audience = aud[0] if len(aud) == 1 else aud
    click.echo(mint(job, audience, state.keys.ci, system_clock(), str(uuid.uuid4())))


@command.command("export")
@home_option
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export(home: str | None, folder: Path) -> None:
    """Write discovery document and keys as files, for a bucket or a web server."""
    from valetkey.issuer import IssuerState, static_files  # noqa: PLC0415

    state = IssuerState.load(issuer_folder(home))
    files: Mapping[str, bytes] = static_files(state.issuer, state.keys)
    for name, content in files.items():
        path = folder / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(path)


@command.command("rotate")
@home_option
def rotate(home: str | None) -> None:
    """Replace the key that signs CI tokens; a running server serves the new one at once."""
    from valetkey.issuer import IssuerState  # noqa: PLC0415

    rotated = IssuerState.load(issuer_folder(home)).rotate()
    click.echo(f"key {rotated.keys.ci.kid} signs from now on", err=True)
