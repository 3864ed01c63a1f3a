"""`after_script` needs credentials that were exported in `script`.

## What
`script` or `before_script` exports temporary credentials, and `after_script` calls `aws` without
getting its own.

## Why
`after_script` runs in a new shell: what the others exported is gone. `aws` finds no credentials
there, or those of the runner's machine. A failure of `after_script` does not fail the job, so it
is easily overlooked.

## Example
    script:
      - export $(printf "AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s" $creds)
      - ./deploy.sh
    after_script:
      - aws s3 cp deploy.log s3://acme-logs/

## Instead
Write the token to a file in both, and let `aws` exchange it: variables of the job, such as
`AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`, are there in `after_script` too. Or make the call
in `script`.

## References
- https://docs.gitlab.com/ci/yaml/#after_script
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._credentials import (
    CREDENTIALS,
    exports,
    needs_credentials,
    writes_files,
)
from valetkey.lint.rules.ci._scripts import Shell, once, shells
from valetkey.lint.rules.ci._values import Names

_ELSEWHERE = frozenset({
    "AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
})  # fmt: skip


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find calls of ``after_script`` for which nothing gets credentials."""
    return once(_found(subject))


def _found(subject: CiSubject) -> Iterator[Finding]:
    main: Shell | None = None
    for shell in shells(subject):
        if not shell.after:
            main = shell
        elif main is not None and shell.aws:
            exported = _exported(main)
            if exported is not None and not _has_its_own(subject, main, shell):
                yield from _calls(shell, exported)


def _exported(main: Shell) -> Span | None:
    if not any(call.makes_credentials for call in main.aws):
        return None
    for command, _ in exports(main):
        return main.span(command.start, command.start + len(command.name))
    return None


def _has_its_own(subject: CiSubject, main: Shell, shell: Shell) -> bool:
    names = Names(subject, shell)
    mentioned = any(name in shell.text for name in (*CREDENTIALS, *_ELSEWHERE, "assume"))
    return (
        names.open
        or mentioned
        or writes_files(main)
        or writes_files(shell)
        or any(names.known(name) for name in _ELSEWHERE)
        or any(command.name in shell.script.functions for command in shell.script.commands)
    )


def _calls(shell: Shell, exported: Span) -> Iterator[Finding]:
    for call in shell.aws:
        if needs_credentials(call):
            yield RULE.finding(
                f"`{call.title}` has no credentials in `after_script`, which is a new shell",
                (shell.span(call.start, call.end), "without credentials"),
                (exported, "exported in another shell"),
                help="call it in `script`, or set `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`"
                " as variables of the job and write the file in `after_script` too",
            )
            return


RULE = CiRule(
    code="CI019",
    name="credentials_gone",
    severity=Severity.WARNING,
    page=__doc__,
    check=check,
)
