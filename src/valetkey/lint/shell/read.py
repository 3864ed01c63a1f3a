"""From a script's text to its commands, by tree-sitter's grammar of bash."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from valetkey.lint.shell.model import (
    EMPTY,
    Assignment,
    Command,
    Expansion,
    Kind,
    Redirect,
    Script,
    Step,
    Word,
)
from valetkey.lint.shell.words import Words

MAX_SCRIPT: Final = 20_000
"""Characters; the grammar's recovery from nonsense costs more than linear."""
_MAX_DEPTH: Final = 60
_COSTLY: Final = {"|": 300, "<<": 60, "=(": 200}
_NOT_UNDERSTOOD: Final = Script(understood=False)
_LANGUAGE: Final = Language(tree_sitter_bash.language())
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONDITIONS: Final = {"if_statement", "while_statement", "elif_clause"}
_BODIES: Final = {"else_clause", "do_group", "case_item"}
_RESERVED: Final = {"!", "do", "done", "elif", "else", "esac", "fi", "in", "then", "{", "}"}
"""Words that bash does not take for the name of a command; the grammar does."""

_Within = tuple[Step, ...]


class _NotUnderstood(Exception):
    """The script is nested too deep, or is not what the grammar takes it for."""


@lru_cache(maxsize=256)
def read(text: str) -> Script:
    """Return the commands of a script. Never raises: what can't be read holds no commands."""
    if len(text) > MAX_SCRIPT or _CONTROL.search(text):
        return _NOT_UNDERSTOOD
    if any(text.count(costly) > most for costly, most in _COSTLY.items()):
        return _NOT_UNDERSTOOD
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return _NOT_UNDERSTOOD
    root = Parser(_LANGUAGE).parse(data).root_node
    if root.has_error:
        return _NOT_UNDERSTOOD
    reader = _Reader(Words(text, data))
    try:
        reader.body(root.children, ())
    except _NotUnderstood:
        return _NOT_UNDERSTOOD
    return reader.script()


