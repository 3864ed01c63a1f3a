"""``valetkey explain``: which statement, which condition, which claim, which character."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from valetkey.cli.options import colored, home_option, home_path, show

if TYPE_CHECKING:
    from valetkey.cli.explaining_token import TokenQuestion
    from valetkey.explain import Explanation

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True)
_OF_PERMISSION = (
    "policies",
    "boundary",
    "session_policies",
    "resource_policy",
    "action",
    "resource",
    "principal",
    "resource_account",
    "context",
    "context_file",
)
_OF_ROLES = ("role_arn", "trust_policy")
_USAGE = (
    "give --request; or --token-file or --claims with either --role-arn or --trust-policy; or"
    " --action and --resource with the policies"
)


_HELP = """Say why a request or a token was refused, and what to write instead.

\b
--request ID                         a request that a server answered
--token-file F --role-arn ARN        a token against a role of this home
--token-file F --trust-policy F      a token against a policy file
--claims F --trust-policy F          the same for claims, only decoded
--policy F --action A --resource ARN a permission, by policy files

Files need no server; one named - is standard input. The exit code is 0 for what is allowed, 1 for
what is refused, and 2 for a question that makes no sense.
"""


F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The options of the question, by the names that click gives them."""

    request_id: str | None
    token_file: Path | None
    claims: Path | None
    role_arn: str | None
    trust_policy: Path | None
    provider_url: str | None
    audiences: tuple[str, ...]
    jwks: Path | None
    account_id: str | None
    role_session_name: str
    policies: tuple[Path, ...]
    boundary: Path | None
    session_policies: tuple[Path, ...]
    resource_policy: Path | None
    action: str | None
    resource: str | None
    principal: str | None
    resource_account: str | None
    context: tuple[str, ...]
    context_file: Path | None
    at: str | None

    def named(self) -> set[str]:
        """Return the options that were given; the session's name has a default."""
        names = {field.name for field in fields(self)} - {"role_session_name"}
        return {name for name in names if getattr(self, name)}

    def files(self) -> list[Path]:
        """Return the files to read."""
        values = [getattr(self, field.name) for field in fields(self)]
        several = [value for value in values if isinstance(value, tuple)]
        listed = [*values, *(each for value in several for each in value)]
        return [value for value in listed if isinstance(value, Path)]


def _file(name: str, help: str, *more: str, multiple: bool = False) -> Callable[[F], F]:
    return click.option(name, *more, metavar="FILE", type=_FILE, help=help, multiple=multiple)


