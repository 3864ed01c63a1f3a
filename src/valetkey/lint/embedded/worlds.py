"""What may stand where a file leaves a value open: several guesses a place, each well formed.

A finding is said only if it is found with every guess, so each list should differ in what rules
look at: wildcards and none, one issuer and another, more conditions and none.
"""

from collections.abc import Sequence
from typing import Any, Final

from valetkey.lint.embedded.guesses import Asked, parts, wholes
from valetkey.lint.embedded.slots import Slot
from valetkey.lint.embedded.tree import Opaque, Unknown
from valetkey.policy import PolicyType

WORLDS: Final = 6


class World:
    """One choice for every unknown value of a document.

    The same expression gets the same value; all unknown issuers are one and the same, the first
    of ``hosts`` in the first world. ``fakes`` are the values put in, by what the file says.
    """

    def __init__(self, index: int, type: PolicyType, hosts: Sequence[str]) -> None:
        self._index = index
        self._type = type
        self._host = hosts[index % len(hosts)]
        self._numbers: dict[str, int] = {}
        self.fakes: dict[str, str] = {}

    def piece(self, slot: Slot, unknown: Unknown, before: str, after: str) -> str:
        """Return what to put for a part of a text; ``before`` and ``after`` stand around it."""
        asked = self._asked(slot, unknown.expression)
        return str(self._chosen(asked, parts(asked, before, after)))

    def value(self, slot: Slot, unknown: Opaque) -> Any:
        """Return what to put for a whole value, as JSON has it."""
        asked = self._asked(slot, unknown.expression)
        return self._chosen(asked, wholes(asked))

    def more(self, slot: Slot, unknown: Opaque, taken: Sequence[str]) -> dict[str, Any]:
        """Return members that a map may have beside those in the file."""
        found = self.value(slot, unknown)
        return {k: v for k, v in found.items() if k not in taken} if isinstance(found, dict) else {}

    def _asked(self, slot: Slot, expression: str) -> Asked:
        number = self._numbers.setdefault(expression, len(self._numbers))
        return Asked(slot, expression, f"unknown-{number}", self._host, self._type)

    def _chosen(self, asked: Asked, choices: Sequence[Any]) -> Any:
        found = choices[self._index % len(choices)]
        if isinstance(found, str) and found:
            self.fakes.setdefault(found, asked.expression)
        return found
