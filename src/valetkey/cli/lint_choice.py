"""Which codes are looked for, and what is known of the world, as the command line says it."""

from collections.abc import Iterable
from dataclasses import dataclass

import click

from valetkey.diagnostics import did_you_mean
from valetkey.lint import Facts, Provider, Rule, all_rules
from valetkey.lint.refusals import REFUSALS

_ALWAYS = ("lint-unreadable", "lint-not-text", "lint-too-large", "lint-unrecognised")
"""What could not be looked at is said, whatever was selected."""


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a run: all that are known, and those that are looked for."""

    known: frozenset[str]
    ran: frozenset[str]
    rules: tuple[Rule, ...]
    dropped: frozenset[str]

    def wants(self, code: str) -> bool:
        """Tell whether findings of a code are to be said."""
        if code in _ALWAYS and code not in self.dropped:
            return True
        return code in self.ran or (code not in self.known and code not in self.dropped)


def chosen_codes(select: Iterable[str], ignore: Iterable[str]) -> Codes:
    """Return the codes of a run; both options take codes and beginnings of codes.

    Raises ``click.UsageError`` for what is neither.
    """
    known = frozenset((*(rule.code for rule in all_rules()), *REFUSALS))
    wanted, dropped = _codes(select, known), _codes(ignore, known)
    ran = (wanted or known) - dropped
    rules = tuple(rule for rule in all_rules() if rule.code in ran)
    return Codes(known, ran, rules, dropped)


def known_facts(
    providers: tuple[str, ...], audiences: tuple[str, ...], variables: tuple[str, ...]
) -> Facts:
    """Return what is known of the world. Raises ``click.UsageError``."""
    if audiences and len(providers) != 1:
        raise click.UsageError("--audience goes with one --provider-url; list several in the file")
    return Facts(tuple(Provider(url, audiences) for url in providers), frozenset(variables))


def _codes(given: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for word in (part.strip() for each in given for part in each.split(",") if part.strip()):
        hits = {code for code in known if code.lower().startswith(word.lower())}
        if not hits:
            near = did_you_mean(word, known)
            hint = f" Did you mean `{near}`?" if near else " `valetkey lint --rules` lists all."
            raise click.UsageError(f"there is no rule `{word}`.{hint}")
        found |= hits
    return frozenset(found)
