"""Which addresses may be dialled without being named in the settings: globally routable ones.

Follows the IANA special-purpose address registries. ``ipaddress.is_private`` misses carrier-grade
NAT, and ``is_global`` says yes to multicast, to 6to4 and to IPv4-mapped addresses; so the table
below stands first, and ``is_global`` after it for what the registries may add.
"""

from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address

_SPECIAL = tuple(
    (ip_network(network), what)
    for network, what in (
        ("0.0.0.0/8", "the unspecified network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "the unspecified address"),
        ("::1/128", "loopback"),
        ("::/96", "an IPv4 address in disguise"),
        # These three hold an IPv4 address: what they reach is a translator's choice, not ours.
        ("::ffff:0:0/96", "an IPv4-mapped address"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a NAT64 address"),
        ("2002::/16", "a 6to4 address"),
        ("100::/64", "for discarding"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_UNICAST_V6 = ip_network("2000::/3")


def not_routable(address: Address) -> str | None:
    """Return what kind of address it is where it is not globally routable, else None."""
    for network, what in _SPECIAL:
        if address.version == network.version and address in network:
            return what
    unicast = address.version == 4 or address in _UNICAST_V6  # noqa: PLR2004 - IP version 4
    if not unicast or not address.is_global or address.is_reserved or address.is_multicast:
        return "not globally routable"
    return None
