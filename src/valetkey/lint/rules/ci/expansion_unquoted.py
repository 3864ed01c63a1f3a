"""An unquoted variable that may be empty is the value of an option of `aws sts`.

## What
A call of `aws sts` takes the value of an option from a variable without quotes, and nothing in
the file sets that variable.

## Why
An empty variable without quotes is no argument at all. What follows the option is then the next
option, and the message is about the command line: `expected one argument`. In quotes the value is
empty, and the message names it: `Invalid length for parameter RoleArn, value: 0`.

## Example
    - aws sts assume-role-with-web-identity --role-arn $ROLE_ARN --role-session-name ci …

## Instead
    - aws sts assume-role-with-web-identity --role-arn "$ROLE_ARN" --role-session-name ci …

Variables that the file sets, and the ID tokens of the job, are not reported.

## References
- https://www.gnu.org/software/bash/manual/html_node/Word-Splitting.html
- https://docs.gitlab.com/ci/variables/#protect-a-cicd-variable
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.gitlabci import REMOVED
from valetkey.lint.model import CiRule, CiSubject, Edit, Finding
from valetkey.lint.rules.ci._aws import Option, credential_calls
from valetkey.lint.rules.ci._scripts import Shell, edit, shells, unanimous
from valetkey.lint.rules.ci._values import Names
from valetkey.lint.shell import Expansion


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find option values that vanish where a variable is empty."""
    return unanimous(
        subject,
        ((shell, each) for shell in shells(subject) for each in _in_shell(subject, shell)),
    )


def _in_shell(subject: CiSubject, shell: Shell) -> Iterator[Finding]:
    names = Names(subject, shell)
    for call in credential_calls(shell.aws):
        for option in call.options:
            found = option.value.sole if option.value is not None else None
            if found is None or option.value is None or option.flag.end == option.value.end:
                continue
            plain = not found.quoted and not found.operator
            gone = found.name in REMOVED and not names.anew(found.name)
            if plain and (gone or not names.known(found.name)):
                yield _finding(subject, shell, option, found)


def _finding(subject: CiSubject, shell: Shell, option: Option, found: Expansion) -> Finding:
    span = shell.span(found.start, found.end)
    written = shell.text[found.start : found.end]
    edits: tuple[Edit, ...] = ()
    if shell.quotes_freely(found.start) and "`" not in shell.text:
        edits = edit(subject.source, span, written, f'"{written}"')
    return RULE.finding(
        f"where `{found.name}` is empty, `{option.name}` is left without a value",
        (span, "not in quotes"),
        help=f'write `"{written}"`',
        edits=edits,
    )


RULE = CiRule(
    code="CI010",
    name="expansion_unquoted",
    severity=Severity.WARNING,
    page=__doc__,
    check=check,
)
