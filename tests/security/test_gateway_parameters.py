"""A parameter or header of the signature, doubled or spelt otherwise, is refused before any work.

Elsewhere: two parameters that differ in their case let one be verified and the other be acted on.
The matrix has every one of them twice, in small letters and in capitals; here are the spellings
that only a decoder sees, and the parameters that say what is done.
"""

import itertools

from gateway.matrix.plans import Auth
from gateway.matrix.serving import Bench
from gateway.matrix.signing import Wire
from support.gateway_guarded import OPEN, nothing_reached, record_of, request

NAMES = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
SPELLINGS = {
    "an escaped hyphen": lambda name: name.replace("-", "%2D"),
    "an escaped letter": lambda name: "%58" + name[1:],
    "an escape in small letters": lambda name: name.replace("-", "%2d"),
    "all escaped": lambda name: "".join(f"%{ord(letter):02X}" for letter in name),
    "small letters, escaped": lambda name: "%78" + name[1:].lower(),
}


class Raw(Wire):
    """A request with something at the end of its query that is written as it is."""

    more = ""

    @property
    def target(self) -> str:
        return f"{super().target}&{self.more}"


def with_more(wire: Wire, more: str) -> Raw:
    raw = Raw(wire.method, wire.path, wire.query, wire.headers, wire.body)
    raw.more = more
    return raw


async def test_a_second_one_in_a_spelling_that_decodes_to_it(bench: Bench):
    for name, spelling in itertools.product(NAMES, SPELLINGS):
        other = SPELLINGS[spelling](f"X-Amz-{name}")
        for wire in (
            request(bench, "GET", f"/{OPEN}/key", auth=Auth.QUERY),
            request(bench, "GET", f"/{OPEN}/key", query=[("x-id", "GetObject")]),
        ):
            said = await bench.ask(with_more(wire, f"{other}=x"))
            assert said.status == 400, (name, spelling, said)
            assert record_of(bench, said).caller_arn is None
    assert nothing_reached(bench)


DONE = (
    ([("versionId", "a")], "versionId=b"),
    ([("versionId", "a")], "version%49d=b"),
    ([("uploadId", "a"), ("partNumber", "1")], "partNumber=2"),
    ([("uploadId", "a"), ("partNumber", "1")], "uploadId=b"),
    ([("x-id", "PutObject")], "acl"),
    ([("x-id", "PutObject")], "tagging&tagging"),
    ([("x-amz-acl", "private")], "X-Amz-Acl=public-read"),
)


async def test_what_says_what_is_done_stands_once(bench: Bench):
    for (query, more), auth in itertools.product(DONE, (Auth.HEADER, Auth.QUERY)):
        wire = request(bench, "PUT", f"/{OPEN}/key", auth=auth, query=query)
        said = await bench.ask(with_more(wire, more))
        # What the signature does not cover is refused by it, if not before.
        assert 400 <= said.status < 500 or said.short == "501 NotImplemented", (query, auth, said)
    assert nothing_reached(bench)


async def test_a_header_that_says_what_is_done_stands_once(bench: Bench):
    """Signed both times, as the canonical request joins them."""
    for name in (
        *("content-md5", "content-type", "range", "if-match"),
        *("x-amz-copy-source", "x-amz-acl", "x-amz-tagging"),
    ):
        for method in ("PUT", "GET"):
            wire = request(bench, method, f"/{OPEN}/key", headers=[(name, "a,b")])
            wire.set_header(name, None)
            wire.headers += [(name, "a"), (name, "b")]
            said = await bench.ask(wire)
            assert said.status == 400, (name, method, said)
    assert nothing_reached(bench)
