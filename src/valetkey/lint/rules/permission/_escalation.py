"""One check for all tables of actions that give away more than they name."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.permission._fit import first_for
from valetkey.lint.rules.permission._grants import (
    allows,
    denied,
    granted,
    is_narrowed,
    wide_resources,
)

NONE: Final[Mapping[str, Collection[str]]] = MappingProxyType({})


def unbounded(
    subject: PolicySubject,
    rule: PolicyRule,
    table: Mapping[str, str],
    advice: str,
    *,
    deciding: Mapping[str, Collection[str]] = NONE,
) -> Iterator[Finding]:
    """Find actions of a table that an Allow has on everything of a kind, narrowed by nothing.

    ``table`` holds, by the action's name, what it gives the caller. An action that is asked of
    several types of resource at once is limited by any of them: ``deciding`` names those of
    which everything is much.
    """
    by_folded = {name.lower(): name for name in table}
    refused = denied(subject.document, by_folded)
    for statement in allows(subject.document):
        resources = wide_resources(statement)
        if not resources or is_narrowed(statement):
            continue
        found = granted(statement, by_folded)
        shown: set[int] = set()
        for folded, value in found.items():
            name = by_folded[folded]
            resource = first_for(folded, resources, deciding.get(name, ()))
            if resource is None or folded in refused or value.start in shown:
                continue
            shown.add(value.start)
            yield rule.finding(
                f"`{name}` on everything lets the caller {table[name]}",
                (subject.document.span(value.range), f"allows `{name}`"),
                (subject.document.span(resource.range), "on everything"),
                help=advice,
            )
