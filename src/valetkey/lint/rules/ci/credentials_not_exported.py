"""Credentials are assigned and never exported.

## What
A script assigns `AWS_ACCESS_KEY_ID` and its kin as variables of the shell, calls `aws`, and
exports them nowhere.

## Why
A variable that is not exported stays in the shell: the commands that it starts don't get it.
`aws` finds no credentials, or those of the runner's machine.

## Example
    - AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId answer.json)
    - aws s3 ls

## Instead
    - AWS_ACCESS_KEY_ID=$(jq -r .Credentials.AccessKeyId answer.json)
    - export AWS_ACCESS_KEY_ID
    - aws s3 ls

A variable that the job was started with is exported already: those under `variables:` are.

## References
- https://www.gnu.org/software/bash/manual/html_node/Environment.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._credentials import CREDENTIALS, needs_credentials
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import Names
from valetkey.lint.shell import Assignment, Command, Kind

_EXPORTING = frozenset({"declare", "env", "export", "typeset"})


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find credentials that stay in the shell."""
    return once(finding for shell in shells(subject) for finding in _in_shell(subject, shell))


def _in_shell(subject: CiSubject, shell: Shell) -> Iterator[Finding]:
    assigned = [pair for command in shell.script.commands for pair in _assigned(command)]
    if not assigned or not shell.aws or Names(subject, shell).open or _exports_all(shell):
        return
    exported = _exported(shell) | shell.job.variables.keys() | subject.facts.variables
    for command, each in assigned:
        call = next((c for c in shell.aws if c.start > each.end and needs_credentials(c)), None)
        if call is None or each.name in exported:
            continue
        yield RULE.finding(
            f"`{each.name}` is assigned and not exported, so `aws` does not get it",
            (shell.span(each.start, each.start + len(each.name)), "stays in the shell"),
            (shell.span(call.start, call.end), "does not get it"),
            help=f"write `export {each.name}` on the next line",
        )
        if len(command.assigns) > 1:
            return


def _assigned(command: Command) -> Iterator[tuple[Command, Assignment]]:
    """Yield the credentials that a plain assignment sets for the whole script."""
    if command.words or any(step.kind is not Kind.EARLIER for step in command.within):
        return
    for assignment in command.assigns:
        if assignment.name in CREDENTIALS and assignment.value.parts:
            yield command, assignment


def _exported(shell: Shell) -> frozenset[str]:
    found = set()
    for command in shell.script.commands:
        if command.name in _EXPORTING:
            text = shell.text[command.start : command.end]
            found |= {name for name in CREDENTIALS if name in text}
    return frozenset(found)


def _exports_all(shell: Shell) -> bool:
    """Return whether the script exports every variable, or by a name that is not written out."""
    for command in shell.script.commands:
        words = [word.literal for word in command.arguments]
        if command.name == "set" and any(w is not None and _is_all(w) for w in words):
            return True
        if command.name in _EXPORTING and None in words:
            return True
    return False


def _is_all(word: str) -> bool:
    return word == "allexport" or (word.startswith("-") and "a" in word)


RULE = CiRule(
    code="CI025",
    name="credentials_not_exported",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