class _Reader:
    """Walks the statements; each method reads one kind of them."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._commands: list[Command] = []
        self._expansions: list[Expansion] = []
        self._functions: set[str] = set()
        self._loops: set[str] = set()

    def script(self) -> Script:
        return Script(
            tuple(sorted(self._commands, key=lambda command: command.start)),
            tuple(sorted(set(self._expansions))),
            frozenset(self._functions),
            frozenset(self._loops),
        )

    def body(self, nodes: Sequence[Node], within: _Within) -> None:
        """Read statements that follow each other."""
        statements = [
            (at, node) for at, node in enumerate(nodes) if node.is_named and node.type != "comment"
        ]
        for order, (at, node) in enumerate(statements):
            place = within
            if order + 1 < len(statements):
                place = self._in(place, Kind.EARLIER, node)
            if at + 1 < len(nodes) and nodes[at + 1].type == "&":
                place = self._in(place, Kind.BACKGROUND, node)
            self._statement(node, place)

    def _in(self, within: _Within, kind: Kind, node: Node, name: str = "") -> _Within:
        if len(within) >= _MAX_DEPTH:
            raise _NotUnderstood
        return (*within, Step(kind, *self._words.range(node), name))

    def _statement(self, node: Node, within: _Within, redirects: tuple[Redirect, ...] = ()) -> None:
        match node.type:
            case "redirected_statement":
                self._redirected(node, within, redirects)
            case "list":
                self._list(node, within, redirects)
            case "pipeline":
                self._pipeline(node, within, redirects)
            case "command" | "declaration_command" | "unset_command" | "test_command":
                self._command(node, within, redirects)
            case "variable_assignment" | "variable_assignments":
                self._assignment(node, within, redirects)
            case _:
                if any(redirect.takes_output for redirect in redirects):
                    within = self._in(within, Kind.OUTPUT, node)
                self._compound(node, within)

    def _compound(self, node: Node, within: _Within) -> None:
        match node.type:
            case "subshell":
                self.body(node.children, self._in(within, Kind.SUBSHELL, node))
            case "compound_statement":
                self.body(node.children, self._in(within, Kind.GROUP, node))
            case "negated_command":
                self.body(node.children, self._in(within, Kind.NEGATED, node))
            case "function_definition":
                self._function(node, within)
            case "for_statement" | "case_statement":
                self._loop(node, within)
            case kind if kind in _CONDITIONS:
                self._conditional(node, within)
            case kind if kind in _BODIES:
                place = self._in(within, Kind.BRANCH, node)
                values = set(node.children_by_field_name("value"))
                self.body([child for child in node.children if child not in values], place)
            case _:
                self._loose(node, self._in(within, Kind.BRANCH, node))

    def _loose(self, node: Node, within: _Within) -> None:
        """Read what else may stand as a statement: arithmetic and C-style loops."""
        for child in node.children:
            if child.type == "do_group":
                self._compound(child, within)
            elif child.is_named:
                self._take(child, within)

    def _function(self, node: Node, within: _Within) -> None:
        name = node.child_by_field_name("name")
        body = node.child_by_field_name("body")
        if name is not None:
            self._functions.add(self._words.text(name))
        if body is not None:
            self._statement(body, self._in(within, Kind.FUNCTION, node))

    def _loop(self, node: Node, within: _Within) -> None:
        variable = node.child_by_field_name("variable")
        if variable is not None:
            self._loops.add(self._words.text(variable))
        for value in node.children_by_field_name("value"):
            self._take(value, self._in(within, Kind.WORDS, node))
        for child in node.children:
            if child.type in _BODIES:
                self._compound(child, within)

    def _conditional(self, node: Node, within: _Within) -> None:
        """Read a condition, its body, and what follows where it does not hold."""
        at = next(
            (at for at, child in enumerate(node.children) if child.type in {"then", "do_group"}),
            len(node.children),
        )
        self.body(node.children[:at], self._in(within, Kind.TESTED, node))
        branch = self._in(within, Kind.BRANCH, node)
        rest = node.children[at:]
        self.body([child for child in rest if not _is_part(child)], branch)
        for child in rest:
            if _is_part(child):
                self._compound(child, branch)

    def _list(self, node: Node, within: _Within, redirects: tuple[Redirect, ...]) -> None:
        """Read ``a && b || c``; written out flat, as long chains nest to the left."""
        items: list[Node] = []
        operators: list[str] = []
        left: Node | None = node
        while left is not None and left.type == "list":
            first, operator, last = left.children[0], left.children[1], left.children[-1]
            items.append(last)
            operators.append(operator.type)
            left = first
        items = [*([] if left is None else [left]), *reversed(items)]
        operators.reverse()
        for at, item in enumerate(items):
            place = within if at == 0 else self._in(within, Kind.BRANCH, node)
            guard = next((n for n in range(at, len(operators)) if operators[n] == "||"), None)
            if guard is not None:
                followed = "&&" in operators[guard + 1 :]
                name = "" if followed else self._name(items[guard + 1])
                place = self._in(place, Kind.GUARDED, items[guard + 1], name)
            if at < len(operators) and operators[at] == "&&":
                place = self._in(place, Kind.CHAINED, node)
            self._statement(item, place, redirects if at == len(items) - 1 else ())

    def _name(self, node: Node) -> str:
        if node.type == "redirected_statement":
            node = node.child_by_field_name("body") or node
        name = node.child_by_field_name("name") if node.type == "command" else None
        return "" if name is None else self._words.text(name)

    def _pipeline(self, node: Node, within: _Within, redirects: tuple[Redirect, ...]) -> None:
        parts = node.named_children
        for at, part in enumerate(parts):
            last = at == len(parts) - 1
            place = self._in(within, Kind.PIPE_END if last else Kind.PIPED, node)
            self._statement(part, place, redirects if last else ())

    def _redirected(self, node: Node, within: _Within, outer: tuple[Redirect, ...]) -> None:
        body = node.child_by_field_name("body")
        name = "" if body is None else self._name(body)
        redirects = list(outer)
        for child in node.children_by_field_name("redirect"):
            redirects.extend(self._redirect(child, node, name, within))
        piped = [
            part
            for child in node.children_by_field_name("redirect")
            for part in child.named_children
            if part.type in {"pipeline", "list", "command"}
        ]
        for part in piped:  # `cat <<EOF | …`: what follows stands in the middle of the heredoc
            self._statement(part, self._in(within, Kind.PIPE_END, node))
        if body is not None:
            place = self._in(within, Kind.PIPED, node) if piped else within
            self._statement(body, place, tuple(redirects))

    def _redirect(self, node: Node, outer: Node, name: str, within: _Within) -> Iterable[Redirect]:
        place = self._in(within, Kind.INPUT, outer, name)
        start, end = self._words.range(node)
        if node.type == "heredoc_redirect":
            for child in node.children:
                if child.type == "heredoc_body":
                    yield Redirect(start, end, None, "<<", self._take(child, place))
                elif child.type.endswith("_redirect"):
                    yield from self._redirect(child, outer, name, within)
            return
        if node.type == "herestring_redirect":
            for child in node.named_children:
                yield Redirect(start, end, None, "<<<", self._take(child, place))
            return
        descriptor, target = None, EMPTY
        for child in node.named_children:
            if child.type == "file_descriptor":
                text = self._words.text(child)
                descriptor = int(text) if text.isascii() and text.isdigit() else -1
            else:
                target = self._take(child, place)
        operator = next((child.type for child in node.children if not child.is_named), "")
        yield Redirect(start, end, descriptor, operator, target)

    def _assignment(self, node: Node, within: _Within, redirects: tuple[Redirect, ...]) -> None:
        several = node.type == "variable_assignments"
        self._stored(node, node.named_children if several else [node], within, redirects)

    def _stored(
        self, outer: Node, nodes: list[Node], within: _Within, redirects: tuple[Redirect, ...] = ()
    ) -> None:
        """Read assignments that are a command of their own: the last substitution counts."""
        last = max((n.end_byte for one in nodes for n in self._words.substitutions(one)), default=0)
        assigns = tuple(self._assign(one, outer, within, Kind.STORED, last=last) for one in nodes)
        start, end = self._words.range(nodes[0])[0], self._words.range(nodes[-1])[1]
        self._commands.append(Command(start, end, within, (), assigns, (), redirects))

    def _split(self, node: Node, within: _Within) -> list[Node]:
        """Return the children of a command, without assignments of the line before.

        The grammar takes two assignments on a line and the command on the next for one command.
        """
        children = list(node.children)
        name = node.child_by_field_name("name")
        before = children[: children.index(name)] if name is not None else []
        if name is None or not before:
            return children
        gap = self._words.between(before[-1], name)
        if "\n" not in gap.replace("\\\n", ""):
            return children
        assigns = [child for child in before if child.type == "variable_assignment"]
        if assigns:
            self._stored(node, assigns, self._in(within, Kind.EARLIER, node))
        taken = set(assigns)
        return [child for child in children if child not in taken]

    def _assign(
        self, node: Node, outer: Node, within: _Within, kind: Kind, *, last: int = 0, name: str = ""
    ) -> Assignment:
        key, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        word = EMPTY
        if value is not None:
            word = self._take(value, within, kind, outer, name=name, last=last)
        start, end = self._words.range(node)
        return Assignment(start, end, "" if key is None else self._words.text(key), word)

    def _command(self, node: Node, within: _Within, redirects: tuple[Redirect, ...]) -> None:
        words: list[Word] = []
        assigns: list[Assignment] = []
        declares: list[Assignment] = []
        own = list(redirects)
        children = self._split(node, within)
        start = self._words.range(children[0])[0]
        if node.type != "command":
            words.append(self._words.token(children.pop(0)))
            name = words[0].literal or ""
        else:
            name = self._name(node)
            if name in _RESERVED:
                raise _NotUnderstood
        for child in children:
            if child.type == "variable_assignment":
                declared = node.type == "declaration_command"
                kind = Kind.DECLARED if declared else Kind.PREFIX
                into = declares if declared else assigns
                into.append(self._assign(child, node, within, kind, name=name))
            elif child.type.endswith("_redirect"):
                own.extend(self._redirect(child, node, name, within))
            elif child.is_named:
                words.append(self._take(child, within, Kind.ARGUMENT, node, name=name))
        end = self._words.range(node)[1]
        parts = tuple(words), tuple(assigns), tuple(declares), tuple(own)
        self._commands.append(Command(start, end, within, *parts))

    def _take(
        self,
        node: Node,
        within: _Within,
        kind: Kind | None = None,
        outer: Node | None = None,
        *,
        name: str = "",
        last: int = 0,
    ) -> Word:
        """Return a word, and read the commands that are substituted in it."""
        word = self._words.word(node)
        self._expansions.extend(self._words.expansions(node))
        for inner in self._words.substitutions(node):
            place = within
            if kind is not None and outer is not None:
                stored = kind is Kind.STORED and inner.end_byte != last
                place = self._in(within, Kind.OVERSHADOWED if stored else kind, outer, name)
            if inner.type == "process_substitution":
                place = self._in(place, Kind.PROCESS, inner, name)
            body = [child for child in inner.children if not child.type.endswith("_redirect")]
            self.body(body, place)
        return word


def _is_part(node: Node) -> bool:
    return node.type in {"elif_clause", "else_clause", "do_group"}
