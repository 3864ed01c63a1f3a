"""Patterns that let in more than they seem to: names that only begin like the trusted one."""

import re
from typing import Final

_NAME: Final = re.compile(r"(?:[a-z_]+:)?(?P<name>[^:]*)")
_BORDERS: Final = "/:"


def is_open(pattern: str) -> bool:
    """Return whether a subject's pattern leaves the name of a group or project unfinished.

    ``project_path:acme*`` is open (it matches ``acme-evil/x``), ``project_path:acme/*`` is not.
    What follows the name (a branch such as ``release-*``) may well be a beginning only.
    """
    match = _NAME.match(pattern)
    name = match["name"] if match else pattern
    at = next((index for index, character in enumerate(name) if character in "*?"), None)
    if at is None:
        return False
    return at == 0 or name[at - 1] not in _BORDERS or "*" in name[at + 1 :] or name[at] == "?"


def extends_name(wanted: str, got: str) -> bool:
    """Return whether a name goes on where another one ends: ``acme-evil`` after ``acme``."""
    fixed = wanted.split("*", 1)[0].rstrip(_BORDERS)
    rest = got[len(fixed) :]
    return bool(fixed) and got.startswith(fixed) and bool(rest) and rest[0] not in _BORDERS
