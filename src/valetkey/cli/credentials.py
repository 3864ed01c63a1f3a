"""``valetkey credentials``: a role's credentials in the form that ``credential_process`` reads."""

import json
import os
from pathlib import Path

import click

DEFAULT_ENDPOINT = "http://127.0.0.1:8080"


@click.command(short_help="Print a role's credentials for credential_process.")
@click.option("--role-arn", required=True, metavar="ARN", help="The role to assume.")
@click.option(
    "--web-identity-token-file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that holds the ID token; read anew each time.",
)
@click.option("--role-session-name", metavar="NAME", default="valetkey", show_default=True)
@click.option("--duration-seconds", type=int, metavar="N", help="How long they last [3600].")
@click.option("--endpoint-url", metavar="URL", help="The server [$AWS_ENDPOINT_URL_STS and kin].")
def command(
    role_arn: str,
    web_identity_token_file: Path,
    role_session_name: str,
    duration_seconds: int | None,
    endpoint_url: str | None,
) -> None:
    """Print a role's credentials as one JSON object, for credential_process.

    On failure nothing goes to stdout, the reason goes to stderr, and the exit code is 1.
    """
    from valetkey.cli.sts_client import assume_role_with_web_identity  # noqa: PLC0415

    environ = os.environ
    endpoint = (
        endpoint_url
        or environ.get("AWS_ENDPOINT_URL_STS")
        or environ.get("AWS_ENDPOINT_URL")
        or DEFAULT_ENDPOINT
    )
    parameters = {
        "RoleArn": role_arn,
        "RoleSessionName": role_session_name,
        "WebIdentityToken": web_identity_token_file.read_text().strip(),
    }
    if duration_seconds is not None:
        parameters["DurationSeconds"] = str(duration_seconds)
    granted = assume_role_with_web_identity(endpoint, parameters, environ.get("AWS_CA_BUNDLE"))
    click.echo(
        json.dumps(
            {
                "Version": 1,
                "AccessKeyId": granted["AccessKeyId"],
                "SecretAccessKey": granted["SecretAccessKey"],
                "SessionToken": granted["SessionToken"],
                # Seconds and a literal Z: other spellings break one SDK or another.
                "Expiration": granted["Expiration"],
            }
        )
    )
