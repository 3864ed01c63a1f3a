"""An address range is written with an address from its middle.

## What
A value of `IpAddress` or `NotIpAddress` has a length, and its address has bits beyond it:
`203.0.113.7/24`.

## Why
AWS cuts the bits off: the value stands for all 256 addresses of `203.0.113.0/24`. Whoever meant
the one address has admitted its neighbours.

## Example
    "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.7/24"}}

## Instead
    "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.7/32"}}

or, for the whole range, `203.0.113.0/24`.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
"""

from collections.abc import Iterator
from ipaddress import ip_interface

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.rules.document._reading import EVERY_TYPE, conditions
from valetkey.policy import Family


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ranges that begin elsewhere than they say."""
    for _statement, entry in conditions(subject):
        if entry.operator.base.family is not Family.ADDRESS:
            continue
        for value in entry.values:
            whole = _cut(value.text)
            if whole is None:
                continue
            address = value.text.partition("/")[0]
            full = 128 if ":" in address else 32
            yield RULE.finding(
                f"`{value.text}` stands for the whole range `{whole}`",
                subject.document.span(value.range),
                help=f"write `{whole}` for the range, or `{address}/{full}` for the one address",
            )


def _cut(text: str) -> str | None:
    """Return the range that a text stands for, where the text says another address."""
    if "/" not in text:
        return None
    try:
        interface = ip_interface(text)
    except ValueError:
        return None
    network = interface.network
    return None if interface.ip == network.network_address else str(network)


RULE = PolicyRule(
    code="POL019",
    name="address_range_cut",
    severity=Severity.WARNING,
    page=__doc__,
    types=EVERY_TYPE,
    check=check,
)