@click.command(
    help=_HELP,
    short_help="Say why a request or a token was refused, and what to write instead.",
)
@home_option
@click.option("--request", "request_id", metavar="ID", help="The request id that the client got.")
@_file("--token-file", "A file that holds an ID token.")
@_file("--claims", "The claims of a token as JSON; nobody's signature is checked.")
@click.option("--role-arn", metavar="ARN", help="The role to assume, as this home knows it.")
@_file("--trust-policy", "A trust policy; no server is needed.")
@click.option("--provider-url", metavar="URL", help="The issuer as registered [the token's iss].")
@click.option(
    "--audience", "audiences", metavar="A", multiple=True, help="A client id [the token's aud]."
)
@_file("--jwks", "The issuer's keys, to check the signature with.")
@click.option("--account-id", metavar="N", help="The provider's account [the policy's].")
@click.option(
    "--role-session-name",
    metavar="NAME",
    default="explain",
    show_default=True,
    help="What the session would be called.",
)
@_file("--policy", "An identity policy of the caller; may be repeated.", "policies", multiple=True)
@_file("--boundary", "The caller's permissions boundary.")
@_file(
    "--session-policy", "A policy of the session; may be repeated.", "session_policies",
    multiple=True,
)  # fmt: skip
@_file("--resource-policy", "The policy of the resource.")
@click.option("--action", metavar="A", help="What is asked for, such as s3:GetObject.")
@click.option("--resource", metavar="ARN", help="What it is asked for on [*].")
@click.option(
    "--principal", metavar="ARN", help="Who asks: a user, role, session or root [any user]."
)
@click.option("--resource-account", metavar="N", help="The resource's account [its ARN's].")
@click.option(
    "--context", metavar="KEY=VALUE", multiple=True,
    help="A condition key; given twice, it has two values.",
)  # fmt: skip
@_file("--context-file", "Condition keys as a JSON object.")
@click.option("--at", metavar="TIME", help="The time to judge by [now].")
@click.option("--all", "whole", is_flag=True, help="Show every step, statement and condition.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(home: str | None, whole: bool, as_json: bool, **options: Any) -> int:
    """Run the command; what it is for is in its help."""
    given = _Given(**options)
    _check_usage(given)
    from valetkey.cli.explaining_input import BadOption
    from valetkey.explain import as_json as to_json
    from valetkey.explain import as_text

    try:
        explanation = _explained(home, given)
    except BadOption as error:
        raise click.UsageError(f"{error.message}: {error.help}") from error

    if as_json:
        values = to_json(explanation, whole=whole)
        click.echo(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        show(as_text(explanation, color=colored(sys.stdout), whole=whole).rstrip("\n"))
    return 0 if explanation.allowed else 1


def _check_usage(given: _Given) -> None:
    """Refuse a question that is none, or two at once."""
    asked = given.named()
    if "request_id" in asked:
        if asked != {"request_id"}:
            raise click.UsageError("--request stands alone: a server has the token's record")
        return
    if {"token_file", "claims"} <= asked:
        raise click.UsageError("give --token-file or --claims, not both")
    permission = asked & set(_OF_PERMISSION)
    if permission and asked & set(_OF_ROLES):
        raise click.UsageError("a permission is asked for, or a role: not both at once")
    if permission and "action" not in asked:
        raise click.UsageError("give --action: what is asked for, such as s3:GetObject")
    if not permission and not (
        asked & {"token_file", "claims"} and len(asked & set(_OF_ROLES)) == 1
    ):
        raise click.UsageError(_USAGE)
    if given.files().count(Path("-")) > 1:
        raise click.UsageError("standard input can be read once: only one file may be -")


def _explained(home: str | None, given: _Given) -> "Explanation":
    if given.request_id:
        from valetkey.cli.explaining import explain_request

        return explain_request(home_path(home), given.request_id)
    question = _token_question(given)
    if given.action:
        return _permission(given, given.action, question)
    assert question is not None  # noqa: S101 - by _check_usage
    if given.trust_policy:
        from valetkey.cli.explaining_token import explain_against_file

        return explain_against_file(question, given.trust_policy)
    from valetkey.cli.explaining import explain_against_role

    return explain_against_role(question, home_path(home), given.role_arn or "")


def _token_question(given: _Given) -> "TokenQuestion | None":
    from valetkey.cli.explaining_input import read_input
    from valetkey.cli.explaining_token import TokenQuestion

    path = given.token_file or given.claims
    if path is None:
        return None
    return TokenQuestion(
        token=read_input(path).strip(),
        session_name=given.role_session_name,
        decoded=given.claims is not None,
        jwks=read_input(given.jwks).encode() if given.jwks else None,
        provider_url=given.provider_url,
        audiences=given.audiences,
        account=given.account_id,
        at=given.at,
    )


def _permission(given: _Given, action: str, token: "TokenQuestion | None") -> "Explanation":
    from valetkey.cli.explaining_permission import PermissionQuestion, explain_files

    return explain_files(
        PermissionQuestion(
            action=action,
            resource=given.resource or "*",
            identity=given.policies,
            boundary=given.boundary,
            session=given.session_policies,
            resource_policy=given.resource_policy,
            principal=given.principal,
            resource_account=given.resource_account,
            context=given.context,
            context_file=given.context_file,
            at=given.at,
            token=token,
        )
    )
