"""Every rule, found by its place: a module of a rules package with a ``RULE`` in it."""

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from valetkey.lint import rules
from valetkey.lint.model import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return the rules by code. A module without a rule, or a code given twice, is our error."""
    found: dict[str, Rule] = {}
    for module in _modules(rules):
        rule: Rule = module.RULE
        if rule.code in found:
            raise AssertionError(f"{rule.name} and {found[rule.code].name} are both {rule.code}")
        found[rule.code] = rule
    return tuple(found[code] for code in sorted(found))


def _modules(package: ModuleType) -> list[ModuleType]:
    names = [
        (each.name, each.ispkg)
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    # A module with a leading underscore is what several rules of a package share.
    return [
        importlib.import_module(name)
        for name, is_package in names
        if not is_package and not name.rpartition(".")[2].startswith("_")
    ]
