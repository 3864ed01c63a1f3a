"""``valetkey explain``: which statement, which condition, which claim, which character."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valetkey.cli.options import colored, home_option, home_path, read_text, show

if TYPE_CHECKING:
    from valetkey.explain import Explanation

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command(short_help="Say why a request or a token was refused, and what to write instead.")
@home_option
@click.option("--request", "request_id", metavar="ID", help="The request id that the client got.")
@click.option("--token-file", metavar="FILE", type=_FILE, help="A file that holds an ID token.")
@click.option("--role-arn", metavar="ARN", help="The role to assume, as this home knows it.")
@click.option(
    "--trust-policy", metavar="FILE", type=_FILE, help="A trust policy; no server is needed."
)
@click.option("--provider-url", metavar="URL", help="The issuer as registered [the token's iss].")
@click.option(
    "--audience", "audiences", metavar="A", multiple=True, help="A client id [the token's aud]."
)
@click.option(
    "--jwks", metavar="FILE", type=_FILE, help="The issuer's keys, to check the signature with."
)
@click.option("--account-id", metavar="N", help="The provider's account [the policy's].")
@click.option(
    "--role-session-name",
    metavar="NAME",
    default="explain",
    show_default=True,
    help="What the session would be called.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    home: str | None,
    request_id: str | None,
    token_file: Path | None,
    role_arn: str | None,
    trust_policy: Path | None,
    provider_url: str | None,
    audiences: tuple[str, ...],
    jwks: Path | None,
    account_id: str | None,
    role_session_name: str,
    as_json: bool,
) -> int:
    r"""Say why a request or a token was refused, and what to write instead.

    \b
    --request ID                       a request that a server answered
    --token-file F --role-arn ARN      a token against a role of this home
    --token-file F --trust-policy F    a token against a policy file, without a server

    The exit code is 0 for what is allowed and 1 for what is refused.
    """
    from valetkey.cli.explaining import (
        TokenQuestion,
        explain_against_file,
        explain_against_role,
        explain_request,
    )

    if request_id is not None:
        if token_file or role_arn or trust_policy:
            raise click.UsageError("--request stands alone: a server has the token's record")
        return _show(explain_request(home_path(home), request_id), as_json=as_json)
    if token_file is None or (role_arn is None) == (trust_policy is None):
        raise click.UsageError(
            "give --request, or --token-file with either --role-arn or --trust-policy"
        )
    question = TokenQuestion(
        token=read_text(token_file).strip(),
        session_name=role_session_name,
        jwks=jwks.read_bytes() if jwks else None,
        provider_url=provider_url,
        audiences=audiences,
        account=account_id,
    )
    if trust_policy is not None:
        return _show(explain_against_file(question, trust_policy), as_json=as_json)
    return _show(explain_against_role(question, home_path(home), role_arn or ""), as_json=as_json)


def _show(explanation: "Explanation", *, as_json: bool) -> int:
    from valetkey.explain import as_json as to_json
    from valetkey.explain import as_text

    if as_json:
        click.echo(json.dumps(to_json(explanation), indent=2, ensure_ascii=False))
    else:
        show(as_text(explanation, color=colored(sys.stdout)).rstrip("\n"))
    return 0 if explanation.allowed else 1
