"""A secret's ARN is written without the six characters that end it.

## What
A resource is the ARN of a secret by its name alone, or by its name and a star.

## Why
Secrets Manager puts a hyphen and six random characters behind the name. Without them and without
a wildcard the ARN is that of no secret (an error). With `*` behind the name it is also that of
every secret whose name begins so: `secret:db*` takes in `secret:db-root` (a note).

## Example
    "Resource": "arn:aws:secretsmanager:eu-test-1:400000000019:secret:kiln/db"

## Instead
    "Resource": "arn:aws:secretsmanager:eu-test-1:400000000019:secret:kiln/db-??????"

## References
- https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
"""

import re
from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.patterns import FIELDS, is_wild
from valetkey.lint.places import within
from valetkey.lint.rules.permission._grants import PERMISSIONS

_WHOLE = re.compile(r".+-[A-Za-z0-9]{6}")
_BY_NAME = re.compile(r"[^*?]*[A-Za-z0-9]\*")


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find secrets whose ARN is not complete."""
    for statement in subject.document.statements:
        for value in statement.resource.values if statement.resource else ():
            fields = value.text.split(":", FIELDS - 1)
            if len(fields) < FIELDS or fields[2] != "secretsmanager" or "${" in value.text:
                continue
            kind, _, name = fields[-1].partition(":")
            if kind != "secret" or not name:
                continue
            place = within(subject.document, value, len(value.text) - len(name), len(value.text))
            stem = name.rstrip("*")
            if not is_wild(name) and not _WHOLE.fullmatch(name):
                yield RULE.finding(
                    f"no secret has the ARN of `{name[:80]}` without six characters behind it",
                    place,
                    help=f"write `{name}-??????`",
                )
            elif _BY_NAME.fullmatch(name) and not statement.denies:
                yield RULE.finding(
                    f"`{name[:80]}` is every secret whose name begins with `{stem[:80]}`",
                    place,
                    help=f"write `{stem}-??????` for the one secret",
                    severity=Severity.NOTE,
                )


RULE = PolicyRule(
    code="PERM016",
    name="secret_suffix_missing",
    severity=Severity.ERROR,
    page=__doc__,
    types=PERMISSIONS,
    check=check,
)
