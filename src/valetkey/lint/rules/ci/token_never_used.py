"""The job declares an ID token that nothing in it uses.

## What
A token under `id_tokens` is read by no command of the job, and every command of the job is one
that does not look for tokens in its environment by itself.

## Why
The exchange was meant to be there, or was taken out and the token forgotten. A token that
nobody needs is one that any command of the job can take along.

## Example
    test:
      id_tokens:
        ID_TOKEN:
          aud: https://aws.example
      script:
        - aws sts get-caller-identity

## Instead
Take the token out, or use it:

    - aws sts assume-role-with-web-identity --web-identity-token "$ID_TOKEN" …

## References
- https://docs.gitlab.com/ci/yaml/#id_tokens
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.gitlabci import IdToken, Job, references
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._scripts import Shell, shells

_SELF_CONTAINED: Final = frozenset({
    "", ".", ":", "[", "[[", "apk", "apt-get", "awk", "aws", "base64", "basename", "cat", "cd",
    "chmod", "cp", "curl", "cut", "date", "declare", "dirname", "echo", "exit", "export", "false",
    "find", "grep", "head", "jq", "local", "ls", "mkdir", "mktemp", "mv", "printenv", "printf",
    "pwd", "read", "readonly", "return", "rm", "sed", "set", "sha256sum", "shift", "sleep", "sort",
    "tail", "tar", "tee", "test", "touch", "tr", "true", "uname", "uniq", "unset", "unzip", "wait",
    "wc", "wget", "xargs",
}) - {".", "printenv", "xargs"}  # fmt: skip
"""Commands that don't look for ID tokens in their environment."""


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find tokens that none of the jobs with the declaration uses."""
    unused: dict[tuple[str, int], tuple[IdToken, Job]] = {}
    used: set[tuple[str, int]] = set()
    for shell in shells(subject):
        for token in shell.job.id_tokens:
            key = (token.span.source.name, token.span.start)
            if shell.after and not shell.entries:
                continue  # what the main shell says counts
            if _may_use(shell, token):
                used.add(key)
            else:
                unused.setdefault(key, (token, shell.job))
    for key, (token, job) in unused.items():
        if key not in used:
            yield RULE.finding(
                f"nothing in job `{job.name}` uses the ID token `{token.name}`",
                (token.span, "declared here"),
                help="take it out, or hand it to `--web-identity-token`",
            )


def _may_use(shell: Shell, token: IdToken) -> bool:
    script, job = shell.script, shell.job
    if not script.understood or _is_told_of(job, token.name):
        return True
    if any(expansion.name == token.name for expansion in script.expansions):
        return True
    return any(
        command.name not in _SELF_CONTAINED
        or (command.words and not command.name)
        or token.name in "".join(word.literal or "" for word in command.words)
        for command in script.commands
        if command.name not in script.functions
    )


def _is_told_of(job: Job, name: str) -> bool:
    """Return whether a keyword of the job, or a variable, reads the token."""
    keywords = job.keywords
    if keywords is None or any(keywords.get(key) for key in ("secrets", "run", "trigger", "hooks")):
        return True
    return any(name in references(variable.value) for variable in job.variables.values())


RULE = CiRule(
    code="CI004",
    name="token_never_used",
    severity=Severity.NOTE,
    page=__doc__,
    check=check,
)
