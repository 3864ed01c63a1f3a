"""Which codes are looked for, and what is known of the world, as the command line says it."""

from collections.abc import Iterable
from dataclasses import dataclass

import click

from valetkey.lint import Facts, Finding, Provider, Rule, all_rules
from valetkey.lint.codes import nearest
from valetkey.lint.refusals import REFUSALS


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a run: all that are known, and those that are looked for."""

    known: frozenset[str]
    ran: frozenset[str]
    rules: tuple[Rule, ...]
    dropped: frozenset[str]

    def wants(self, finding: Finding) -> bool:
        """Tell whether a finding is to be said.

        What kept the rules from looking is said whatever was selected: their silence is no answer.
        """
        code = finding.code
        return code in self.ran or (
            code not in self.dropped and (finding.stops or code not in self.known)
        )


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


def no_rule(word: str, known: Iterable[str]) -> click.UsageError:
    """Return the error for a word that is no code."""
    advice = nearest(word, known)
    sentence = f"{advice[0].upper()}{advice[1:]}"
    return click.UsageError(f"there is no rule `{word}`. {sentence}")


def _codes(given: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    found: set[str] = set()
    for word in (part.strip() for each in given for part in each.split(",") if part.strip()):
        hits = {code for code in known if code.lower().startswith(word.lower())}
        if not hits:
            raise no_rule(word, known)
        found |= hits
    return frozenset(found)
