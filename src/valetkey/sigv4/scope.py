"""What both kinds of signature share: credential scope, time of signing, list of headers."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from valetkey.sigv4.refusals import MalformedSignature, SignatureCheck, SignatureRefused
from valetkey.sigv4.request import ECDSA, TERMINATOR

_SCOPE_FIELDS = 5
_REGION = re.compile(r"[A-Za-z0-9*-]{1,64}", re.ASCII)
_MAX_REGIONS = 64
_MAX_SHOWN = 256
_WORD = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_DAY = re.compile(r"[0-9]{8}", re.ASCII)
_BASIC = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z", re.ASCII)
_HTTP_DATE = re.compile(
    r"[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) "
    r"(?:GMT|[+-]0000)",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)


class Scope(NamedTuple):
    """The parts of a credential: who, and for which day, region and service.

    The region is empty for SigV4A.
    """

    access_key_id: str
    date: str
    region: str
    service: str


class SigningTime(NamedTuple):
    """When a request was signed: as it goes into the string to sign, and in seconds."""

    text: str
    seconds: float


def read_scope(credential: str, algorithm: str) -> Scope:
    """Split ``KEYID/20250102/region/service/aws4_request``; SigV4A leaves the region out."""
    fields = credential.split("/")
    wanted = _SCOPE_FIELDS - 1 if algorithm == ECDSA else _SCOPE_FIELDS
    form = "keyid/date/service/term" if algorithm == ECDSA else "keyid/date/region/service/term"
    if len(fields) != wanted:
        raise MalformedSignature(
            f"Credential must have exactly {wanted} slash-delimited elements, "
            f"e.g. {form}, got '{credential}'",
            reason=f"the credential has {len(fields)} elements, not {wanted}",
        )
    key_id, date, *regions, service, terminator = fields
    if not (all(map(_WORD.fullmatch, (key_id, *regions, service))) and _DAY.fullmatch(date)):
        raise MalformedSignature(
            f"Credential must be {form}, got '{credential}'",
            reason=f"the credential `{credential}` has an element that is badly formed",
        )
    if terminator != TERMINATOR:
        raise SignatureRefused(
            SignatureCheck.TERMINATOR,
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', "
            f"not '{terminator}'. ",
            reason=f"the credential ends with `{terminator}`, wanted `{TERMINATOR}`",
        )
    return Scope(key_id, date, "".join(regions), service)


def read_region_set(text: str) -> tuple[str, ...]:
    """Split ``us-east-1,eu-*``: the regions that a signature of SigV4A is good for."""
    regions = tuple(region.strip() for region in text.split(","))
    if len(regions) > _MAX_REGIONS or not all(map(_REGION.fullmatch, regions)):
        raise MalformedSignature(
            "'X-Amz-Region-Set' must hold region names, separated by commas.",
            reason=f"the region set `{text[:_MAX_SHOWN]}` is badly formed",
        )
    return regions


def read_amz_date(text: str) -> SigningTime:
    """Read ``20250102T030405Z``, the only form of ``X-Amz-Date``."""
    found = _BASIC.fullmatch(text)
    if found is None:
        raise _bad_date(text)
    return _signing_time(text, tuple(map(int, found.groups())))


def read_date(text: str) -> SigningTime:
    """Read a ``Date`` header: ISO 8601 basic, or HTTP's own form as botocore writes it."""
    found = _HTTP_DATE.fullmatch(text)
    if found is None:
        return read_amz_date(text)
    day, month, year, *time = found.groups()
    if month not in _MONTHS:
        raise _bad_date(text)
    number = _MONTHS.index(month) + 1
    return _signing_time(text, (int(year), number, int(day), *map(int, time)))


def read_signed_headers(text: str) -> tuple[str, ...]:
    """Split ``host;x-amz-date``; names must be in lower case, sorted and each there once."""
    names = tuple(text.split(";"))
    if not all(map(_HEADER_NAME.fullmatch, names)) or list(names) != sorted(set(names)):
        raise MalformedSignature(
            "'SignedHeaders' must hold lower-case header names, sorted and without duplicates.",
            reason=f"signed headers `{text}` are not canonical",
        )
    return names


def _signing_time(text: str, fields: tuple[int, ...]) -> SigningTime:
    year, month, day, hour, minute, second = fields
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise _bad_date(text) from None
    basic = f"{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"
    return SigningTime(basic, moment.timestamp())


def _bad_date(text: str) -> MalformedSignature:
    return MalformedSignature(
        f"Date must be in ISO-8601 'basic format'. Got '{text}'. "
        "See http://en.wikipedia.org/wiki/ISO_8601",
        reason=f"`{text}` is not a time such as `20250102T030405Z`",
    )
