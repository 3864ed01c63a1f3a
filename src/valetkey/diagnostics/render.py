"""A finding as text with carets under the place it is about, and as JSON.

The layout is the one that compilers have taught everybody::

    error[TRUST003]: the star is compared literally
     --> trust.json:4:39
      |
    4 |   "gitlab.example:sub": "project_path:acme/*"
      |                                            ^ no value of the token ends in a star
      |
      = help: use `StringLike`
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from valetkey.diagnostics.canvas import Style, paint
from valetkey.diagnostics.diagnostic import Diagnostic, Label, Severity
from valetkey.diagnostics.display import visible
from valetkey.diagnostics.snippet import Snippet, mark
from valetkey.diagnostics.source import Source

LINE_LIMIT: Final = 110
"""Terminal columns of a source line before it is cropped around its labels."""

_STYLES: Final = {
    Severity.ERROR: Style.ERROR,
    Severity.WARNING: Style.WARNING,
    Severity.NOTE: Style.NOTE,
}


def render(diagnostic: Diagnostic, *, color: bool = False, context_lines: int = 1) -> str:
    """Return a finding as people read it, ending in a line break.

    Text of policies, claims and file names is made visible: no escape sequence in it reaches
    the terminal. A line break in a note or a help begins an indented line of it.
    """
    style = _STYLES[diagnostic.severity]
    title = paint(f"{diagnostic.severity}[{visible(diagnostic.code)}]", style, color=color)
    message = paint(f": {visible(diagnostic.message)}", Style.STRONG, color=color)
    snippets = _snippets(diagnostic, style, context_lines)
    gutter = max((len(str(snippet.numbers[-1])) for snippet in snippets), default=1)
    rows = [f"{title}{message}"]
    for index, snippet in enumerate(snippets):
        first = snippet.marks[0]
        arrow = paint("-->" if index == 0 else ":::", Style.GUTTER, color=color)
        place = f"{visible(snippet.source.name)}:{first.first_line}:{first.start + 1}"
        rows.append(f"{' ' * gutter}{arrow} {place}")
        rows += snippet.rows(gutter, color=color)
    if snippets and (diagnostic.notes or diagnostic.help):
        rows.append(f"{' ' * gutter} {paint('|', Style.GUTTER, color=color)}")
    for word, texts in (("note", diagnostic.notes), ("help", diagnostic.help)):
        for text in texts:
            rows += _remark(word, text, gutter, color=color)
    return "\n".join(rows) + "\n"


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a finding as JSON values; positions as editors count them, offsets in characters."""
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "labels": [_label_json(label) for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "help": list(diagnostic.help),
    }


def _snippets(diagnostic: Diagnostic, style: Style, context_lines: int) -> list[Snippet]:
    """Return the labels by source, in the order in which the sources are first named."""
    by_source: dict[int, tuple[Source, list[tuple[int, Label]]]] = {}
    for index, label in enumerate(diagnostic.labels):
        source = label.span.source
        by_source.setdefault(id(source), (source, []))[1].append((index, label))
    return [
        Snippet(
            source,
            [
                mark(label, Style.GUTTER, "-") if index else mark(label, style, "^")
                for index, label in labels
            ],
            max(context_lines, 0),
            LINE_LIMIT,
        )
        for source, labels in by_source.values()
    ]


def _remark(word: str, text: str, gutter: int, *, color: bool) -> Iterator[str]:
    sign = paint("=", Style.GUTTER, color=color)
    first, *others = _lines(text)
    yield f"{' ' * gutter} {sign} {paint(f'{word}:', Style.STRONG, color=color)} {first}".rstrip()
    indent = " " * (gutter + len(" = note: "))
    for line in others:
        yield f"{indent}{line}".rstrip()


def _lines(text: str) -> Sequence[str]:
    return [visible(line) for line in text.split("\n")]


def _label_json(label: Label) -> dict[str, Any]:
    source = label.span.source
    return {
        "file": source.name,
        "start": _position_json(source, label.span.start),
        "end": _position_json(source, label.span.end),
        "text": label.text,
    }


def _position_json(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line, "column": column, "offset": offset}
