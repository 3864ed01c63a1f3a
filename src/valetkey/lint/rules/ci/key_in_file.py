"""A long-lived access key stands in the file.

## What
A variable or a script of the file holds an access key id of a user (`AKIA…`), or the secret key
itself.

## Why
Everybody who may read the repository, now or later, has the key; it does not expire, and
taking it out of the file leaves it in the history. Jobs that exchange an ID token need none.

## Example
    variables:
      AWS_ACCESS_KEY_ID: AKIA…
      AWS_SECRET_ACCESS_KEY: …

## Instead
Delete the key in IAM, and let the job exchange an ID token for credentials that expire:

    deploy:
      id_tokens:
        ID_TOKEN:
          aud: https://aws.example

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles
- https://docs.gitlab.com/ci/cloud_services/
"""

import re
from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.gitlabci import CiFile, Variable, layout
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._scripts import once, shells

_KEY_ID = re.compile(r"(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9])")
_SECRET = re.compile(r"[A-Za-z0-9/+]{40}")
_ASSIGNED_SECRET = re.compile(
    r"(?i:aws_secret_access_key)[= ]+[\"']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"
)


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find keys in variables and scripts."""
    return once(_finding(span, secret=secret) for span, secret in _found(subject))


def _found(subject: CiSubject) -> Iterator[tuple[Span, bool]]:
    for name, variable in _variables(subject.file):
        if variable.span is not None:
            yield from _in_variable(name, variable, variable.span)
    for shell in shells(subject):
        for match in _KEY_ID.finditer(shell.text):
            if _is_real(match[0]) and shell.script.understood:
                yield shell.span(*match.span()), False
        for match in _ASSIGNED_SECRET.finditer(shell.text):
            if _is_real(match[1]) and shell.script.understood:
                yield shell.span(*match.span(1)), True


def _variables(file: CiFile) -> Iterator[tuple[str, Variable]]:
    """Yield each variable of the file once, however many jobs inherit it."""
    seen = set()
    ruled = [rule.variables for rule in file.workflow or ()]
    for job in file.jobs.values():
        ruled.extend(rule.variables for rule in job.rules or ())
        ruled.append(job.variables)
    for variables in (file.variables, *ruled):
        for name, variable in variables.items():
            if id(variable) not in seen:
                seen.add(id(variable))
                yield name, variable


def _in_variable(name: str, variable: Variable, span: Span) -> Iterator[tuple[Span, bool]]:
    value = variable.value
    if name.upper() == "AWS_SECRET_ACCESS_KEY" and _SECRET.fullmatch(value) and _is_real(value):
        yield span, True
    for match in _KEY_ID.finditer(value):
        if _is_real(match[0]):
            places = layout(span, value)
            place = span if places is None else Span(span.source, *places.range(*match.span()))
            yield place, False


def _is_real(key: str) -> bool:
    """Return whether a key is not one of those that documentation shows."""
    return "EXAMPLE" not in key.upper()


def _finding(span: Span, *, secret: bool) -> Finding:
    what = "a secret access key" if secret else "the id of a long-lived access key"
    return RULE.finding(
        f"{what} stands in the file",
        (span, "for everybody who may read the repository"),
        help="delete the key in IAM, and exchange an ID token of `id_tokens` instead",
    )


RULE = CiRule(
    code="CI016",
    name="key_in_file",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
