"""The `--query` of an exchange picks out something else than the credentials.

## What
`--query` names a field that the answer does not have, such as `AccessKeyID`, or lists the fields
in another order than the variables that they become.

## Why
`aws` prints `None` for a field that is not there and succeeds; a secret key that becomes the
session token is noticed at the first call that is signed with it. Both look like a fault of the
role.

## Example
    export $(printf "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s"
      $(aws sts … --query 'Credentials.[AccessKeyID,SessionToken,SecretAccessKey]' --output text))

## Instead
    --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]'

## References
- https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html
- https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-filter.html
"""

import re
from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity, did_you_mean
from valetkey.lint.model import CiRule, CiSubject, Edit, Finding
from valetkey.lint.rules.ci._aws import Invocation, credential_calls
from valetkey.lint.rules.ci._scripts import Shell, edit, shells, unanimous
from valetkey.lint.shell import Command, Kind, Text

_VARIABLES: Final = {
    "AccessKeyId": "AWS_ACCESS_KEY_ID",
    "SecretAccessKey": "AWS_SECRET_ACCESS_KEY",
    "SessionToken": "AWS_SESSION_TOKEN",
}
_FIELDS: Final = (*_VARIABLES, "Expiration")
_QUERY = re.compile(
    r"\s*(?P<root>[Cc]redentials)\s*\.\s*(?:\[(?P<list>[^\[\]]*)\]|(?P<one>\w+))\s*", re.ASCII
)
_FIELD = re.compile(r"[^,\s]+")
_FORMAT = re.compile(r"\b(AWS_[A-Z_]+)=[\"']?%s")


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find queries that miss."""
    return unanimous(
        subject,
        (
            (shell, finding)
            for shell in shells(subject)
            for call in credential_calls(shell.aws)
            for finding in _of_call(subject, shell, call)
        ),
    )


def _of_call(subject: CiSubject, shell: Shell, call: Invocation) -> Iterator[Finding]:
    query = call.value("--query")
    match = _QUERY.fullmatch(query.literal or "") if query is not None else None
    if query is None or match is None:
        return
    fields = _FIELD.findall(match["list"] if match["one"] is None else match["one"])
    place = shell.span(query.start, query.end)
    for field in fields:
        if field in _FIELDS or not field.isidentifier():
            continue
        near = _near(field)
        yield RULE.finding(
            f"the answer of `{call.title}` has no `{field}`, so `aws` prints `None` for it",
            (place, "`None`, with success"),
            help=f"did you mean `{near}`?" if near else f"it has `{'`, `'.join(_FIELDS)}`",
            edits=_edits(subject, shell, query.parts[0], (field, near)) if near else (),
        )
    if match["root"] != "Credentials":
        yield RULE.finding(
            "the answer has `Credentials`, with a capital letter; `aws` prints `None` for this",
            (place, "`None`, with success"),
            help="write `Credentials`",
        )
    yield from _order(shell, call, fields)


def _near(field: str) -> str | None:
    same = next((one for one in _FIELDS if one.lower() == field.lower()), None)
    return same or did_you_mean(field, _FIELDS)


def _edits(
    subject: CiSubject, shell: Shell, part: object, change: tuple[str, str]
) -> tuple[Edit, ...]:
    if not isinstance(part, Text):
        return ()
    was, becomes = change
    written = re.compile(rf"\b{re.escape(was)}\b").finditer(shell.text, part.start, part.end)
    places = [shell.span(*match.span()) for match in written]
    # Of a field that stands there twice, each one is found, and each finding mends them all.
    return tuple(each for place in places for each in edit(subject.source, place, was, becomes))


def _order(shell: Shell, call: Invocation, fields: list[str]) -> Iterator[Finding]:
    """Compare the order of the fields with that of the variables that they become."""
    printer = _printer(shell, call.command)
    template = printer.arguments[0].literal if printer and printer.arguments else None
    names = _FORMAT.findall(template or "")
    wanted = [_VARIABLES.get(field) for field in fields]
    if printer is None or None in wanted or sorted(names) != sorted(filter(None, wanted)):
        return
    for field, becomes, name in zip(fields, names, wanted, strict=True):
        if becomes != name:
            word, query = printer.arguments[0], call.value("--query")
            yield RULE.finding(
                f"`{field}` of the answer becomes `{becomes}`",
                (shell.span(word.start, word.end), "the variables, in this order"),
                *([] if query is None else [shell.span(query.start, query.end)]),
                help="list the fields in the order of the variables",
            )
            return


def _printer(shell: Shell, command: Command) -> Command | None:
    """Return the ``printf`` that the output of a command is an argument of."""
    steps = [step for step in command.within if step.kind is Kind.ARGUMENT][-1:]
    return next(
        (
            one
            for step in steps
            if step.name == "printf"
            for one in shell.script.commands
            if one.start == step.start and one.name == "printf"
        ),
        None,
    )


RULE = CiRule(
    code="CI022",
    name="query_misses_credentials",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
