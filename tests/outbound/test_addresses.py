from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.outbound.addresses import not_routable

REFUSED = {
    "0.0.0.0": "the unspecified network",
    "0.1.2.3": "the unspecified network",
    "10.0.0.1": "private",
    "10.255.255.255": "private",
    "100.64.0.1": "carrier-grade NAT",
    "100.127.255.254": "carrier-grade NAT",
    "127.0.0.1": "loopback",
    "127.255.0.1": "loopback",
    "169.254.169.254": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.9": "reserved for protocols",
    "192.0.2.1": "for documentation",
    "192.88.99.1": "a 6to4 relay",
    "192.168.1.1": "private",
    "198.18.0.1": "for benchmarks",
    "198.51.100.1": "for documentation",
    "203.0.113.1": "for documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::": "the unspecified address",
    "::1": "loopback",
    "::7f00:1": "an IPv4 address in disguise",
    "::ffff:10.0.0.1": "an IPv4-mapped address",
    "::ffff:8.8.8.8": "an IPv4-mapped address",
    "64:ff9b::a00:1": "a NAT64 address",
    "64:ff9b::808:808": "a NAT64 address",
    "64:ff9b:1::1": "a NAT64 address",
    "2002:a00:1::1": "a 6to4 address",
    "2002:808:808::1": "a 6to4 address",
    "2001::1": "reserved for protocols",
    "2001:db8::1": "for documentation",
    "3fff::1": "for documentation",
    "100::1": "for discarding",
    "fc00::1": "private",
    "fd12:3456::1": "private",
    "fe80::1": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
    "ff0e::1": "multicast",
    "4000::1": "not globally routable",
    "5f00::1": "not globally routable",
    "fb00::1": "not globally routable",
}
ALLOWED = (
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "172.65.251.78",
    "192.0.1.1",
    "198.20.0.1",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700:90:0:f22e:fbec:5bed:a9b9",
    "2a00:1450::1",
)


@pytest.mark.parametrize(("text", "what"), REFUSED.items())
def test_refused(text, what):
    assert not_routable(ip_address(text)) == what


@pytest.mark.parametrize("text", ALLOWED)
def test_allowed(text):
    assert not_routable(ip_address(text)) is None


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_whatever_the_library_knows_as_special_is_refused(address: IPv4Address | IPv6Address):
    special = (
        not address.is_global
        or address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    if special:
        assert not_routable(address) is not None
