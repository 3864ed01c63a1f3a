"""The job reads an ID token that it does not declare.

## What
A script uses a variable that is an ID token elsewhere in the file, or hands one to
`--web-identity-token`, and the job does not declare it under `id_tokens`.

## Why
ID tokens belong to one job each. They are not variables of the pipeline: other jobs, child
pipelines, and jobs that say `inherit: default: false` don't get them. The variable is empty,
and the exchange fails with a message about something else.

## Example
    build:
      id_tokens:
        ID_TOKEN:
          aud: https://aws.example
      script: make
    deploy:
      script:
        - aws sts assume-role-with-web-identity --web-identity-token "$ID_TOKEN" …

## Instead
Declare the token in each job that reads it, or once under `default:` for all that inherit it.

    deploy:
      id_tokens:
        ID_TOKEN:
          aud: https://aws.example

## References
- https://docs.gitlab.com/ci/yaml/#id_tokens
- https://docs.gitlab.com/ci/yaml/#inherit
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, did_you_mean
from valetkey.gitlabci import REMOVED, CiFile, Mapping
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._credentials import tested
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import Names
from valetkey.lint.shell import Expansion


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find tokens that a job reads and does not have."""
    elsewhere = _declared(subject.file)
    return once(
        finding for shell in shells(subject) for finding in _in_shell(subject, shell, elsewhere)
    )


def _declared(file: CiFile) -> dict[str, str]:
    """Return the tokens of the file, and the job or section that declares each."""
    found: dict[str, str] = {}
    for entry in file.root or ():
        tokens = entry.value.get("id_tokens") if isinstance(entry.value, Mapping) else None
        for token in tokens if isinstance(tokens, Mapping) else ():
            found.setdefault(token.name, entry.name)
    return found


def _in_shell(subject: CiSubject, shell: Shell, elsewhere: dict[str, str]) -> Iterator[Finding]:
    handed_in = _handed_in(shell)
    reads = [
        each for each in shell.script.expansions if each.name in elsewhere or each in handed_in
    ]
    names = Names(subject, shell) if reads else None
    if names is None or names.open:
        return
    looked_at = {name for _, name in tested(shell)}
    for each in reads:
        if not each.operator and not names.known(each.name) and each.name not in looked_at:
            yield from _missing(shell, each, names, elsewhere)


def _handed_in(shell: Shell) -> frozenset[Expansion]:
    """Return the variables that are all of the token that a call hands in."""
    values = (call.value("--web-identity-token") for call in shell.aws if call.exchanges)
    return frozenset(value.sole for value in values if value is not None and value.sole is not None)


def _missing(
    shell: Shell, each: Expansion, names: Names, elsewhere: dict[str, str]
) -> Iterator[Finding]:
    if each.name in REMOVED:
        return
    span = shell.span(each.start, each.end)
    near = did_you_mean(each.name, names.declared)
    if each.name in elsewhere:
        where = elsewhere[each.name]
        label = (span, f"declared in `{where}` only")
        if where == "default":
            advice = "`inherit:default` of the job leaves `id_tokens` out; add it there"
        else:
            advice = f"declare `{each.name}` under `id_tokens` of `{shell.job.name}` too"
    elif near is not None:
        label, advice = (span, "not among its `id_tokens`"), f"did you mean `{near}`?"
    elif not names.declared and not names.outside:
        label = (span, "declared nowhere in the file")
        advice = f"declare it under `id_tokens` of `{shell.job.name}`, with its `aud`"
    else:
        return
    yield RULE.finding(
        f"`{each.name}` is no ID token of job `{shell.job.name}`, so it is empty there",
        label,
        help=advice,
    )


RULE = CiRule(
    code="CI003",
    name="token_not_declared",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
