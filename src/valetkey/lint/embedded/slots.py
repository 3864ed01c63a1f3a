"""Where in a policy a value stands: what may be put in its place depends on that."""

from enum import StrEnum
from typing import Final, NamedTuple

from valetkey.policy import Family, parse_operator


class Place(StrEnum):
    """A place in the grammar of policies."""

    DOCUMENT = "document"
    HEAD = "head"
    STATEMENTS = "statements"
    STATEMENT = "statement"
    EFFECT = "effect"
    SID = "sid"
    ACTION = "action"
    RESOURCE = "resource"
    PRINCIPAL = "principal"
    PRINCIPALS = "principals of a kind"
    CONDITION = "condition"
    OPERATOR = "operator"
    VALUE = "value"
    OTHER = "other"


class Slot(NamedTuple):
    """A place; of principals their kind, of condition values what their operator compares.

    ``listed``: it is one of a list, where no list may stand.
    """

    place: Place
    kind: str = ""
    family: Family = Family.STRING
    listed: bool = False


DOCUMENT: Final = Slot(Place.DOCUMENT)
_STATEMENT: Final = {
    "Effect": Place.EFFECT,
    "Sid": Place.SID,
    "Action": Place.ACTION,
    "NotAction": Place.ACTION,
    "Resource": Place.RESOURCE,
    "NotResource": Place.RESOURCE,
    "Principal": Place.PRINCIPAL,
    "NotPrincipal": Place.PRINCIPAL,
    "Condition": Place.CONDITION,
}


def member_slot(slot: Slot, name: str) -> Slot:
    """Return where the value of a member stands."""
    match slot.place:
        case Place.DOCUMENT:
            return Slot(Place.STATEMENTS if name == "Statement" else Place.HEAD, name)
        case Place.STATEMENTS | Place.STATEMENT:  # a single statement may stand without a list
            return Slot(_STATEMENT.get(name, Place.OTHER), name)
        case Place.PRINCIPAL:
            return Slot(Place.PRINCIPALS, name)
        case Place.CONDITION:
            operator = parse_operator(name)
            family = operator.base.family if operator else Family.STRING
            return Slot(Place.OPERATOR, name, family)
        case Place.OPERATOR:
            return Slot(Place.VALUE, name, slot.family)
    return Slot(Place.OTHER, name)


def item_slot(slot: Slot) -> Slot:
    """Return where the items of a list stand."""
    slot = Slot(Place.STATEMENT) if slot.place is Place.STATEMENTS else slot
    return slot._replace(listed=True)
