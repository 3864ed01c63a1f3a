"""`CI_JOB_JWT` and its kin are empty since GitLab 17.0.

## What
A script or a variable uses `CI_JOB_JWT`, `CI_JOB_JWT_V1` or `CI_JOB_JWT_V2`.

## Why
GitLab 17.0 took these variables away. They are empty now; unquoted, an empty variable is no
argument at all, and `aws` complains about its command line instead of the token.

## Example
    assume:
      script:
        - aws sts assume-role-with-web-identity --web-identity-token $CI_JOB_JWT_V2 …

## Instead
    assume:
      id_tokens:
        ID_TOKEN:
          aud: https://aws.example
      script:
        - aws sts assume-role-with-web-identity --web-identity-token "$ID_TOKEN" …

Where the job declares exactly one ID token, its name can be put in by the fix.

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
- https://docs.gitlab.com/update/deprecations/
"""

from collections.abc import Iterator
from typing import NamedTuple

from valetkey.diagnostics import Severity, Span
from valetkey.gitlabci import REMOVED, Job, references
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._scripts import Shell, edit, shells, users
from valetkey.lint.rules.ci._values import Names


class _Use(NamedTuple):
    name: str
    span: Span
    tokens: tuple[str, ...] = ()
    shell: Shell | None = None
    """Where a script uses it, and nothing else can have set it."""


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find uses of the removed variables; a script that jobs share is shown once."""
    uses: dict[tuple[str, int], list[_Use]] = {}
    for use in _uses(subject):
        uses.setdefault((use.span.source.name, use.span.start), []).append(use)
    for shared in uses.values():
        yield _finding(subject, shared)


def _uses(subject: CiSubject) -> Iterator[_Use]:
    for shell in shells(subject):
        yield from _in_shell(subject, shell)
    for job in subject.file.jobs.values():
        gone = _gone(subject, job)
        for variable in job.variables.values():
            if variable.span is None or not variable.expand or "CI_JOB_JWT" not in variable.value:
                continue
            for name in references(variable.value):
                if name in gone:
                    yield _Use(name, variable.span)


def _in_shell(subject: CiSubject, shell: Shell) -> Iterator[_Use]:
    uses = [each for each in shell.script.expansions if each.name in REMOVED]
    if not uses:
        return
    names = Names(subject, shell)
    tokens = tuple(token.name for token in shell.job.id_tokens)
    for each in uses:
        if names.anew(each.name) or each.operator.startswith((":", "-", "+", "?")):
            continue
        start = shell.text.index(each.name, each.start)
        place = shell.span(start, start + len(each.name))
        yield _Use(each.name, place, tokens, None if names.open else shell)


def _gone(subject: CiSubject, job: Job) -> frozenset[str]:
    """Return the removed variables that nobody outside a script sets anew."""
    anew = {token.name for token in job.id_tokens} | subject.facts.variables
    rules = (*(job.rules or ()), *(subject.file.workflow or ()))
    ruled = {name for rule in rules for name in rule.variables}
    return REMOVED - anew - ruled - job.variables.keys()


def _finding(subject: CiSubject, shared: list[_Use]) -> Finding:
    name, span, tokens, _ = shared[0]
    same = len(tokens) == 1 and all(use.tokens == tokens for use in shared)
    if same:
        advice = f"read `{tokens[0]}`, which the job declares"
    elif tokens:
        advice = "read a token that the job declares under `id_tokens`"
    else:
        advice = "declare `id_tokens:` with `aud` in the job, and use its variable, quoted"
    safe = same and {use.shell for use in shared} == users(subject, span)
    return RULE.finding(
        f"`{name}` was removed from GitLab and is empty",
        (span, "empty since GitLab 17.0"),
        help=advice,
        edits=edit(subject.source, span, name, tokens[0]) if safe else (),
    )


RULE = CiRule(
    code="CI002",
    name="removed_token_variable",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
