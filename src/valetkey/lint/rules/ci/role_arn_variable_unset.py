"""A variable in the ARN of a role is set nowhere.

## What
The ARN of the role is put together from variables, and one of them is set nowhere: not in the
file, not by the script, not by GitLab, and not among the variables that are known of.

## Why
An unset variable is empty. `arn:aws:iam::${ACCOUNT}:role/deploy` becomes
`arn:aws:iam:::role/deploy`, and the answer, `Request ARN is invalid`, does not say why. A
variable of the project that is *protected* is absent on refs that are not.

## Example
    script:
      - export AWS_ROLE_ARN="arn:aws:iam::${ACCOUNT}:role/deploy"

## Instead
Set the variable in the file, or in the project and then say so: `${ACCOUNT:?is not set}` stops
the job with a message of your own.

    variables:
      ACCOUNT: "123456789012"

## References
- https://docs.gitlab.com/ci/variables/#protect-a-cicd-variable
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, did_you_mean
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._roles import roles
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import Names, Piece


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find variables in role ARNs that nothing sets."""
    return once(finding for shell in shells(subject) for finding in _in_shell(subject, shell))


def _in_shell(subject: CiSubject, shell: Shell) -> Iterator[Finding]:
    names = Names(subject, shell)
    if names.open:
        return
    for pieces in roles(names, shell):
        in_part = any(piece.text and piece.text.startswith("arn:") for piece in pieces)
        for piece in pieces:
            if not piece.name or piece.operator or names.known(piece.name):
                continue
            near = did_you_mean(piece.name, names.near())
            # a variable that is all of the ARN is commonly set in the project
            if in_part or names.outside or near is not None:
                yield _finding(piece, near)


def _finding(piece: Piece, near: str | None) -> Finding:
    advice = [f"did you mean `{near}`?"] if near else []
    return RULE.finding(
        f"`{piece.name}` in the ARN of the role is set nowhere in this file",
        (piece.span, "empty, unless the project sets it"),
        notes=["protected variables of the project are absent on refs that are not protected"],
        help=[*advice, f"set it under `variables`, or write `${{{piece.name}:?is not set}}`"],
    )


RULE = CiRule(
    code="CI008",
    name="role_arn_variable_unset",
    severity=Severity.WARNING,
    page=__doc__,
    check=check,
)
