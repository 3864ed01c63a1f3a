"""What is known of an issuer's tokens: a table of claims, and a few questions to it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from valetkey.oidc.strictjson import Json


class JsonType(StrEnum):
    """The JSON type that an issuer gives a claim."""

    STRING = "string"
    INTEGER = "integer"
    STRINGS = "array of strings"
    STRING_OR_STRINGS = "string or array of strings"
    OBJECT = "object"
    OBJECTS = "array of objects"


class Standing(StrEnum):
    """What a claim is to trust."""

    REQUIRED = "required"  # in every token of the issuer; without it the token is another's
    OPTIONAL = "optional"  # in some tokens; good for conditions where it is there
    INFORMATIVE = "informative"  # for records; a condition on it alone trusts nobody in particular


class Control(StrEnum):
    """Who decides what a claim says."""

    PLATFORM = "platform"
    MAINTAINER = "maintainer"
    CONTRIBUTOR = "any contributor"


class Claim(NamedTuple):
    """One claim of an issuer's tokens: the name, and what a policy author should know."""

    name: str
    type: JsonType
    standing: Standing
    control: Control
    example: Json
    why: str


class SubjectPart(NamedTuple):
    """A `label:value` pair of a subject; ``start`` is where the label begins, in characters."""

    label: str
    value: str
    start: int


class TypeMismatch(NamedTuple):
    """A claim that came as another type than the issuer gives it."""

    name: str
    wanted: JsonType
    got: Json


class IssuerKnowledge(Protocol):
    """What a module about an issuer offers."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module's constant
        """Return the issuer's name for people."""
        ...

    @property
    def CLAIMS(self) -> Mapping[str, Claim]:  # noqa: N802 - a module's constant
        """Return every claim by name."""
        ...

    def recognise(self, issuer: str, claims: Mapping[str, Json]) -> bool:
        """Return whether claims have the shape of this issuer's. Trust does not follow."""
        ...

    def parse_subject(self, sub: str) -> tuple[SubjectPart, ...] | None:
        """Return the parts of a subject in their order, or None if it is not of this issuer."""
        ...


def fits(type: JsonType, value: Json) -> bool:
    """Return whether a value has a type; a boolean is no integer."""
    match type:
        case JsonType.STRING:
            return isinstance(value, str)
        case JsonType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case JsonType.STRINGS:
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case JsonType.STRING_OR_STRINGS:
            return isinstance(value, str) or fits(JsonType.STRINGS, value)
        case JsonType.OBJECT:
            return isinstance(value, dict)
        case JsonType.OBJECTS:
            return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def unknown_claims(table: Mapping[str, Claim], claims: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the names of claims that are not in the table, in the token's order."""
    return tuple(name for name in claims if name not in table)


def type_mismatches(
    table: Mapping[str, Claim], claims: Mapping[str, Json]
) -> tuple[TypeMismatch, ...]:
    """Return the claims that have another type than the table's; a null counts as absent."""
    return tuple(
        TypeMismatch(name, table[name].type, value)
        for name, value in claims.items()
        if name in table and value is not None and not fits(table[name].type, value)
    )
