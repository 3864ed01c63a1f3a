"""The job's own `before_script` takes the place of the one that gets the credentials.

## What
A `before_script` of `default:`, or of a job that is extended, exchanges the ID token. The job
has a `before_script` of its own, does not exchange the token itself, and calls `aws`.

## Why
A `before_script` is replaced as a whole, never added to. The step that gets the credentials is
gone for this job, and `aws` finds none, or those of the runner's machine.

## Example
    default:
      before_script:
        - credentials=$(aws sts assume-role-with-web-identity …)
        - export …
    deploy:
      before_script:
        - apk add make
      script:
        - aws s3 sync public s3://acme-site

## Instead
    deploy:
      before_script:
        - !reference [default, before_script]
        - apk add make

## References
- https://docs.gitlab.com/ci/yaml/#before_script
- https://docs.gitlab.com/ci/yaml/yaml_optimization/#reference-tags
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.gitlabci import CiFile, Entry, Job, Mapping, Node, Scalar
from valetkey.gitlabci import Sequence as List
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._aws import credential_calls, invocations
from valetkey.lint.rules.ci._credentials import needs_credentials, writes_files
from valetkey.lint.rules.ci._scripts import Shell, main_shells, once
from valetkey.lint.rules.ci._values import Names
from valetkey.lint.shell import read

_SCRIPT = "before_script"
_GIVES = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")
_MAX_BASES = 12


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find jobs that lose the step by which they get credentials."""
    return once(finding for shell in main_shells(subject) for finding in _of_job(subject, shell))


def _of_job(subject: CiSubject, shell: Shell) -> Iterator[Finding]:
    job = shell.job
    calls = [call for call in shell.aws if needs_credentials(call)]
    own = job.keywords.entry(_SCRIPT) if job.keywords is not None else None
    if not job.id_tokens or not calls or own is None or _gets_them(subject, shell):
        return
    for name, entry in _replaced(subject.file, job):
        step = _exchange(entry.value)
        if step is not None and entry.value.span != own.value.span:
            yield RULE.finding(
                f"`{_SCRIPT}` of job `{job.name}` replaces the one that gets the credentials",
                (own.key.span, "replaces it"),
                (step, "no longer done"),
                (shell.span(calls[0].start, calls[0].end), "without credentials"),
                help=_advice(name),
            )
            return


def _advice(name: str) -> str:
    path = _SCRIPT if name == _SCRIPT else f"{name}, {_SCRIPT}"
    return f"begin it with `!reference [{path}]`"


def _gets_them(subject: CiSubject, shell: Shell) -> bool:
    """Return whether the job may get credentials in another way."""
    names = Names(subject, shell)
    return (
        names.open
        or "assume" in shell.text
        or any(name in shell.text or names.known(name) for name in _GIVES)
        or writes_files(shell)
    )


def _replaced(file: CiFile, job: Job) -> Iterator[tuple[str, Entry]]:
    """Yield the scripts that stand under the job's own: of what it extends, and the default."""
    root = file.root
    if root is None:
        return
    waiting, seen = [job.name], set[str]()
    while waiting and len(seen) < _MAX_BASES:
        name = waiting.pop()
        node = root.get(name)
        if name in seen or not isinstance(node, Mapping):
            continue
        seen.add(name)
        entry = node.entry(_SCRIPT)
        if entry is not None and name != job.name:
            yield name, entry
        waiting.extend(_texts(node.get("extends")))
    default = root.get("default")
    for name, entry in (
        ("default", default.entry(_SCRIPT) if isinstance(default, Mapping) else None),
        (_SCRIPT, root.entry(_SCRIPT)),
    ):
        if entry is not None:
            yield name, entry


def _texts(node: Node | None) -> list[str]:
    items = node.items if isinstance(node, List) else (node,)
    return [item.text for item in items if isinstance(item, Scalar)]


def _exchange(script: Node) -> Span | None:
    """Return the entry of a script that exchanges a token."""
    waiting = [script]
    while waiting:
        node = waiting.pop()
        if isinstance(node, List):
            waiting.extend(reversed(node.items))
        elif isinstance(node, Scalar) and "assume-role" in node.text:
            calls = invocations(read(node.text).commands)
            if any(True for _ in credential_calls(calls)):
                return node.span
    return None


RULE = CiRule(
    code="CI020",
    name="assume_step_replaced",
    severity=Severity.WARNING,
    page=__doc__,
    check=check,
)
