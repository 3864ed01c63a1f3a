"""JSON values with their places in the text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value at characters ``start`` up to, not including, ``end`` of the source."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A string; ``value`` has its escapes resolved, the range holds the quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number, kept as it is written: a policy compares numbers exactly."""

    written: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    """``null``."""


@dataclass(frozen=True, slots=True)
class Array(Node):
    """A list of values."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A name in an object, and its value."""

    name: Text
    value: Node


@dataclass(frozen=True, slots=True)
class Object(Node):
    """An object; no two members have the same name."""

    members: tuple[Member, ...]


def describe(node: Node) -> str:
    """Name the kind of a value in the words of JSON."""
    names: dict[type[Node], str] = {
        Text: "a string",
        Number: "a number",
        Boolean: "a boolean",
        Null: "null",
        Array: "a list",
        Object: "an object",
    }
    return names[type(node)]
