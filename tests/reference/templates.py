"""Texts of a policy with wildcards and variables in them (User Guide, *Variables*)."""

import re
from collections.abc import Mapping

from reference.truth import ANY_ONE, STAR, UNRESOLVED, Token

Context = Mapping[str, str | list[str]]
"""A request's condition keys; a list is a key with several values."""


def value_of(context: Context, key: str) -> str | list[str] | None:
    """Find a key: "Context key names are not case-sensitive." (User Guide, *Condition*)."""
    for name, value in context.items():
        if name.lower() == key.lower():
            return value
    return None


def pattern_of(text: str, context: Context | None, *, wildcards: bool) -> list[Token]:
    """Read a text of a policy: its characters, its wildcards, its variables filled in.

    ``context`` is None for documents of the older version. "If you don't include the Version
    element and set it to an appropriate version date, variables like ${aws:username} are treated
    as literal strings in the policy."
    """
    if not text:
        return []
    if context is not None and text.startswith("${") and "}" in text:
        inside, rest = text[2:].split("}", 1)
        return filled_in(inside, context) + pattern_of(rest, context, wildcards=wildcards)
    first: Token = text[0]
    if wildcards:
        first = {"*": STAR, "?": ANY_ONE}.get(first, first)
    return [first, *pattern_of(text[1:], context, wildcards=wildcards)]


def filled_in(variable: str, context: Context) -> list[Token]:
    """Put a value in the place of a variable; its characters stand for themselves.

    "${*} - use where you need an * (asterisk) character. ${?} - use where you need a ? (question
    mark) character. ${$} - use where you need a $ (dollar sign) character."
    """
    if variable in ("*", "?", "$"):
        return [variable]
    key, default = with_default(variable)
    if not re.fullmatch(r"[^\s,']([^,']*[^\s,'])?", key):
        # Spelled as AWS documents nowhere; only the key of a tag may have blanks, inside.
        return [UNRESOLVED]
    value = value_of(context, key)
    if isinstance(value, str):
        return list(value)
    if value:
        # "You cannot use a multivalued condition key as a policy variable."
        return [UNRESOLVED]
    return [UNRESOLVED] if default is None else list(default)


def with_default(variable: str) -> tuple[str, str | None]:
    """Split a variable from its default value.

    "To add a default value to a variable, surround the default value with single quotes (' '),
    and separate the variable text and the default value with a comma and space (, )."
    """
    key, separator, default = variable.partition(", '")
    if separator and default.endswith("'"):
        return key, default[:-1]
    return variable, None
