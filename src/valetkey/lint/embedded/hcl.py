"""Terraform and OpenTofu as a tree of the policies in it.

The grammar is tree-sitter's for HCL, with the place of every node; nothing is evaluated.
Recognised are objects with a ``Statement`` (most often the argument of ``jsonencode``), JSON in a
heredoc or a quoted text, and ``data "aws_iam_policy_document"``.
"""

import re
from collections.abc import Iterator
from typing import Final

import tree_sitter

from valetkey.diagnostics import Diagnostic, Label, Severity, Source
from valetkey.lint.embedded.hcldocument import document_of, is_policy_document
from valetkey.lint.embedded.hclvalues import HclFile
from valetkey.lint.embedded.jsontemplate import read_template
from valetkey.lint.embedded.tree import List, Map, Member, Node, Text, Unreadable, whole

_JSON_POLICY: Final = re.compile(r'\s*\{.*"Statement"\s*:', re.DOTALL)
_STATEMENT: Final = frozenset({"Statement", '"Statement"'})
_NAMED: Final = {"attribute": 0, "object_elem": 0}
_TEMPLATES: Final = frozenset({"heredoc_template", "quoted_template", "string_lit"})


def read_hcl(source: Source) -> tuple[Node, tuple[Diagnostic, ...]]:
    """Return the policies of an HCL text, each under the name of its attribute, and findings.

    A part that the grammar can't read is a note: what stands in it was not looked at.
    """
    reader = _Reader(HclFile(source))
    reader.walk()
    return List(0, len(source.text), tuple(reader.found)), tuple(reader.findings)


def hcl_comments(source: Source) -> Iterator[tuple[int, int]]:
    """Yield the places of the comments of an HCL text in order."""
    file = HclFile(source)
    waiting = [file.tree.root_node]
    while waiting:
        node = waiting.pop()
        if node.type == "comment":
            yield file.place(node)
        waiting.extend(reversed(node.named_children))


class _Reader:
    def __init__(self, file: HclFile) -> None:
        self._file = file
        self.found: list[Node] = []
        self.findings: list[Diagnostic] = []

    def walk(self) -> None:
        """Go through the whole syntax tree in the order of the text, without recursion."""
        waiting: list[tuple[tree_sitter.Node, str]] = [(self._file.tree.root_node, "")]
        while waiting:
            node, name = waiting.pop()
            if node.type == "ERROR" or node.is_missing:
                self._unread(node)
            if self._taken(node, name):
                continue
            if node.type in _NAMED and node.named_children:
                name = self._file.text(node.named_children[0]).strip('"')
            waiting.extend((child, name) for child in reversed(node.named_children))

    def _taken(self, node: tree_sitter.Node, name: str) -> bool:
        """Take a node that is a policy."""
        if node.type == "block" and is_policy_document(self._file, node):
            self.found.append(document_of(self._file, node))
            return True
        if node.type == "object" and self._has_statement(node):
            self._add(name, self._file.objects(node))
            return True
        if node.type in _TEMPLATES and "Statement" in self._file.text(node):
            return self._template(node, name)
        return False

    def _has_statement(self, node: tree_sitter.Node) -> bool:
        return any(
            each.type == "object_elem"
            and each.named_children
            and self._file.text(each.named_children[0]) in _STATEMENT
            for each in node.named_children
        )

    def _template(self, node: tree_sitter.Node, name: str) -> bool:
        text = self._file.template(node)
        if not isinstance(text, Text):
            return False
        known = "".join(getattr(piece, "text", "") for piece in text.pieces)
        if not _JSON_POLICY.match(known):
            return False
        try:
            self._add(name, read_template(text, self._file.source))
        except Unreadable as error:
            self.findings.append(error.finding)
        return True

    def _add(self, name: str, node: Node) -> None:
        key = whole(name, node.start, node.start)
        self.found.append(Map(node.start, node.end, (Member(key, node),)))

    def _unread(self, node: tree_sitter.Node) -> None:
        start, end = self._file.place(node)
        first = self._file.source.text.find("\n", start, end)
        label = Label(self._file.source.span(start, end if first == -1 else first))
        self.findings.append(
            Diagnostic(
                "lint-hcl",
                "this part is no HCL that could be read; policies in it are not looked at",
                Severity.NOTE,
                (label,),
            )
        )
