import socket
from ipaddress import ip_address

import pytest

from valetkey.outbound.destination import parse_destination
from valetkey.outbound.exchange import Checked

CHECKED = Checked(
    parse_destination("https://h.example"),
    [ip_address("93.184.215.14"), ip_address("2001:4860:4860::8888")],
)


async def test_the_answer_is_what_was_checked():
    found = await CHECKED.resolve("h.example", 443)
    assert [(one["host"], one["family"]) for one in found] == [
        ("93.184.215.14", socket.AF_INET),
        ("2001:4860:4860::8888", socket.AF_INET6),
    ]


@pytest.mark.parametrize(("host", "port"), [("other.example", 443), ("h.example", 8443)])
async def test_nothing_else_has_an_answer(host, port):
    with pytest.raises(OSError, match="was not checked"):
        await CHECKED.resolve(host, port)


def test_no_socket_for_an_address_that_was_not_checked():
    def info(address):
        return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))

    CHECKED.open(info("93.184.215.14")).close()
    with pytest.raises(OSError, match=r"`127\.0\.0\.1` was not checked"):
        CHECKED.open(info("127.0.0.1"))
