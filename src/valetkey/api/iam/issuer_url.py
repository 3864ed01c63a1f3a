"""Which issuers' URLs may be registered."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from valetkey.api.iam.failures import invalid_input, validation_error

_UNWANTED = frozenset(' "<>\\^`{|}*$?#')
"""What no issuer's URL has, or what would mean something else in an ARN of a policy."""

_NAMESPACES = frozenset({"aws", "iam", "s3", "saml", "secretsmanager", "sts", "valetkey"})
"""Hosts whose claims would be condition keys of AWS's or ours: `aws:SourceIp`, `sts:ExternalId`."""


def checked_url(url: str) -> str:
    """Return an issuer's URL that may be registered, unchanged.

    Unlike on AWS, a port is fine, and so is ``http`` on loopback. Raises ``InvalidInput``, and
    ``ValidationError`` for what is no URL.
    """
    parts = _split(url)
    if not parts.scheme or not parts.hostname:
        raise validation_error("Invalid Open ID Connect Provider URL")
    if not url.startswith("https://") and not (
        url.startswith("http://") and _is_loopback(parts.hostname)
    ):
        raise invalid_input(
            "Invalid Open ID Connect Provider URL. The URL must begin with https://."
        )
    if parts.username is not None or not _is_plain(url) or parts.netloc.endswith(":"):
        raise _invalid()
    if (parts.netloc + parts.path).lower() in _NAMESPACES or ":" in parts.path:
        # A claim's condition key is `HOST[:PORT][/PATH]:claim`: no issuer may speak in the name
        # of the server itself, nor `/a` as `/a:b`.
        raise _invalid()
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _invalid() from error
    if port == 0:
        raise _invalid()
    return parts


def _invalid() -> Exception:
    return invalid_input("Invalid Open ID Connect Provider URL.")


def _is_plain(url: str) -> bool:
    # urlsplit passes over tabs and line breaks, so what it was given is looked at, too.
    return url.isascii() and url.isprintable() and not _UNWANTED & set(url)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
