"""What people are shown about a text of theirs: source, span, diagnostic and one renderer.

Owns the positions (:class:`Source`, :class:`Span`), the finding (:class:`Diagnostic`) and its
two forms: text with carets (:func:`render`) and JSON (:func:`to_json`). Serves policies, the CI
file, settings and the command line alike. Knows nothing of any of them.
"""

from valetkey.diagnostics.diagnostic import Diagnostic, Label, Severity
from valetkey.diagnostics.render import render, to_json
from valetkey.diagnostics.source import Position, Source, Span

__all__ = [
    "Diagnostic",
    "Label",
    "Position",
    "Severity",
    "Source",
    "Span",
    "render",
    "to_json",
]
