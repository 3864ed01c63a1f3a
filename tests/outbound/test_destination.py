import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.outbound import DestinationRefused, MalformedUrl
from valetkey.outbound.destination import follow, parse_destination, parse_origin

READ = (
    # url, origin, host, port, target
    ("https://h.example", "https://h.example", "h.example", 443, "/"),
    ("HTTPS://H.Example:443/A/b", "https://h.example", "h.example", 443, "/A/b"),
    ("https://h:8443/x?y=z", "https://h:8443", "h", 8443, "/x?y=z"),
    ("https://h?y", "https://h", "h", 443, "/?y"),
    ("http://127.0.0.1:80/", "http://127.0.0.1", "127.0.0.1", 80, "/"),
    ("http://h:443", "http://h:443", "h", 443, "/"),
    ("https://[2001:DB8::0:1]:8443/", "https://[2001:db8::1]:8443", "2001:db8::1", 8443, "/"),
    (
        "https://xn--bcher-kva.example",
        "https://xn--bcher-kva.example",
        "xn--bcher-kva.example",
        443,
        "/",
    ),
    ("https://a_b.example/%2e%2e/x", "https://a_b.example", "a_b.example", 443, "/%2e%2e/x"),
)
MALFORMED = {
    "empty": "",
    "no scheme": "h.example/x",
    "another scheme": "ftp://h.example/",
    "file": "file:///etc/passwd",
    "user info": "https://good.example@evil.example/",
    "backslash": "https://good.example\\@evil.example/",
    "fragment": "https://h.example/#x",
    "space": "https://h.example/a b",
    "line break": "https://h.example/\r\nX: y",
    "trailing line break": "https://h.example/\n",
    "not ascii": "https://h\u3002example/",
    "full width": "https://\uff11\uff12\uff17.0.0.1/",
    "trailing dot": "https://h.example./",
    "empty label": "https://h..example/",
    "no host": "https:///x",
    "port zero": "https://h:0/",
    "port too large": "https://h:65536/",
    "port of six digits": "https://h:000443/",
    "port of letters": "https://h:https/",
    "scope": "https://[fe80::1%25eth0]/",
    "unclosed bracket": "https://[::1/",
    "not an address": "https://[1:2]/",
    "percent in host": "https://127%2e0.0.1/",
    "too long": "https://h/" + "a" * 2048,
    "host too long": "https://" + "a." * 130 + "b/",
}
DISGUISED = (
    "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.0.0.1", "127.0.0.01",
    "0", "00000000.0.0.0", "1.2.3.4.5", "256.0.0.1", "017700000001", "h.0x", "h.1",
)  # fmt: skip


@pytest.mark.parametrize(("url", "origin", "host", "port", "target"), READ)
def test_read(url, origin, host, port, target):
    read = parse_destination(url)
    assert (read.origin, read.host, read.port, read.target) == (origin, host, port, target)
    assert parse_destination(read.url) == read


@pytest.mark.parametrize("url", MALFORMED.values(), ids=MALFORMED)
def test_malformed(url):
    with pytest.raises(MalformedUrl):
        parse_destination(url)


@pytest.mark.parametrize("host", DISGUISED)
def test_disguised_ipv4_addresses_are_refused(host):
    with pytest.raises(DestinationRefused) as refused:
        parse_destination(f"https://{host}/")
    assert host in refused.value.message
    assert refused.value.help is not None


@given(st.text(max_size=60), st.sampled_from(["", "https://", "https://[", "http://1"]))
def test_any_text_is_read_or_refused(text, start):
    try:
        read = parse_destination(start + text)
    except (MalformedUrl, DestinationRefused):
        return
    assert read.url.isascii()
    assert parse_destination(read.url) == read


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True), ("gitlab.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True),
        ("[::1]", True), ("localhost.example", False), ("notlocalhost", False),
        ("10.0.0.1", False), ("[::ffff:127.0.0.1]", False),
    ],
)  # fmt: skip
def test_what_names_loopback(host, loopback):
    assert parse_destination(f"https://{host}/").names_loopback is loopback


def test_origins():
    assert parse_origin("HTTPS://GitLab.Corp:443/") == "https://gitlab.corp"
    with pytest.raises(MalformedUrl) as refused:
        parse_origin("https://gitlab.corp/sub")
    assert refused.value.help == "write `https://gitlab.corp`"


@pytest.mark.parametrize(
    ("location", "to"),
    [
        ("/x", "https://h:1/x"),
        ("x", "https://h:1/a/x"),
        ("//other/x", "https://other/x"),
        ("http://other/x", "http://other/x"),
    ],
)
def test_redirects_are_seen_from_where_they_stand(location, to):
    assert follow(parse_destination("https://h:1/a/b"), location) == to


def test_a_redirect_to_nowhere():
    with pytest.raises(MalformedUrl):
        follow(parse_destination("https://h/"), "https://[x/")
