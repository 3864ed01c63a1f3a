"""The language of ``rules:if``.

``$VAR``, ``"text"``, ``/regex/flags``, ``null``, ``true``, ``false``, ``== != =~ !~ && ||`` and
parentheses, as GitLab's lexer and parser read them (at most 100 tokens; comparison binds
tightest, then ``&&``, then ``||``). Regular expressions are RE2's in GitLab: what RE2 does not
know (look-around, back references) is refused here too.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import regex  # type: ignore[import-untyped] # it ships no types

from valetkey.diagnostics import Span
from valetkey.gitlabci.errors import MalformedCiFile, malformed

MAX_TOKENS = 100
_SECONDS_TO_MATCH = 1.0

_TOKEN = re.compile(
    r"""(?P<open>\()|(?P<close>\))|\$(?P<variable>\w+)
      |"(?P<double>[^"]*)"|'(?P<single>[^']*)'
      |(?P<pattern>/(?:[^/\\]|\\.)+/[ismU]*)
      |(?P<word>null|true|false)\b|(?P<operator>==|=~|!=|!~|&&|\|\|)""",
    re.VERBOSE | re.ASCII,
)
_PRECEDENCE = {"==": 10, "!=": 10, "=~": 10, "!~": 10, "&&": 11, "||": 12}
_NOT_RE2 = re.compile(r"\\[1-9]|\\k|\(\?(?:[=!>|#(]|<[=!]|P[=>])|[*+?}]\+")
_WORDS: dict[str, bool | None] = {"null": None, "true": True, "false": False}


class Pattern(NamedTuple):
    """A regular expression as written between the slashes, and its flags."""

    text: str
    flags: str

    def found_in(self, text: str, span: Span) -> bool:
        """Return whether any part of a text matches.

        Raises :class:`MalformedCiFile`, pointing at ``span``, where the expression can't be
        used or takes too long.
        """
        compiled = _compiled(self)
        if compiled is None:
            raise malformed("ci-rules", "invalid regular expression", span)
        try:
            return compiled.search(text, timeout=_SECONDS_TO_MATCH) is not None
        except TimeoutError:
            raise malformed("ci-rules", "a regular expression took too long", span) from None


Value = str | bool | Pattern | None


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str


@dataclass(frozen=True, slots=True)
class _Operator:
    symbol: str


_Token = _Variable | _Operator | str | bool | Pattern | None


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition, parsed; ``program`` is in reverse Polish order."""

    span: Span
    program: tuple[_Token, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names that the condition asks for."""
        return tuple(t.name for t in self.program if isinstance(t, _Variable))

    def holds(self, variables: Mapping[str, str]) -> bool:
        """Return whether the condition holds: its value is there and is not blank.

        Raises :class:`MalformedCiFile` for a regular expression that can't be used.
        """
        stack: list[Value] = []
        for token in self.program:
            match token:
                case _Variable(name):
                    stack.append(variables.get(name))
                case _Operator(symbol):
                    right, left = stack.pop(), stack.pop()
                    stack.append(self._operate(symbol, left, right))
                case _:
                    stack.append(token)
        result = stack.pop()
        return bool(result.strip()) if isinstance(result, str) else bool(result)

    def _operate(self, symbol: str, left: Value, right: Value) -> Value:
        match symbol:
            case "==":
                return left == right
            case "!=":
                return left != right
            case "=~":
                return self._matches(left, right)
            case "!~":
                return not self._matches(left, right)
            case "&&":
                # as in Ruby, only null and false are false: an empty text is not
                return left if left is None or left is False else right
            case _:
                return right if left is None or left is False else left

    def _matches(self, left: Value, right: Value) -> bool:
        text = left if isinstance(left, str) else ""
        if isinstance(right, str):
            # of a variable: its text is the expression, or else the text to be found in
            pattern = parse_pattern(right)
            return text in right if pattern is None else pattern.found_in(text, self.span)
        return isinstance(right, Pattern) and right.found_in(text, self.span)


def parse_expression(text: str, span: Span) -> Expression:
    """Return the condition that a ``rules:if`` text means.

    Raises :class:`MalformedCiFile` in GitLab's words: ``invalid expression syntax``.
    """

    def wrong(why: str) -> MalformedCiFile:
        return malformed("ci-rules", f"invalid expression syntax: {why}", span)

    output: list[_Token] = []
    operators: list[str] = []
    for token in _tokens(text, wrong):
        if token == _Operator("("):
            operators.append("(")
        elif token == _Operator(")"):
            _drain(operators, output, lambda held: held == "(")
            if not operators:
                raise wrong("a parenthesis is closed that was not opened")
            operators.pop()
        elif isinstance(token, _Operator):
            _drain(operators, output, _binds_looser(token.symbol))
            operators.append(token.symbol)
        else:
            output.append(token)
    _drain(operators, output, lambda held: held == "(")
    if operators:
        raise wrong("a parenthesis is not closed")
    _check_shape(output, wrong)
    return Expression(span, tuple(output))


def _binds_looser(symbol: str) -> Callable[[str], bool]:
    return lambda held: held == "(" or _PRECEDENCE[symbol] < _PRECEDENCE[held]


def _drain(operators: list[str], output: list[_Token], until: Callable[[str], bool]) -> None:
    while operators and not until(operators[-1]):
        output.append(_Operator(operators.pop()))


def _tokens(text: str, wrong: Callable[[str], MalformedCiFile]) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return tokens
        if len(tokens) == MAX_TOKENS:
            raise wrong("too many tokens")
        match = _TOKEN.match(text, at)
        if match is None:
            raise wrong(f"unknown lexeme at `{text[at : at + 20]}`")
        tokens.append(_token(match, wrong))
        at = match.end()


def _token(match: re.Match[str], wrong: Callable[[str], MalformedCiFile]) -> _Token:
    kind, text = match.lastgroup, match[0]
    match kind:
        case "variable":
            return _Variable(match["variable"])
        case "double" | "single":
            return match[kind]
        case "word":
            return _WORDS[text]
        case "pattern":
            pattern = parse_pattern(text)
            if pattern is None or _compiled(pattern) is None:
                raise wrong("invalid regular expression")
            return pattern
    return _Operator(text)


def _check_shape(program: list[_Token], wrong: Callable[[str], MalformedCiFile]) -> None:
    depth = 0
    for token in program:
        if isinstance(token, _Operator):
            if depth < 2:  # noqa: PLR2004 - an operator stands between two values
                raise wrong(f"`{token.symbol}` wants a value on both sides")
            depth -= 1
        else:
            depth += 1
    if depth != 1:
        raise wrong("there is nothing in it" if depth == 0 else "an operator is missing")


def parse_pattern(text: str) -> Pattern | None:
    """Return the expression of ``/regex/flags``, or None for any other text."""
    body, slash, flags = text[1:].rpartition("/")
    if not text.startswith("/") or not slash or set(flags) - set("ismU"):
        return None
    return Pattern(body.replace(r"\/", "/"), flags)


def _compiled(pattern: Pattern) -> "regex.Pattern[str] | None":
    if _NOT_RE2.search(pattern.text):
        return None
    flags = regex.ASCII | regex.VERSION0
    for letter, flag in (("i", regex.IGNORECASE), ("s", regex.DOTALL), ("m", regex.MULTILINE)):
        if letter in pattern.flags:
            flags |= flag
    text = pattern.text.replace(r"\z", r"\Z")
    if "m" not in pattern.flags:
        text = _dollar_at_the_end(text)
    try:
        return regex.compile(text, flags)
    except (regex.error, ValueError, RecursionError, OverflowError):
        return None


def _dollar_at_the_end(text: str) -> str:
    """Return the expression with ``$`` only at the very end of a text, as in RE2."""
    return re.sub(
        r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$",
        lambda match: r"\Z" if match[0] == "$" else match[0],
        text,
        flags=re.DOTALL,
    )
