"""What the types can't say: addresses, origins and networks, and settings that need each other."""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from valetkey.settings.model import Settings

_PORT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_REGION: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_ISSUER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(/[!-~]*)?", re.ASCII)
_LAST_PORT: Final = 65535


def complaint(name: str, value: object) -> tuple[str, str] | None:
    """Return what is wrong with a setting's value and which part of it, or None."""
    if isinstance(value, Mapping):
        return next(_claims(value), None)
    check = _CHECKS.get(name)
    if check is None or value is None:
        return None
    for item in value if isinstance(value, tuple) else (value,):
        objection = check(str(item))
        if objection:
            return objection, str(item)
    return None


def _claims(table: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    for issuer, claims in table.items():
        if not _ISSUER.fullmatch(issuer):
            yield "wants issuers like `gitlab.example`, as condition keys spell them", issuer
        if not claims:
            yield f"wants a claim for `{issuer}`", "[]"
        for claim in claims:
            if not claim or claim.strip() != claim:
                yield "wants claims like `project_id`, or keys like `sts:RoleSessionName`", claim


def relations(read: Mapping[str, object]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield what is wrong between settings: their names, the message and the help."""
    given = Settings(**read)  # type: ignore[arg-type]  # checked one by one before
    if (given.tls_cert is None) != (given.tls_key is None):
        there, missing = ("tls_cert", "tls_key") if given.tls_cert else ("tls_key", "tls_cert")
        yield (
            (there,),
            f"setting `{there}` is given and `{missing}` is not",
            f"give `{missing}` too; TLS needs both",
        )
    if given.jwks_fresh_seconds > given.jwks_stale_seconds:
        yield (
            ("jwks_fresh_seconds", "jwks_stale_seconds"),
            (
                f"setting `jwks_fresh_seconds` wants at most `{given.jwks_stale_seconds}`,"
                f" got `{given.jwks_fresh_seconds}`"
            ),
            "keys that are fresh can't be too old to keep: raise `jwks_stale_seconds`",
        )


def _listen(text: str) -> str | None:
    host, colon, port = text.rpartition(":")
    if not colon or not _PORT.fullmatch(port) or int(port) > _LAST_PORT:
        return "wants an address and a port like `127.0.0.1:8080`"
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in host and bare == host:
        return "wants an IPv6 address in brackets like `[::1]:8080`"
    return (
        None if _is_address(bare) or _HOST.fullmatch(bare) else "wants an address before the port"
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def origin(text: str) -> str | None:
    """Return what is wrong with a text as an origin, or None."""
    wants = (
        "wants origins like `https://gitlab.internal:8443`, with no path and no slash at the end"
    )
    try:
        parts = urlsplit(text)
        rebuilt = f"{parts.scheme}://{parts.netloc}"
        valid = parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return wants
    plain = text.isascii() and text.isprintable() and not set(text) & set(" *\\")
    right = valid and rebuilt == text and parts.scheme in {"https", "http"}
    return None if right and plain else wants


def _network(text: str) -> str | None:
    try:
        ip_network(text)
    except ValueError:
        return "wants addresses or networks like `10.0.0.0/8`"
    return None


def region(text: str) -> str | None:
    """Return what is wrong with a text as a region, or None."""
    return None if _REGION.fullmatch(text) else "wants a region like `us-east-1`"


def _domain(text: str) -> str | None:
    fits = _HOST.fullmatch(text) and text == text.lower() and ".." not in text
    return None if fits else "wants domains like `s3.example`, with no port and no wildcard"


def _file(text: str) -> str | None:
    return None if text and "\0" not in text else "wants the path of a file"


_CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "listen": _listen,
    "allowed_private_origins": origin,
    "trusted_proxies": _network,
    "authorize_from": _network,
    "s3_domains": _domain,
    "region": region,
    "tls_cert": _file,
    "tls_key": _file,
}
