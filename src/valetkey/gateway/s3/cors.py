"""A bucket's CORS rules, and what they answer to a browser (User Guide, *Using CORS*).

The first rule that fits decides, as on S3: a rule has the origin, the method and, in a preflight,
every header that the browser is about to send.
"""

import re
from typing import Final, NamedTuple

from valetkey.gateway.model import Answer, Head, Headers
from valetkey.gateway.s3.errors import S3Error
from valetkey.gateway.s3.xml import Element, UnreadableXml, read_xml

_MAX_BYTES: Final = 64 * 1024
_MOST_RULES: Final = 100
_METHODS: Final = frozenset({"GET", "PUT", "POST", "DELETE", "HEAD"})
_VARY: Final = b"Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_MAX_AGE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


class CorsRule(NamedTuple):
    """A rule; origins and headers may hold one ``*``."""

    origins: tuple[str, ...]
    methods: frozenset[str]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age: int | None = None


def read_cors(body: bytes) -> tuple[CorsRule, ...]:
    """Read a ``CORSConfiguration`` of the upstream; raises S3Error, ``InternalError``."""
    try:
        root = read_xml(body, "CORSConfiguration", limit=_MAX_BYTES)
        return tuple(map(_rule, root.all("CORSRule")[:_MOST_RULES]))
    except UnreadableXml as flaw:
        reason = f"the bucket's CORS configuration can't be read: {flaw.message}"
        raise S3Error("InternalError", reason=reason) from None


def preflight(head: Head, rules: tuple[CorsRule, ...] | None) -> Answer:
    """Return the answer to a preflight; raises S3Error where no rule lets the request through.

    ``rules`` is None where the bucket has no CORS configuration.
    """
    origin, method = head.header(b"origin"), head.header(b"access-control-request-method")
    if not origin:
        raise S3Error("BadRequest", "Insufficient information. Origin request header needed.")
    if method not in _METHODS:
        raise S3Error("BadRequest", f"Invalid Access-Control-Request-Method: {method}")
    if rules is None:
        raise _refused("CORSResponse: CORS is not enabled for this bucket.", method)
    wanted = _requested_headers(head)
    for rule in rules:
        allowed = _allows(rule, origin, method)
        if allowed is not None and all(_names(rule.headers, name) for name in wanted):
            return Answer(200, _preflight_headers(rule, allowed, wanted))
    raise _refused(
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of "
        "Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers "
        "are not whitelisted by the resource's CORS spec.",
        method,
    )


def cors_headers(head: Head, rules: tuple[CorsRule, ...] | None) -> Headers:
    """Return what an answer to a cross-origin request has besides; nothing where no rule fits."""
    origin = head.header(b"origin")
    if not origin or not rules:
        return ()
    for rule in rules:
        allowed = _allows(rule, origin, head.method)
        if allowed is not None:
            return _answer_headers(rule, allowed)
    return ()


def _answer_headers(rule: CorsRule, allowed: str) -> Headers:
    headers = [
        (b"access-control-allow-origin", _line(allowed)),
        (b"access-control-allow-methods", _line(", ".join(sorted(rule.methods)))),
    ]
    if rule.exposed:
        headers.append((b"access-control-expose-headers", _line(", ".join(rule.exposed))))
    if rule.max_age is not None:
        headers.append((b"access-control-max-age", str(rule.max_age).encode()))
    if allowed != "*":
        headers.append((b"access-control-allow-credentials", b"true"))
    return (*headers, (b"vary", _VARY))


def _preflight_headers(rule: CorsRule, allowed: str, wanted: tuple[str, ...]) -> Headers:
    headers = _answer_headers(rule, allowed)
    if not wanted:
        return headers
    return (*headers, (b"access-control-allow-headers", _line(", ".join(wanted))))


def _allows(rule: CorsRule, origin: str, method: str) -> str | None:
    """Return the origin that a rule allows a method to: the client's, or ``*``; None for none."""
    if method not in rule.methods:
        return None
    if "*" in rule.origins:
        return "*"
    return origin if _names(rule.origins, origin, fold=False) else None


def _names(patterns: tuple[str, ...], text: str, *, fold: bool = True) -> bool:
    if fold:
        return any(_fits(pattern.lower(), text.lower()) for pattern in patterns)
    return any(_fits(pattern, text) for pattern in patterns)


def _fits(pattern: str, text: str) -> bool:
    """Compare with a pattern that may hold one ``*``; S3 has no other wildcard here."""
    first, star, last = pattern.partition("*")
    if not star:
        return pattern == text
    long_enough = len(text) >= len(first) + len(last)
    return long_enough and text.startswith(first) and text.endswith(last)


def _requested_headers(head: Head) -> tuple[str, ...]:
    text = head.header(b"access-control-request-headers") or ""
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if not all(map(_TOKEN.fullmatch, names)):
        raise S3Error("BadRequest", "Invalid Access-Control-Request-Headers")
    return names


def _rule(found: Element) -> CorsRule:
    age = (found.value("MaxAgeSeconds") or "").strip()
    return CorsRule(
        _texts(found, "AllowedOrigin"),
        frozenset(_texts(found, "AllowedMethod")) & _METHODS,
        _texts(found, "AllowedHeader"),
        tuple(filter(_TOKEN.fullmatch, _texts(found, "ExposeHeader"))),
        int(age) if _MAX_AGE.fullmatch(age) else None,
    )


def _texts(found: Element, name: str) -> tuple[str, ...]:
    return tuple(child.text.strip() for child in found.all(name) if child.text.strip())


def _line(text: str) -> bytes:
    return text.encode("latin-1", "replace").replace(b"\r", b"").replace(b"\n", b"")


def _refused(message: str, method: str) -> S3Error:
    details = (("Method", method), ("ResourceType", "BUCKET"))
    return S3Error("AccessForbidden", message, details=details, refusal=True)
