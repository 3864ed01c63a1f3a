"""``valetkey credentials``: a role's credentials in the form that ``credential_process`` reads."""

import json
import os
from pathlib import Path

import click

from valetkey.cli.options import read_text

DEFAULT_ENDPOINT = "http://127.0.0.1:8080"


@click.command(short_help="Print a role's credentials for credential_process.")
@click.option(
    "--role-arn", required=True, metavar="ARN", help="The role to assume.", envvar="AWS_ROLE_ARN"
)
@click.option(
    "--web-identity-token-file",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The file that holds the ID token; read anew each time.",
    envvar="AWS_WEB_IDENTITY_TOKEN_FILE",
)
@click.option(
    "--role-session-name",
    metavar="NAME",
    default="valetkey",
    show_default=True,
    help="What the session is called.",
    envvar="AWS_ROLE_SESSION_NAME",
)
@click.option("--duration-seconds", type=int, metavar="N", help="How long they last [3600].")
@click.option(
    "--endpoint-url",
    metavar="URL",
    help=f"The server [$AWS_ENDPOINT_URL_STS, $AWS_ENDPOINT_URL, else {DEFAULT_ENDPOINT}].",
)
def command(
    role_arn: str,
    web_identity_token_file: Path,
    role_session_name: str,
    duration_seconds: int | None,
    endpoint_url: str | None,
) -> None:
    """Print a role's credentials as one JSON object, for credential_process.

    On failure nothing goes to stdout, the reason goes to stderr, and the exit code is 1. A role,
    a token file and a session name that are not given are taken from AWS_ROLE_ARN,
    AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_SESSION_NAME.
    """
    from valetkey.cli.sts_client import assume_role_with_web_identity

    parameters = {
        "RoleArn": role_arn,
        "RoleSessionName": role_session_name,
        "WebIdentityToken": read_text(web_identity_token_file).strip(),
    }
    if duration_seconds is not None:
        parameters["DurationSeconds"] = str(duration_seconds)
    endpoint = endpoint_url or _endpoint()
    granted = assume_role_with_web_identity(endpoint, parameters, os.environ.get("AWS_CA_BUNDLE"))
    click.echo(json.dumps({"Version": 1, **granted}))


def _endpoint() -> str:
    names = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL")
    return next((os.environ[name] for name in names if os.environ.get(name)), DEFAULT_ENDPOINT)
