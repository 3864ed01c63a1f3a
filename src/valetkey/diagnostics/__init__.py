"""What people are shown about a text of theirs: source, span, diagnostic and one renderer.

Owns the positions (:class:`Source`, :class:`Span`), the finding (:class:`Diagnostic`) and its
two forms: text with carets (:func:`render`) and JSON (:func:`to_json`). Serves policies, the CI
file, settings and the command line alike; :func:`visible` is for strangers' text that a message
quotes. Knows nothing of any of them.
"""

from valetkey.diagnostics.diagnostic import Diagnostic, Label, Severity
from valetkey.diagnostics.display import visible
from valetkey.diagnostics.render import render, to_json
from valetkey.diagnostics.source import Position, Source, Span
from valetkey.diagnostics.suggest import did_you_mean

__all__ = [
    "Diagnostic",
    "Label",
    "Position",
    "Severity",
    "Source",
    "Span",
    "did_you_mean",
    "render",
    "to_json",
    "visible",
]
