"""Hosts in condition keys beside the providers that a statement trusts."""

from functools import lru_cache
from itertools import islice

from valetkey.diagnostics import did_you_mean
from valetkey.lint.conditions import fails_when_absent
from valetkey.lint.rules.trust._providers import Named, bare
from valetkey.lint.rules.trust._reading import Reading, Test

_NEAR = 0.9
_MOST = 20


def is_own(reading: Reading, host: str) -> bool:
    """Tell whether a host is that of a provider of the statement."""
    return host.lower() in reading.own


def respelt(reading: Reading, host: str) -> Named | None:
    """Return the provider that a host is when scheme, port and slashes at the end are ignored."""
    return None if is_own(reading, host) else reading.bare.get(bare(host))


def misspelt(reading: Reading, host: str) -> Named | None:
    """Return the provider that a host is very like."""
    if is_own(reading, host) or respelt(reading, host) is not None:
        return None
    near = _nearest(reading.foreign, tuple(islice(reading.bare, _MOST)))
    right = near.get(bare(host))
    return None if right is None else reading.bare[right]


@lru_cache(maxsize=1024)
def _nearest(hosts: tuple[str, ...], known: tuple[str, ...]) -> dict[str, str | None]:
    """Return the provider that each host is very like; looking for one is dear."""
    return {host: did_you_mean(host, known, cutoff=_NEAR) for host in hosts}


def foreign(reading: Reading) -> list[Test]:
    """Return the conditions on keys of issuers that are none of the statement's, nor near one."""
    return [
        test
        for test in reading.tests
        if not is_own(reading, test.host)
        and respelt(reading, test.host) is None
        and misspelt(reading, test.host) is None
    ]


def two_issuers(reading: Reading) -> tuple[Test, Test] | None:
    """Return two conditions that demand keys of different issuers of one token."""
    by_host: dict[str, Test] = {}
    for test in reading.tests:
        if fails_when_absent(test.entry):
            by_host.setdefault(test.host.lower(), test)
    own = [test for test in by_host.values() if is_own(reading, test.host)]
    others = [test for test in foreign(reading) if by_host.get(test.host.lower()) is test]
    return (own[0], (*own[1:], *others)[0]) if own and len(own) + len(others) > 1 else None
