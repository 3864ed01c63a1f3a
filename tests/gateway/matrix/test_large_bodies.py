"""Bodies longer than what is held back: the upstream may see a beginning, never a whole request.

The rows of the matrix that are about a body, once more with one of 200 KiB; and forms whose file is
stored in parts, which are taken back.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.matrix.forms import LONGEST, FormCell, build_form, form
from gateway.matrix.plans import OBJECT, Auth, Cell, Mode, Plan, base_refusal, build, plan
from gateway.matrix.serving import Bench, open_bench
from gateway.matrix.spoils import ANY, SPOILS

LARGE = OBJECT * 20
SIZES = [65_536, 65_536, 65_536, len(LARGE) - 196_608]
ABOUT_A_BODY = ("body", "length", "chunks", "trailers")
CELLS = [
    cell
    for operation, auth in (
        ("PutObject", Auth.HEADER),
        ("UploadPart", Auth.HEADER),
        ("PutObject", Auth.HEADER_4A),
        ("PutObject", Auth.QUERY),
        ("PutObject", Auth.NEITHER),
    )
    for mode in Mode
    if base_refusal(cell := Cell(operation, auth, mode)) is None
]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(tmp_path) as opened:
        yield opened


def large(bench: Bench, cell: Cell) -> Plan:
    return plan(cell, bench.key, LARGE, SIZES)


async def no_connections(bench: Bench) -> bool:
    """Tell whether each connection that was broken off is gone; one may lie idle."""
    upstreams = bench.edge.wiring.gateway.parts.upstreams
    for _ in range(100):
        if upstreams.open_connections() <= 1:
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: " ".join(map(str, cell)))
async def test_a_large_body_that_is_wrong_never_comes_to_its_end(bench: Bench, cell: Cell):
    said = await bench.ask(build(large(bench, cell)))
    (right,) = bench.upstream.seen
    assert (said.status, right.whole, bytes(right.body)) == (200, True, LARGE)

    failed, begun = [], 0
    for spoil in SPOILS:
        if spoil.group not in ABOUT_A_BODY or not spoil.where(cell):
            continue
        bench.upstream.seen.clear()
        made = large(bench, cell)
        spoil.prepare(made)
        spoil.spoil(made)
        said = await bench.ask(build(made), cut=made.cut)
        wanted = spoil.says(cell)
        if said.short not in wanted and not (ANY in wanted and 400 <= said.status < 500):
            failed.append((spoil.name, said.short, wanted))
        begun += len(bench.upstream.seen)
        await asyncio.sleep(0)
        failed += [(spoil.name, one) for one in bench.upstream.whole]
    assert failed == []
    bench.upstream.seen.clear()
    assert [one for one in await bench.settled() if one.whole] == []
    assert begun > 0, "not one of them was found to be wrong behind its beginning"
    assert await no_connections(bench)


FILE = b"f" * (17 * 1024 * 1024)
"""Three parts: the first two go on before the last has come."""

WRONG_FORMS = {
    "truncated": ("400 MalformedPOSTRequest", {"edit": lambda body: body[:-40]}),
    "of another MD5": (
        "400 BadDigest",
        {"headers": [("content-md5", base64.b64encode(b"0" * 16).decode())]},
    ),
    "too long": ("400 EntityTooLarge", {"conditions": [["content-length-range", 1, LONGEST]]}),
    "cut": ("0", {}),
}


@pytest.mark.parametrize("wrong", [None, *WRONG_FORMS])
async def test_a_large_file_of_a_wrong_form_is_taken_back(bench: Bench, wrong: str | None):
    made = form(FormCell(Auth.NEITHER, fields=True, mode=Mode.ABSENT), bench.key)
    made.file = FILE
    made.conditions = [one for one in made.conditions if "content-length-range" not in one]
    if wrong is not None:
        for name, value in WRONG_FORMS[wrong][1].items():
            setattr(made, name, [*made.conditions, *value] if name == "conditions" else value)
    said = await bench.ask(build_form(made), cut=wrong == "cut", piece=256 * 1024)
    lines = [(one.method, one.target.partition(b"?")[2]) for one in await bench.settled()]
    if wrong is None:
        assert said.short == "204"
        parts = [one for one in bench.upstream.seen if one.method == b"PUT"]
        assert b"".join(bytes(one.body) for one in parts) == FILE
        assert lines[-1] == (b"POST", b"uploadId=ours")
        return
    assert said.short == WRONG_FORMS[wrong][0]
    assert (b"POST", b"uploadId=ours") not in lines
    if lines:
        assert lines[0] == (b"POST", b"uploads")
        assert lines[-1] == (b"DELETE", b"uploadId=ours")
    assert bool(lines) is (wrong != "too long")
