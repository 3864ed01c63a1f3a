"""The values of a job's keywords, each read by one function.

Each takes the place in GitLab's words (``jobs:deploy:script``), the node and the report that
its findings go to, in the words of GitLab's own validators.
"""

import re
from collections.abc import Iterator

from valetkey.gitlabci.duration import LONGEST_TIMEOUT, parse_duration
from valetkey.gitlabci.expand import Variable
from valetkey.gitlabci.keywords import (
    ENVIRONMENT_ACTIONS,
    ENVIRONMENT_KEYWORDS,
    TIERS,
    nearest,
)
from valetkey.gitlabci.model import AllowFailure, Command, Environment, IdToken
from valetkey.gitlabci.nodes import Entry, Mapping, Node, Scalar, Sequence, as_text
from valetkey.gitlabci.report import Report

MAX_NESTING = 10
_NOT_COMMANDS = (
    f"config should be a string or a nested array of strings up to {MAX_NESTING} levels deep"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_keys(
    path: str, node: Mapping, known: frozenset[str] | tuple[str, ...], report: Report
) -> None:
    """Report the keys of a map that are not in a closed list."""
    for entry in node:
        if entry.name not in known:
            message = f"{path} config contains unknown keys: {entry.name}"
            report.error(message, entry.key.span, help=nearest(entry.name, known))


def is_absent(node: Node | None) -> bool:
    """Return whether a keyword is not there; an empty value counts as not there in GitLab."""
    return node is None or (isinstance(node, Scalar) and node.value is None)


def text_of(node: Node | None) -> str | None:
    """Return the text of a node that is one."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def read_script(path: str, node: Node, report: Report) -> tuple[Command, ...]:
    """Return the commands of a script; nested lists are flattened."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return (Command(node.value, node.span),)
    if not isinstance(node, Sequence):
        report.error(f"{path} {_NOT_COMMANDS}", node.span)
        return ()
    return tuple(_commands(path, node, 1, report))


def _commands(path: str, node: Sequence, level: int, report: Report) -> Iterator[Command]:
    for item in node.items:
        if isinstance(item, Scalar) and isinstance(item.value, str):
            yield Command(item.value, item.span)
        elif isinstance(item, Sequence) and level < MAX_NESTING:
            yield from _commands(path, item, level + 1, report)
        else:
            report.error(f"{path} {_NOT_COMMANDS}", item.span, help=_quote_help(item))


def _quote_help(item: Node) -> str | None:
    if isinstance(item, Mapping):
        return "put the entry in quotes, or under `- |`: its `: ` makes a map of it"
    if isinstance(item, Scalar):
        return "put the entry in quotes" if item.value is not None else "take the empty entry out"
    return None


def read_strings(path: str, node: Node, report: Report) -> tuple[str, ...]:
    """Return a list of texts."""
    items = node.items if isinstance(node, Sequence) else ()
    texts = [text_of(item) for item in items]
    found = tuple(text for text in texts if text is not None)
    if not isinstance(node, Sequence) or len(found) != len(items):
        report.error(f"{path} should be an array of strings", node.span)
    return found


def read_variables(
    path: str, node: Node, report: Report, *, described: bool = False
) -> dict[str, Variable]:
    """Return variables; those ``described`` may carry ``description`` and ``options``."""
    if not isinstance(node, Mapping):
        report.error(f"{path} config should be a hash of key value pairs", node.span)
        return {}
    variables = {}
    for entry in node:
        if not _NAME.fullmatch(entry.name):
            message = f"{path}:{entry.name} is no name for a variable"
            report.error(message, entry.key.span, help="use letters, digits and underscores")
            continue
        variable = _variable(f"{path}:{entry.name}", entry, report, described=described)
        if variable is not None:
            variables[entry.name] = variable
    return variables


def _variable(path: str, entry: Entry, report: Report, *, described: bool) -> Variable | None:
    node = entry.value
    if isinstance(node, Scalar):
        return Variable(as_text(node.value), key=entry.key.span, span=node.span)
    if not isinstance(node, Mapping):
        message = f"{path} variable definition must be either a string or a hash"
        report.error(message, node.span)
        return None
    known = ("value", "expand", "description", "options") if described else ("value", "expand")
    check_keys(path, node, known, report)
    value, expands = node.get("value"), node.get("expand")
    if value is not None and not isinstance(value, Scalar):
        report.error(f"{path} config value should be alphanumeric", value.span)
        return None
    raw = isinstance(expands, Scalar) and expands.value is False
    return Variable(
        as_text(value.value) if value else "",
        expand=not raw,
        key=entry.key.span,
        span=value.span if value else None,
    )


def read_id_tokens(path: str, node: Node, report: Report) -> tuple[IdToken, ...]:
    """Return the ID tokens that a job asks for."""
    if not isinstance(node, Mapping):
        report.error(f"{path} config should be a hash", node.span)
        return ()
    found = (_id_token(f"{path}:{entry.name}", entry, report) for entry in node)
    return tuple(token for token in found if token is not None)


def _id_token(path: str, entry: Entry, report: Report) -> IdToken | None:
    node, name = entry.value, entry.key
    if not _NAME.fullmatch(entry.name):
        report.error(f"{path} is no name for a variable", name.span)
        return None
    if not isinstance(node, Mapping):
        report.error(f"{path} config should be a hash", node.span, help="write `aud: https://…`")
        return None
    check_keys(path, node, ("aud",), report)
    aud = node.get("aud")
    if aud is None:
        report.error(f"{path} config missing required keys: aud", name.span)
    audience = _audience(aud)
    if audience is None:
        where = name.span if aud is None else aud.span
        report.error(f"{path} aud should be an array of strings or a string", where)
        return None
    items = aud.items if isinstance(aud, Sequence) else (aud,)
    places = tuple(item.span for item in items if item is not None)
    return IdToken(entry.name, audience, name.span, places)


def _audience(node: Node | None) -> str | tuple[str, ...] | None:
    if not isinstance(node, Sequence):
        return text_of(node)
    texts = [text_of(item) for item in node.items]
    found = tuple(text for text in texts if text is not None)
    return found if found and len(found) == len(texts) else None


def read_environment(path: str, node: Node, report: Report) -> Environment | None:
    """Return where a job deploys to."""
    if (name := text_of(node)) is not None:
        return Environment(name, node.span)
    if not isinstance(node, Mapping):
        report.error(f"{path} config should be a hash or a string", node.span)
        return None
    check_keys(path, node, ENVIRONMENT_KEYWORDS, report)
    name = text_of(node.get("name"))
    if not name:
        report.error(f"{path} name can't be blank", node.span)
        return None
    action = _one_of(path, node, "action", ENVIRONMENT_ACTIONS, report)
    tier = _one_of(path, node, "deployment_tier", TIERS, report)
    url = text_of(node.get("url"))
    return Environment(name, node.span, url, action or "start", tier)


def _one_of(
    path: str, node: Mapping, key: str, words: tuple[str, ...], report: Report
) -> str | None:
    value = node.get(key)
    if value is None or is_absent(value):
        return None
    word = text_of(value)
    if word not in words:
        near = nearest(word or "", words)
        report.error(f"{path} {key} should be one of: {', '.join(words)}", value.span, help=near)
    return word


def read_timeout(path: str, node: Node, report: Report) -> float | None:
    """Return a duration in seconds."""
    written = as_text(node.value) if isinstance(node, Scalar) else ""
    seconds = parse_duration(written)
    if seconds is None:
        report.error(f"{path} config should be a duration", node.span, help="such as `1h 30m`")
    elif seconds > LONGEST_TIMEOUT:
        report.error(f"{path} config should not exceed the limit of 1 month", node.span)
    return seconds


def read_allow_failure(path: str, node: Node, report: Report) -> AllowFailure:
    """Return which failures are allowed."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return AllowFailure(node.value)
    if isinstance(node, Mapping):
        check_keys(path, node, ("exit_codes",), report)
        codes = node.get("exit_codes")
        items = codes.items if isinstance(codes, Sequence) else (codes,)
        values = [item.value for item in items if isinstance(item, Scalar)]
        numbers = tuple(v for v in values if isinstance(v, int) and not isinstance(v, bool))
        if numbers and len(numbers) == len(items):
            return AllowFailure(exit_codes=numbers)
        report.error(f"{path} exit codes should be an array of integers or an integer", node.span)
        return AllowFailure()
    report.error(f"{path} should be a hash or a boolean value", node.span)
    return AllowFailure()
