from ipaddress import ip_address

import pytest

from valetkey.outbound import DestinationRefused, MalformedUrl
from valetkey.outbound.destination import parse_destination
from valetkey.outbound.guard import Guard

PUBLIC = "93.184.215.14"
CASES = (
    # what, url, addresses, allowed origins, loopback allowed, named by, goes
    ("public", "https://h", [PUBLIC], (), False, None, True),
    ("public, other port", "https://h:8443", [PUBLIC], (), False, None, True),
    ("private", "https://h", ["10.0.0.1"], (), False, None, False),
    ("one of two private", "https://h", [PUBLIC, "10.0.0.1"], (), False, None, False),
    ("private, allowed", "https://h", ["10.0.0.1"], ("https://h",), False, None, True),
    ("allowed in another spelling", "https://h", ["10.0.0.1"], ("HTTPS://H:443/",), False, None,
     True),
    ("other port than allowed", "https://h:8443", ["10.0.0.1"], ("https://h",), False, None,
     False),
    ("other host than allowed", "https://x.h", ["10.0.0.1"], ("https://h",), False, None, False),
    ("http to a public host", "http://h", [PUBLIC], (), False, None, False),
    ("http to a private host, allowed", "http://h", ["10.0.0.1"], ("http://h",), True, None,
     False),
    ("http to localhost, not allowed", "http://localhost:1", ["127.0.0.1"], (), False, None,
     False),
    ("http to localhost", "http://localhost:1", ["127.0.0.1", "::1"], (), True, None, True),
    ("http to localhost by origin", "http://localhost:1", ["127.0.0.1"], ("http://localhost:1",),
     False, None, True),
    ("http to a localhost elsewhere", "http://localhost:1", [PUBLIC], ("http://localhost:1",),
     True, None, False),
    ("http to a name of loopback", "http://h", ["127.0.0.1"], ("http://h",), True, None, False),
    ("https to localhost", "https://localhost:1", ["127.0.0.1"], (), True, None, True),
    ("https to localhost elsewhere", "https://localhost:1", ["10.0.0.1"], (), True, None, False),
    ("https to a name of loopback", "https://h", ["127.0.0.1"], (), True, None, False),
    ("public names loopback", "https://127.0.0.1", ["127.0.0.1"], (), True, "https://h", False),
    ("public names http loopback", "http://127.0.0.1", ["127.0.0.1"], (), True, "https://h",
     False),
    ("loopback names loopback", "http://127.0.0.1", ["127.0.0.1"], (), True, "http://127.0.0.1:2",
     True),
    ("https names http", "http://localhost", ["127.0.0.1"], ("http://localhost",), True,
     "https://localhost", False),
    ("public names a private origin, allowed", "https://h", ["10.0.0.1"], ("https://h",), False,
     "https://p", True),
    ("public names another public host", "https://keys", [PUBLIC], (), False, "https://h", True),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_what_may_be_dialled(case):
    _, url, addresses, allowed, loopback, named_by, goes = case
    guard = Guard.of(allowed, allow_loopback=loopback)
    destination = parse_destination(url)
    named = parse_destination(named_by) if named_by else None

    def check():
        guard.check_scheme(destination, named)
        guard.check_addresses(destination, [ip_address(one) for one in addresses], named)

    if goes:
        check()
    else:
        with pytest.raises(DestinationRefused):
            check()


def test_the_refusal_says_which_address_and_what_to_do():
    guard = Guard.of((), allow_loopback=False)
    with pytest.raises(DestinationRefused) as refused:
        guard.check_addresses(
            parse_destination("https://gitlab.corp:8443/x"), [ip_address("10.1.2.3")], None
        )
    assert refused.value.message == "`gitlab.corp` resolves to `10.1.2.3`, which is private"
    assert refused.value.help == (
        'add `"https://gitlab.corp:8443"` to the setting `allowed_private_origins`'
    )


def test_loopback_has_a_setting_of_its_own():
    guard = Guard.of((), allow_loopback=False)
    with pytest.raises(DestinationRefused) as refused:
        guard.check_addresses(
            parse_destination("http://127.0.0.1:81"), [ip_address("127.0.0.1")], None
        )
    assert refused.value.message == "address `127.0.0.1` is loopback"
    assert refused.value.help == (
        'add `"http://127.0.0.1:81"` to the setting `allowed_private_origins`,'
        " or set `allow_loopback_issuers`"
    )


def test_a_setting_that_is_no_origin_is_refused():
    with pytest.raises(MalformedUrl):
        Guard.of(("https://gitlab.corp/*",), allow_loopback=False)
