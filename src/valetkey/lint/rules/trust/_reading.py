"""A trust policy as its rules read it: which providers, which claims, what is demanded of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from valetkey.lint.conditions import fails_when_absent
from valetkey.lint.issuers import Issuer, issuer_of
from valetkey.lint.model import PolicySubject
from valetkey.lint.rules.trust._providers import Named, bare, by_key, providers_of, split_key
from valetkey.policy import (
    ConditionEntry,
    Family,
    PolicyDocument,
    PolicyType,
    Statement,
    Value,
    glob,
)

TRUST: Final = frozenset({PolicyType.TRUST})
WEB_IDENTITY: Final = "sts:AssumeRoleWithWebIdentity"
ASSUME_ROLE: Final = "sts:AssumeRole"

_TEXTS: Final = frozenset({Family.STRING, Family.FOLDED_STRING, Family.LIKE})


class Test(NamedTuple):
    """A condition on a claim: the entry, and its key taken apart."""

    entry: ConditionEntry
    issuer: Issuer
    claim: str

    @property
    def host(self) -> str:
        """Return the issuer as the key spells it."""
        return self.issuer.host

    @property
    def compares_texts(self) -> bool:
        """Tell whether the operator is one of strings."""
        return self.entry.operator.base.family in _TEXTS

    @property
    def is_pattern(self) -> bool:
        """Tell whether ``*`` and ``?`` are wildcards in its values."""
        return self.entry.operator.takes_wildcards


@dataclass(frozen=True, slots=True)
class Reading:
    """A statement with its providers and its conditions on claims.

    ``own`` and ``bare`` are the providers by their URLs, as they are and without what people
    forget or add. ``foreign`` are the first hosts of condition keys that are none of these.
    """

    document: PolicyDocument
    statement: Statement
    providers: tuple[Named, ...]
    own: Mapping[str, Named]
    bare: Mapping[str, Named]
    tests: tuple[Test, ...]
    foreign: tuple[str, ...]

    def of(self, *claims: str) -> Iterator[Test]:
        """Yield the conditions on some claims."""
        return (test for test in self.tests if test.claim in claims)

    def demands(self, claim: str, value: str | None = None) -> bool:
        """Tell whether the statement admits only tokens with a claim, or with one value of it."""
        return any(
            demands(test.entry)
            and (value is None or [each.text for each in test.entry.values] == [value])
            for test in self.of(claim)
        )

    def values(self, test: Test) -> Iterator[Value]:
        """Yield the values that stand for themselves; what a variable becomes is not known."""
        return plain_values(self.document, test.entry)


def readings(subject: PolicySubject) -> Iterator[Reading]:
    """Yield every statement."""
    document = subject.document
    subjects = _subjects(document)
    issuers: dict[str, Issuer] = {}
    for statement in document.statements:
        providers = providers_of(statement)
        own = by_key(providers)
        tests = []
        for entry in statement.conditions:
            host, claim = split_key(entry.key, own)
            # A key that can't be printed is no token's; messages need not show it.
            if not host or not entry.key.isprintable():
                continue
            if host not in issuers:
                issuers[host] = issuer_of(host, subjects.get(host.lower(), ()))
            tests.append(Test(entry, issuers[host], claim.lower()))
        by_bare = {bare(named.key): named for named in providers}
        hosts = dict.fromkeys(bare(test.host) for test in tests)
        foreign = tuple(islice((host for host in hosts if host not in by_bare), _FOREIGN))
        yield Reading(document, statement, providers, own, by_bare, tuple(tests), foreign)


def web_allows(subject: PolicySubject) -> Iterator[Reading]:
    """Yield the statements that allow a web identity to take the role."""
    return (
        reading
        for reading in readings(subject)
        if not reading.statement.denies
        and reading.providers
        and names_action(reading.statement, WEB_IDENTITY)
    )


def names_action(statement: Statement, action: str) -> bool:
    """Tell whether an action is one of the statement's."""
    element = statement.action
    if element is None:
        return False
    found = any(glob(value.text.lower()).matches(action.lower()) for value in element.values)
    return found is not element.negated


def demands(entry: ConditionEntry) -> bool:
    """Tell whether a condition can only hold where the key is there and has a value of its own.

    What only asks whether the key is there, or says which values it must not have, does not.
    """
    base = entry.operator.base
    compares = base.family is not Family.PRESENCE and not base.negated
    return compares and fails_when_absent(entry)


def plain_values(document: PolicyDocument, entry: ConditionEntry) -> Iterator[Value]:
    """Yield the values without policy variables."""
    variables = document.has_variables and entry.operator.takes_variables
    return (value for value in entry.values if not (variables and "${" in value.text))


def may_rename(statement: Statement, written: str) -> bool:
    """Tell whether an operator may lose its suffixes without meeting another one of the name."""
    bare = _bare(written)
    others = {entry.operator.written for entry in statement.conditions} - {written}
    return all(_bare(other) != bare for other in others)


def _bare(written: str) -> str:
    return written.removesuffix("IfExists").removesuffix("IgnoreCase")


def _subjects(document: PolicyDocument) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for statement in document.statements:
        own = by_key(providers_of(statement))
        for entry in statement.conditions:
            host, claim = split_key(entry.key, own)
            if host and claim.lower() == "sub":
                known = found.setdefault(host.lower(), [])
                known.extend(value.text for value in entry.values[: _ENOUGH - len(known)])
    return found


_FOREIGN: Final = 20
"""Hosts of a statement that are held against the providers' for a slip of the pen."""
_ENOUGH: Final = 20
"""Subjects of one issuer that are looked at to guess the platform."""
