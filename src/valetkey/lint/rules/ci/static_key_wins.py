"""A key in the variables is used instead of the ID token.

## What
The job hands its token to `aws` by `AWS_WEB_IDENTITY_TOKEN_FILE`, and `AWS_ACCESS_KEY_ID` is set
as well, in the file or in the project.

## Why
`aws` and the SDKs look for keys in the environment first and never come to the token file. The
job works, as the owner of the key; the role, and the trust in the token, are for show.

## Example
    variables:
      AWS_ACCESS_KEY_ID: $CI_KEY_ID
      AWS_SECRET_ACCESS_KEY: $CI_SECRET_KEY
      AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/token
      AWS_ROLE_ARN: arn:aws:iam::123456789012:role/deploy

## Instead
Take the key out of the variables, in the project too, or `unset AWS_ACCESS_KEY_ID
AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN` before the first call.

## References
- https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
- https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._scripts import Shell, main_shells, once
from valetkey.lint.rules.ci._values import assignments

_KEY = "AWS_ACCESS_KEY_ID"
_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find keys that go before the token file."""
    return once(_found(subject))


def _found(subject: CiSubject) -> Iterator[Finding]:
    for shell in main_shells(subject):
        file = _file(shell)
        if file is None or not shell.script.understood or _KEY in shell.text:
            continue
        label = "never looked at"
        key = shell.job.variables.get(_KEY)
        if key is not None and key.key is not None and key.value.strip():
            yield _finding((key.key, "goes before the token file"), (file, label))
        elif key is None and _KEY in subject.facts.variables:
            yield _finding((file, label))


def _file(shell: Shell) -> Span | None:
    """Return where the job names the token file, if it does."""
    variable = shell.job.variables.get(_FILE)
    if variable is not None:
        return variable.key if variable.value else None
    for assignment in assignments(shell).get(_FILE, ()):
        if assignment is not None:
            return shell.span(assignment.start, assignment.start + len(_FILE))
    return None


def _finding(*places: tuple[Span, str]) -> Finding:
    return RULE.finding(
        f"`{_KEY}` is set, so `{_FILE}` is not looked at",
        *places,
        help="take the key out of the variables, or `unset` it before the first call",
    )


RULE = CiRule(
    code="CI017",
    name="static_key_wins",
    severity=Severity.WARNING,
    page=__doc__,
    check=check,
)
