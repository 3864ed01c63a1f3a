"""The session token of temporary credentials is not passed on.

## What
A script takes key id and secret key from the answer of `aws sts`, and the session token nowhere.

## Why
Temporary credentials are three values. A request that is signed without the third is refused
with `InvalidClientTokenId`: such a key id is unknown by itself.

## Example
    - export AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId answer.json)
    - export AWS_SECRET_ACCESS_KEY=$(jq -r .Credentials.SecretAccessKey answer.json)

## Instead
    - export AWS_SESSION_TOKEN=$(jq -r .Credentials.SessionToken answer.json)

as well.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._aws import credential_calls
from valetkey.lint.rules.ci._credentials import written_names
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import Names

_SECRET = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 - the name of a variable
_TOKEN = "session_token"  # noqa: S105 - a part of names


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find credentials of which a part is left behind."""
    return once(finding for shell in shells(subject) for finding in _in_shell(subject, shell))


def _in_shell(subject: CiSubject, shell: Shell) -> Iterator[Finding]:
    calls = list(credential_calls(shell.aws))
    if not calls or _TOKEN in shell.text.lower() or Names(subject, shell).open:
        return
    if any(_TOKEN in name.lower() for name in shell.job.variables):
        return
    for command in shell.script.commands:
        if command.end > calls[0].start and _SECRET in written_names(shell, command):
            at = shell.text.index(_SECRET, command.start)
            yield RULE.finding(
                f"`{_SECRET}` is set and `AWS_SESSION_TOKEN` is not",
                (shell.span(at, at + len(_SECRET)), "worth nothing by itself"),
                (shell.span(calls[0].start, calls[0].end), "answers with three values"),
                help="set `AWS_SESSION_TOKEN` to `SessionToken` of the answer too",
            )
            return


RULE = CiRule(
    code="CI023",
    name="session_token_forgotten",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
