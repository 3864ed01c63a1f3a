"""A URL taken apart, strictly, so that what is checked is what is dialled.

Two programs that read one URL differently are how guards are passed: so everything that
parsers disagree about is refused (user info, backslashes, non-ASCII, odd spellings of IPv4
addresses, a trailing dot), and the URL that is dialled is written anew from the parts.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal
from urllib.parse import urljoin

from valetkey.outbound.addresses import Address
from valetkey.outbound.errors import DestinationRefused, MalformedUrl

MAX_URL = 2048
_MAX_HOST = 253
_MAX_PORT = 65535
_PORTS = {"https": 443, "http": 80}
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:/[!$-;=@-Z_a-z~]*)?(?:\?[!$-;=?@-Z_a-z~]*)?)",
    re.IGNORECASE,
)
# A host whose last label is a number is an IPv4 address to a browser and to getaddrinfo.
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a URL leads. ``host`` is in lower case, an IPv6 address without brackets."""

    scheme: Literal["https", "http"]
    host: str
    port: int
    target: str
    literal: Address | None

    @property
    def origin(self) -> str:
        """Return scheme, host and port, the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if isinstance(self.literal, IPv6Address) else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        """Return the URL, written from the parts."""
        return self.origin + self.target

    @property
    def names_loopback(self) -> bool:
        """Return whether the host as written can only mean this machine (RFC 6761, 6.3)."""
        if self.literal is not None:
            return self.literal.is_loopback
        return self.host == "localhost" or self.host.endswith(".localhost")


def parse_destination(url: str) -> Destination:
    """Take a URL apart.

    Raises :class:`MalformedUrl`, and :class:`DestinationRefused` for a host that is an IPv4
    address in an unusual spelling.
    """
    match = _URL.fullmatch(url) if len(url) <= MAX_URL else None
    if match is None:
        raise MalformedUrl(
            f"`{url[:200]}` is not a URL that may be fetched",
            url=url[:200],
            help="write it as `https://HOST[:PORT][/PATH]` in ASCII, without user name, fragment"
            " or trailing dot",
        )
    scheme: Literal["https", "http"] = "https" if match["scheme"].lower() == "https" else "http"
    host, literal = _host(match["host"].lower(), url)
    port = int(match["port"]) if match["port"] else _PORTS[scheme]
    if not 0 < port <= _MAX_PORT:
        raise MalformedUrl(f"port `{port}` is not between 1 and {_MAX_PORT}", url=url)
    target = match["target"] or "/"
    return Destination(scheme, host, port, target if target[0] == "/" else f"/{target}", literal)


def parse_origin(text: str) -> str:
    """Return an origin in its one spelling. Raises as :func:`parse_destination` does."""
    destination = parse_destination(text)
    if destination.target != "/":
        raise MalformedUrl(
            f"`{text}` has a path, and an origin has none",
            url=text,
            help=f"write `{destination.origin}`",
        )
    return destination.origin


def follow(destination: Destination, location: str) -> str:
    """Return the URL that a ``Location`` header means, seen from ``destination``."""
    try:
        return urljoin(destination.url, location)
    except ValueError:
        raise MalformedUrl("the redirect leads to no URL", url=destination.url) from None


def _host(host: str, url: str) -> tuple[str, Address | None]:
    if host.startswith("["):
        try:
            address = IPv6Address(host[1:-1])
        except AddressValueError:
            raise MalformedUrl(f"`{host}` is not an IPv6 address", url=url) from None
        return str(address), address
    if len(host) > _MAX_HOST:
        raise MalformedUrl(f"the host name is longer than {_MAX_HOST} characters", url=url[:200])
    if _NUMBER.fullmatch(host) is None:
        return host, None
    try:
        return host, IPv4Address(host)
    except AddressValueError:
        raise DestinationRefused(
            f"host `{host}` is an IPv4 address in an unusual spelling",
            url=url,
            help="write an IPv4 address as four decimal numbers without leading zeros",
        ) from None
