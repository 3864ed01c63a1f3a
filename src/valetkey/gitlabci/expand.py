"""Variables in values, expanded as GitLab and its runner do it between them.

GitLab's server puts in the variables that exist (``$X``, ``${X}``, ``%X%``); its runner then
expands what is left as Go's ``os.Expand`` does: an unknown ``$X`` is empty, ``$$`` is ``$``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from valetkey.diagnostics import Span
from valetkey.gitlabci.errors import MalformedCiFile


@dataclass(frozen=True, slots=True)
class Variable:
    """The value of a CI variable.

    ``expand`` is false where ``$`` in the value stands for itself; a ``masked`` value never
    appears in the log; of a ``file`` variable the job gets the path of a file with the value.
    ``key`` and ``span`` are the places of its name and value in a CI file, if it has one there.
    """

    value: str
    expand: bool = True
    masked: bool = False
    file: bool = False
    key: Span | None = field(default=None, compare=False, repr=False)
    span: Span | None = field(default=None, compare=False, repr=False)


_NAME = "[a-zA-Z_][a-zA-Z0-9_]*"
_VARIABLE = re.compile(
    rf"\$\$|\$\{{(?P<braced>[^}}]*)(?P<closed>\}}?)|\$(?P<bare>{_NAME})"
    rf"|\$(?P<special>[*#@!?0-9-])|%(?P<percent>{_NAME})%"
)
LONGEST_VALUE = 1024 * 1024
"""How many characters a value may have once expanded."""


def expand(text: str, value_of: Callable[[str], str | None]) -> str:
    """Return a text with its variables put in; an unknown one is empty.

    Raises :class:`MalformedCiFile` where the result grows beyond :data:`LONGEST_VALUE`.
    """
    room = LONGEST_VALUE

    def put(match: re.Match[str]) -> str:
        nonlocal room
        value = _replacement(match, value_of)
        room -= len(value)
        if room < 0:
            raise MalformedCiFile("the expanded value of a variable is too long")
        return value

    return _VARIABLE.sub(put, text)


def _replacement(match: re.Match[str], value_of: Callable[[str], str | None]) -> str:
    if match[0] == "$$":
        return "$"
    if match["percent"]:
        value = value_of(match["percent"])
        return match[0] if value is None else value
    if match["braced"] is not None:
        # Go eats the two characters of an unclosed `${`
        return (value_of(match["braced"]) or "") if match["closed"] else match["braced"]
    return (value_of(match["bare"]) or "") if match["bare"] else ""


def references(text: str) -> tuple[str, ...]:
    """Return the names of the variables that a value uses, in order, each once."""
    names = (m["braced"] or m["bare"] or m["percent"] for m in _VARIABLE.finditer(text))
    return tuple(dict.fromkeys(name for name in names if name))


def expand_all(variables: Mapping[str, Variable]) -> dict[str, str]:
    """Return the values of all variables, each with the others put in.

    Raises :class:`MalformedCiFile` where variables need each other in a circle, in GitLab's
    words, and where a value grows beyond :data:`LONGEST_VALUE`.
    """
    done: dict[str, str] = {}
    for start in variables:
        path = {start: _needed(start, variables)}
        while path:
            name, needs = next(reversed(path.items()))
            following = next((n for n in needs if n not in done), None)
            if following is None:
                del path[name]
                done[name] = _value(variables[name], done)
            elif following in path:
                names = list(path)
                raise _circular(names[names.index(following) :])
            else:
                path[following] = _needed(following, variables)
    return {name: done[name] for name in variables}


def _needed(name: str, variables: Mapping[str, Variable]) -> Iterator[str]:
    """Yield the variables that must be known before this one is."""
    variable = variables[name]
    if variable.expand:
        yield from (n for n in references(variable.value) if n in variables)


def _value(variable: Variable, done: Mapping[str, str]) -> str:
    return expand(variable.value, done.get) if variable.expand else variable.value


def _circular(names: list[str]) -> MalformedCiFile:
    listed = ", ".join(f'"{name}"' for name in names)
    return MalformedCiFile(f"circular variable reference detected: [{listed}]")
