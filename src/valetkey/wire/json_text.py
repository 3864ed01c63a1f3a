"""JSON, strictly: UTF-8, each member once, no NaN, bounded depth."""

import json
import re
from typing import Any, NoReturn

MAX_DEPTH = 32
"""Brackets within brackets; far from Python's recursion limit, far above any operation."""

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)


def parse_json(body: bytes, depth: int = MAX_DEPTH) -> Any:
    """Return a JSON text's value; raises :class:`ValueError` on anything but one strict value."""
    _check_depth(body, depth)
    return json.loads(
        body.decode(), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
    )


def _check_depth(body: bytes, most: int) -> None:
    if body.count(b"[") + body.count(b"{") <= most:
        return
    depth = 0
    # One pass: the pattern takes an unfinished string to the end, so no byte is read twice.
    for byte in _STRING.sub(b"", body):
        if byte in b"[{":
            depth += 1
            if depth > most:
                raise ValueError("nested too deeply")
        elif byte in b"]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is given twice")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return value
