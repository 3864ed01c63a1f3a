"""A token stands where the path of a file belongs, or a path where the token belongs.

## What
`AWS_WEB_IDENTITY_TOKEN_FILE` is set to an ID token itself, or `--web-identity-token` gets the
path of a file.

## Why
`AWS_WEB_IDENTITY_TOKEN_FILE` is the path of a file with the token in it: `aws` looks for a file
that is called like the token, and its message shows the name. `--web-identity-token` is the token
itself: a path is sent as one, and is no JWT. With `file://` before it, `aws` reads the file.

## Example
    variables:
      AWS_WEB_IDENTITY_TOKEN_FILE: $ID_TOKEN

## Instead
    variables:
      AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/id-token
    before_script:
      - printf '%s' "$ID_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"

or `--web-identity-token file:///tmp/id-token`.

## References
- https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
- https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.lint.model import CiRule, CiSubject, Edit, Finding
from valetkey.lint.rules.ci._scripts import Shell, edit, shells, unanimous
from valetkey.lint.rules.ci._values import Names, Piece, assignments
from valetkey.lint.shell import Expansion, Text, Word

_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE"


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find tokens and paths in each other's place."""
    return unanimous(
        subject,
        (
            (shell, finding)
            for shell in shells(subject)
            for finding in (*_tokens(subject, shell), *_paths(subject, shell))
        ),
    )


def _tokens(subject: CiSubject, shell: Shell) -> Iterator[Finding]:
    names = Names(subject, shell)
    values = [
        (names.pieces(one.value), shell.span(one.value.start, one.value.end))
        for one in assignments(shell).get(_FILE, ())
        if one is not None and one.value.parts
    ]
    variable = shell.job.variables.get(_FILE)
    if variable is not None and variable.span is not None:
        values.append((names.written(variable), variable.span))
    for pieces, place in values:
        token = _sole(pieces)
        if token in names.declared:
            yield RULE.finding(
                f"`{_FILE}` is set to the ID token `{token}` itself, not to a file with it",
                (place, "the token"),
                help=f"name a file, and write the token to it: `printf '%s' \"${token}\" > …`",
            )


def _sole(pieces: tuple[Piece, ...]) -> str:
    """Return the variable that is all of a value."""
    kept = [piece for piece in pieces if piece.text != ""]
    return kept[0].name if len(kept) == 1 and not kept[0].operator else ""


def _paths(subject: CiSubject, shell: Shell) -> Iterator[Finding]:
    for call in shell.aws:
        value = call.value("--web-identity-token") if call.exchanges else None
        first = _path(value) if value is not None else None
        if value is None or first is None:
            continue
        span = shell.span(value.start, value.end)
        place = shell.span(first.start, first.end)
        yield RULE.finding(
            "`--web-identity-token` takes the token itself, this is the path of a file",
            (span, "a path"),
            help="write `file://` before the path",
            edits=_edits(subject, shell, first, place),
        )


def _edits(
    subject: CiSubject, shell: Shell, first: Text | Expansion, place: Span
) -> tuple[Edit, ...]:
    written = shell.text[first.start : first.end]
    if written.startswith(("~", "'")):
        return ()
    return edit(subject.source, place, written, f"file://{written}")


def _path(value: Word) -> Text | Expansion | None:
    """Return the first part of a value that is a path for certain."""
    if value.sole is not None and value.sole.name == _FILE and not value.sole.operator:
        return value.sole
    first = value.parts[0] if value.parts else None
    if isinstance(first, Text) and first.text.startswith(("/", "./", "~/")):
        return first
    return None


RULE = CiRule(
    code="CI018",
    name="token_taken_for_file",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
