"""The duration of the session is one that AWS refuses.

## What
`--duration-seconds` is not a number from 900 to 43200.

## Why
AWS refuses shorter and longer sessions, and so does `aws` where the value is no number. The
default is one hour; a role allows one hour at most unless its `MaxSessionDuration` says more.

## Example
    --duration-seconds 300

## Instead
    --duration-seconds 900

Credentials that should live no longer than the job are a matter of what the role may do, not of
minutes.

## References
- https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._aws import Invocation
from valetkey.lint.rules.ci._scripts import once, shells
from valetkey.lint.rules.ci._values import Names, whole

_SHORTEST: Final = 900
_LONGEST: Final = {
    "assume-role": 43_200,
    "assume-role-with-saml": 43_200,
    "assume-role-with-web-identity": 43_200,
    "get-federation-token": 129_600,
    "get-session-token": 129_600,
}
_MAX_DIGITS: Final = 9


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find durations that AWS refuses."""
    return once(_found(subject))


def _found(subject: CiSubject) -> Iterator[Finding]:
    for shell in shells(subject):
        for call in shell.aws:
            value = call.value("--duration-seconds") if call.service == "sts" else None
            if value is None or call.operation not in _LONGEST:
                continue
            pieces = Names(subject, shell).pieces(value)
            known = whole(pieces)
            if known is not None and (wrong := _wrong(call, known)) is not None:
                longest = _LONGEST[call.operation]
                yield RULE.finding(
                    f"`{known}` is no duration for `{call.title}`: {wrong}",
                    (pieces[0].span, "refused"),
                    help=f"write a number of seconds from {_SHORTEST} to {longest}",
                )


def _wrong(call: Invocation, value: str) -> str | None:
    if not value.isascii() or not value.isdigit():
        return "it should be a plain number of seconds"
    if len(value) <= _MAX_DIGITS and int(value) < _SHORTEST:
        return f"the shortest is {_SHORTEST}"
    longest = _LONGEST[call.operation]
    if len(value) > _MAX_DIGITS or int(value) > longest:
        return f"the longest is {longest}"
    return None


RULE = CiRule(
    code="CI012",
    name="duration_out_of_range",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
