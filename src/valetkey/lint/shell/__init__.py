"""What a CI script says to a shell, with positions.

Owns the little of the shell's language that rules about CI files ask for: simple commands with
their words, what is expanded in them and whether in quotes, assignments, redirects, and for each
command what becomes of its exit code. Serves ``lint.rules.ci``. Runs nothing, and knows nothing
of YAML: positions count the characters of the script's text.

The grammar is that of ``tree-sitter-bash`` (with ``tree-sitter``, both MIT licensed): a real
grammar with the place of every word, kept by the editors that depend on it. Quoting, nested
substitutions and heredocs are beyond what regular expressions can tell apart, and a grammar of
our own would be one more shell that is not bash. It has blemishes, so a script that it does not
understand as a whole, that is longer than :data:`MAX_SCRIPT`, or that is nested deeper than any
person writes, counts as not understood: there is nothing to be said about it.
"""

from valetkey.lint.shell.model import (
    Assignment,
    Command,
    Expansion,
    Kind,
    Redirect,
    Script,
    Step,
    Substitution,
    Text,
    Word,
)
from valetkey.lint.shell.read import MAX_SCRIPT, read
from valetkey.lint.shell.status import Loss, Settings, loss, settings

__all__ = [
    "MAX_SCRIPT",
    "Assignment",
    "Command",
    "Expansion",
    "Kind",
    "Loss",
    "Redirect",
    "Script",
    "Settings",
    "Step",
    "Substitution",
    "Text",
    "Word",
    "loss",
    "read",
    "settings",
]
