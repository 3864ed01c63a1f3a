"""One value of a request against one value of a policy, by operator.

Each function is one family of the User Guide's *Condition operators*. A value that is not of the
operator's type can't be evaluated: AWS does not say what it does with one.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

from reference.templates import Context, pattern_of
from reference.truth import Token, Truth, every, matches

Test = Callable[[str, str, Context | None], Truth]
"""Takes the policy's value, the request's value, and the context that fills in variables."""


def string_equals(wanted: str, got: str, context: Context | None) -> Truth:
    """``StringEquals``: "Exact matching, case sensitive"."""
    return matches(pattern_of(wanted, context, wildcards=False), got)


def string_equals_ignore_case(wanted: str, got: str, context: Context | None) -> Truth:
    """``StringEqualsIgnoreCase``: "Exact matching, ignoring case"."""
    pattern = pattern_of(wanted, context, wildcards=False)
    return matches([lowered(token) for token in pattern], got.lower())


def lowered(token: Token) -> Token:
    """A character in lower case; a mark as it is."""
    return token.lower() if len(token) == 1 else token


def string_like(wanted: str, got: str, context: Context | None) -> Truth:
    """``StringLike``: "Case-sensitive matching.

    The values can include multi-character match wildcards (*) and single-character match
    wildcards (?) anywhere in the string. You must specify wildcards to achieve partial string
    matches."
    """
    return matches(pattern_of(wanted, context, wildcards=True), got)


def arn_like(wanted: str, got: str, context: Context | None) -> Truth:
    """``ArnLike``: "Case-sensitive matching of the ARN.

    Each of the six colon-delimited components of the ARN is checked separately and each can
    include multi-character match wildcards (*) or single-character match wildcards (?). The
    ArnEquals and ArnLike condition operators behave identically."
    """
    parts = got.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return None
    if wanted == "*":
        return True
    patterns = components(wanted)
    if len(patterns) < 6:
        return None
    return every(
        matches(pattern_of(pattern, context, wildcards=True), part)
        for pattern, part in zip(patterns, parts, strict=True)
    )


def components(text: str) -> list[str]:
    """Split an ARN of a policy at its first five colons, those inside of ``${...}`` not counted."""
    found, depth = [""], 0
    for place, character in enumerate(text):
        if text[place : place + 2] == "${":
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        if character == ":" and not depth and len(found) < 6:
            found.append("")
        else:
            found[-1] += character
    return found


def number(text: str) -> Fraction | None:
    """Read "an integer or decimal value" exactly: ids are longer than a float is precise."""
    if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", text):
        return Fraction(Decimal(text))
    return None


def moment(text: str) -> Fraction | None:
    """Read a date in seconds since 1970.

    "You must specify date/time values with one of the W3C implementations of the ISO 8601 date
    formats or in epoch (UNIX) time." W3C's first format is the year alone: four digits are both.
    """
    if re.fullmatch(r"[0-9]{4}", text):
        return None
    if re.fullmatch(r"-?[0-9]+", text):
        return Fraction(text)
    shape = (
        r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})"
        r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2}))?)?"
    )
    found = re.fullmatch(shape, text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        at = datetime(
            *(int(part or least) for part, least in ((year, 1), (month, 1), (day, 1))),
            *(int(part or 0) for part in (hour, minute, second)),
            tzinfo=offset(zone),
        )
    except ValueError:
        return None
    whole = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return Fraction(whole) + Fraction("0" + (fraction or ""))


def offset(zone: str | None) -> timezone:
    """Read ``Z`` or hours and minutes from it."""
    if zone in (None, "Z"):
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if minutes > 59:
        raise ValueError(zone)
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if zone[0] == "-" else away)


def compared(
    read: Callable[[str], Fraction | None], order: Callable[[Fraction, Fraction], bool]
) -> Test:
    """Build a numeric or date test: ``order`` says how the request's value stands to the policy's.

    "You can not use a policy variable with the Numeric condition operator", nor "with the Date
    condition operator": the text of one is no number and no date.
    """

    def test(wanted: str, got: str, _: Context | None) -> Truth:
        left, right = read(got), read(wanted)
        return None if left is None or right is None else order(left, right)

    return test


def boolean(wanted: str, got: str, _: Context | None) -> Truth:
    """``Bool``: "comparing a key to "true" or "false""."""
    words = ("true", "false")
    if wanted.lower() not in words or got.lower() not in words:
        return None
    return wanted.lower() == got.lower()


def binary_equals(wanted: str, got: str, _: Context | None) -> Truth:
    """``BinaryEquals``: "compares the value of the specified key byte for byte".

    "… against a base-64 encoded representation of the binary value in the policy." The request's
    value comes in base64 as well.
    """
    try:
        return base64.b64decode(wanted, validate=True) == base64.b64decode(got, validate=True)
    except (binascii.Error, ValueError):
        return None


def ip_address(wanted: str, got: str, _: Context | None) -> Truth:
    """``IpAddress``: "The specified IP address or range".

    "The value must be in the standard CIDR format (for example, 203.0.113.0/24 or
    2001:DB8:1234:5678::/64). If you specify an IP address without the associated routing prefix,
    IAM uses the default prefix value of /32." An address is what it denotes: an IPv4 address in
    IPv6's clothes is an IPv4 address.
    """
    try:
        address = ipaddress.ip_address(got)
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return None
    if getattr(address, "scope_id", None) or not re.fullmatch(r"[^/%]+(/[0-9]{1,3})?", wanted):
        return None
    inside = getattr(address, "ipv4_mapped", None) or address
    return inside.version == network.version and inside in network


TESTS: dict[str, Test] = {
    "StringEquals": string_equals,
    "StringEqualsIgnoreCase": string_equals_ignore_case,
    "StringLike": string_like,
    "NumericEquals": compared(number, lambda got, wanted: got == wanted),
    "NumericLessThan": compared(number, lambda got, wanted: got < wanted),
    "NumericLessThanEquals": compared(number, lambda got, wanted: got <= wanted),
    "NumericGreaterThan": compared(number, lambda got, wanted: got > wanted),
    "NumericGreaterThanEquals": compared(number, lambda got, wanted: got >= wanted),
    "DateEquals": compared(moment, lambda got, wanted: got == wanted),
    "DateLessThan": compared(moment, lambda got, wanted: got < wanted),
    "DateLessThanEquals": compared(moment, lambda got, wanted: got <= wanted),
    "DateGreaterThan": compared(moment, lambda got, wanted: got > wanted),
    "DateGreaterThanEquals": compared(moment, lambda got, wanted: got >= wanted),
    "Bool": boolean,
    "BinaryEquals": binary_equals,
    "IpAddress": ip_address,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
}

NEGATED: dict[str, str] = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
"""The operators of "Negated matching", and what they negate."""
