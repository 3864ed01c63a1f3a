"""The session name holds characters that AWS refuses, or is too long or short.

## What
`--role-session-name`, or `AWS_ROLE_SESSION_NAME`, has a character other than letters, digits and
`_+=,.@-`, or is not 2 to 64 characters long. Of GitLab's variables it is known which of them
always hold such a character (`CI_PROJECT_PATH` has a slash) and which may (a branch can be called
`feature/x`); for those that may, it is a warning.

## Why
AWS refuses the name before it looks at the token, with a `ValidationError` that shows a pattern.
With the name of a branch in it, the job works until somebody makes a branch with a slash.

## Example
    --role-session-name "gitlab-${CI_COMMIT_REF_NAME}"

## Instead
    --role-session-name "gitlab-${CI_PROJECT_ID}-${CI_PIPELINE_ID}"

`CI_COMMIT_REF_SLUG` and `CI_PROJECT_PATH_SLUG` hold the names without such characters.

## References
- https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
- https://docs.gitlab.com/ci/variables/predefined_variables/
"""

import re
from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity, Span
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import Names, Piece, assignments

_REFUSED = re.compile(r"[^\w+=,.@-]", re.ASCII)
_SHORTEST: Final = 2
_LONGEST: Final = 64
_ALWAYS: Final = {
    "CI_API_V4_URL": ":", "CI_COMMIT_AUTHOR": " ", "CI_COMMIT_TIMESTAMP": ":", "CI_JOB_URL": ":",
    "CI_JOB_STARTED_AT": ":", "CI_MERGE_REQUEST_PROJECT_PATH": "/",
    "CI_MERGE_REQUEST_PROJECT_URL": ":", "CI_MERGE_REQUEST_REF_PATH": "/",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "/", "CI_MERGE_REQUEST_SOURCE_PROJECT_URL": ":",
    "CI_PIPELINE_CREATED_AT": ":", "CI_PIPELINE_URL": ":", "CI_PROJECT_DIR": "/",
    "CI_PROJECT_PATH": "/", "CI_PROJECT_URL": ":", "CI_REGISTRY_IMAGE": "/",
    "CI_REPOSITORY_URL": ":", "CI_SERVER_URL": ":",
}  # fmt: skip
_MAYBE: Final = {
    "CI_COMMIT_BRANCH": "/", "CI_COMMIT_MESSAGE": " ", "CI_COMMIT_REF_NAME": "/",
    "CI_COMMIT_TAG": "/", "CI_COMMIT_TITLE": " ", "CI_ENVIRONMENT_NAME": "/",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "/", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "/",
    "CI_MERGE_REQUEST_TITLE": " ", "CI_PROJECT_NAMESPACE": "/", "CI_PROJECT_TITLE": " ",
    "GITLAB_USER_NAME": " ",
}  # fmt: skip
_INSTEAD: Final = {
    "CI_COMMIT_BRANCH": "CI_COMMIT_REF_SLUG", "CI_COMMIT_REF_NAME": "CI_COMMIT_REF_SLUG",
    "CI_COMMIT_TAG": "CI_COMMIT_REF_SLUG", "CI_ENVIRONMENT_NAME": "CI_ENVIRONMENT_SLUG",
    "CI_JOB_NAME": "CI_JOB_NAME_SLUG", "CI_PROJECT_NAMESPACE": "CI_PROJECT_NAMESPACE_SLUG",
    "CI_PROJECT_PATH": "CI_PROJECT_PATH_SLUG", "GITLAB_USER_NAME": "GITLAB_USER_LOGIN",
}  # fmt: skip


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find session names that AWS refuses, always or at times."""
    return once(
        finding
        for shell in shells(subject)
        for pieces in _names(Names(subject, shell), shell)
        for finding in _of_name(shell, pieces)
    )


def _names(names: Names, shell: Shell) -> Iterator[tuple[Piece, ...]]:
    for call in shell.aws:
        value = call.value("--role-session-name") if call.service == "sts" else None
        if value is not None:
            yield names.pieces(value)
    for assignment in assignments(shell).get("AWS_ROLE_SESSION_NAME", ()):
        if assignment is not None:
            yield names.pieces(assignment.value)
    variable = shell.job.variables.get("AWS_ROLE_SESSION_NAME")
    if variable is not None and variable.span is not None:
        yield names.written(variable)


def _of_name(shell: Shell, pieces: tuple[Piece, ...]) -> Iterator[Finding]:
    for piece in pieces:
        if piece.text is not None:
            refused = _REFUSED.search(piece.text)
            if refused is not None:
                yield _finding(piece.span, refused[0], None)
                return
        elif not piece.operator:
            yield from _of_variable(shell, piece)
    known = "".join(piece.text or "" for piece in pieces)
    complete = all(piece.text is not None for piece in pieces)
    if len(known) > _LONGEST or (complete and len(known) < _SHORTEST):
        yield RULE.finding(
            f"a session name has {_SHORTEST} to {_LONGEST} characters, this one {len(known)}",
            pieces[0].span,
            help="`gitlab-${CI_PROJECT_ID}-${CI_JOB_ID}` names the job and is never too long",
        )


def _of_variable(shell: Shell, piece: Piece) -> Iterator[Finding]:
    name = piece.name
    if name in _ALWAYS:
        yield _finding(piece.span, _ALWAYS[name], name)
    elif name == "CI_JOB_NAME":
        refused = _REFUSED.search(shell.job.name)
        if refused is not None:
            yield _finding(piece.span, refused[0], name)
    elif name in _MAYBE:
        yield _finding(piece.span, _MAYBE[name], name, Severity.WARNING)


def _finding(
    span: Span, char: str, variable: str | None, severity: Severity = Severity.ERROR
) -> Finding:
    shown = "a blank" if char.isspace() else f"`{char}`"
    if variable is None:
        message = f"a session name may not hold {shown}"
        advice = "use letters, digits and `_+=,.@-`"
    else:
        holds = "may hold" if severity is Severity.WARNING else "holds"
        message = f"a session name may not hold {shown}, which `{variable}` {holds}"
        advice = f"use `{_INSTEAD.get(variable, 'CI_JOB_ID')}`"
    return RULE.finding(message, (span, "refused by AWS"), help=advice, severity=severity)


RULE = CiRule(
    code="CI011",
    name="session_name_invalid",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
