"""The policy documents in a tree, and what type of policy each of them is."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from valetkey.lint.embedded.tree import List, Map, Node, Text, children
from valetkey.policy import PolicyType

_TRUST_MEMBERS: Final = frozenset({"AssumeRolePolicyDocument", "assume_role_policy"})
_MARKS: Final = ("Effect", "Action", "NotAction", "Principal")


Shared = tuple[tuple[int, int], ...]
"""Stretches of a file that stand for values at several places, in order and apart."""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document in a file, with what the file shares by aliases."""

    root: Map
    type: PolicyType
    shared: Shared = ()


def documents(root: Node) -> Iterator[Document]:
    """Yield the documents of a tree in the order of the text.

    A document is a map with a ``Statement`` that holds something like a statement.
    """
    seen: set[int] = set()  # aliases make a tree that is no tree: each node counts once
    waiting: list[tuple[Node, bool]] = [(root, False)]
    while waiting:
        node, trust = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Map) and is_document(node):
            yield Document(node, PolicyType.TRUST if trust else policy_type(node))
        elif isinstance(node, Map):
            waiting.extend(
                (member.value, member.key.plain in _TRUST_MEMBERS)
                for member in reversed(node.members)
            )
        else:
            waiting.extend((child, trust) for child in reversed(list(children(node))))


def touches(shared: Shared, start: int, end: int) -> bool:
    """Tell whether a place lies in what a file shares, or at its edge."""
    at = bisect_right(shared, end, key=lambda one: one[0]) - 1
    return at >= 0 and start <= shared[at][1]


def is_document(node: Map) -> bool:
    """Tell whether a map is a policy document."""
    return any(each.get(mark) is not None for each in statements_of(node) for mark in _MARKS)


def statements_of(node: Map) -> Iterator[Map]:
    """Yield the statements of a document that are maps."""
    statement = node.get("Statement")
    items = statement.items if isinstance(statement, List) else (statement,)
    yield from (item for item in items if isinstance(item, Map))


def policy_type(node: Map) -> PolicyType:
    """Return what a document is by what it says.

    One with principals stands at a resource; at a role where it is about assuming it and names
    no resource; anything else is an identity policy.
    """
    statements = list(statements_of(node))
    names = ("Principal", "NotPrincipal")
    if not any(each.get(name) is not None for each in statements for name in names):
        return PolicyType.IDENTITY
    if any(each.get("Resource") is not None for each in statements):
        return PolicyType.RESOURCE
    assumes = any(
        text.lower().startswith(("sts:assumerole", "sts:tagsession", "sts:*"))
        for each in statements
        for text in _actions(each)
    )
    return PolicyType.TRUST if assumes else PolicyType.RESOURCE


def _actions(statement: Map) -> Iterator[str]:
    action = statement.get("Action")
    for item in action.items if isinstance(action, List) else (action,):
        if isinstance(item, Text) and item.plain is not None:
            yield item.plain
