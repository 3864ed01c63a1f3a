"""Bad requests, each beside its right twin: AWS's answer, and nothing of it at the upstream.

Every operation, way to sign and way to declare the body of the matrix meets every row of the table
of what can be wrong. The right twin of each must reach the upstream with the object's own bytes,
so that no refusal is one for another reason; where a cell is wrong by itself (a presigned request
in chunks, say), what it is answered is checked, and that nothing wrong with it opens it.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from gateway.matrix.forms import (
    BUCKET,
    FORM_CELLS,
    FORM_SPOILS,
    KEY,
    FormCell,
    FormSpoil,
    build_form,
    form,
    form_refusal,
)
from gateway.matrix.plans import CELLS, TARGETS, Auth, Cell, base_refusal, build, plan
from gateway.matrix.serving import Bench, Said, open_bench
from gateway.matrix.spoils import ANY, SPOILS, Spoil, nothing

Failures = list[tuple[object, ...]]


def rows(operation: str, auth: Auth) -> list[tuple[Cell, Spoil]]:
    cells = [cell for cell in CELLS if cell.operation == operation and cell.auth is auth]
    return [(cell, spoil) for cell in cells for spoil in SPOILS if spoil.where(cell)]


def form_rows(auth: Auth) -> list[tuple[FormCell, FormSpoil]]:
    cells = [cell for cell in FORM_CELLS if cell.auth is auth]
    return [(cell, spoil) for cell in cells for spoil in FORM_SPOILS if spoil.where(cell)]


async def check_twin(bench: Bench, cell: Cell, spoil: Spoil | None) -> str | None:
    made = plan(cell, bench.key)
    if spoil is not None:
        spoil.prepare(made)
    before = len(bench.upstream.seen)
    said = await bench.ask(build(made))
    seen = bench.upstream.seen[before:]
    if base := base_refusal(cell):
        return None if said.short == base and not seen else f"{said.short}, wanted {base}"
    if said.status != 200 or len(seen) != 1 or not seen[0].whole:
        return f"{said.status} {said.body[:300]!r} {seen}"
    target = TARGETS[cell.operation]
    path = seen[0].target.partition(b"?")[0].decode()
    right = (unquote(path), bytes(seen[0].body)) == (unquote(target.path), target.body)
    return None if right else f"the upstream got {seen[0].line!r} {len(seen[0].body)}"


async def check_bad(bench: Bench, cell: Cell, spoil: Spoil) -> str | None:
    made = plan(cell, bench.key)
    spoil.prepare(made)
    spoil.spoil(made)
    before = len(bench.upstream.seen)
    said = await bench.ask(build(made), cut=made.cut)
    if len(bench.upstream.seen) != before:
        return f"{said.short}, and the upstream saw {bench.upstream.seen[before:]}"
    return misfit(bench, said, {*spoil.says(cell), base_refusal(cell)})


def misfit(bench: Bench, said: Said, wanted: set[str | None]) -> str | None:
    """Return what is wrong with an answer: another refusal, or one that tells too much."""
    if said.short not in wanted and not (ANY in wanted and 400 <= said.status < 500):
        return f"{said.short}, wanted {wanted} {said.body[:200]!r}"
    told = [one for one in (bench.key.secret, bench.key.token) if one.encode() in said.body]
    return "it repeats a secret" if told else None


@pytest.mark.parametrize("auth", Auth)
@pytest.mark.parametrize("operation", TARGETS)
async def test_bad_input(
    tmp_path: Path, record_property: Callable[[str, object], None], operation: str, auth: Auth
):
    table = rows(operation, auth)
    failed: Failures = []
    async with open_bench(tmp_path) as bench:
        twins = {cell for cell, _ in table}
        for cell in sorted(twins):
            if said := await check_twin(bench, cell, None):
                failed.append((cell.mode, "right", said))
        prepared = reached = 0
        for cell, spoil in table:
            if spoil.prepare is not nothing:
                prepared += 1
                if said := await check_twin(bench, cell, spoil):
                    failed.append((cell.mode, spoil.name, "right", said))
            before = len(bench.upstream.seen)
            if said := await check_bad(bench, cell, spoil):
                failed.append((cell.mode, spoil.name, said))
            reached += len(bench.upstream.seen) - before
        seen = len(bench.upstream.seen)
        reached += len(await bench.settled()) - seen
        record_property("matrix", [len(table), len(twins) + prepared, reached])
    assert failed == []


@pytest.mark.parametrize("auth", Auth)
async def test_bad_forms(
    tmp_path: Path, record_property: Callable[[str, object], None], auth: Auth
):
    table = form_rows(auth)
    failed: Failures = []
    async with open_bench(tmp_path) as bench:
        for cell in sorted({cell for cell, _ in table}):
            if said := await check_right_form(bench, cell, None):
                failed.append((cell, "right", said))
        reached = 0
        for cell, spoil in table:
            if spoil.prepare and (said := await check_right_form(bench, cell, spoil)):
                failed.append((cell, spoil.name, "right", said))
            before = len(bench.upstream.seen)
            if said := await check_bad_form(bench, cell, spoil):
                failed.append((cell, spoil.name, said))
            reached += len(bench.upstream.seen) - before
    record_property("matrix", [len(table), len({cell for cell, _ in table}), reached])
    assert failed == []


async def check_right_form(bench: Bench, cell: FormCell, spoil: FormSpoil | None) -> str | None:
    made = form(cell, bench.key)
    if spoil is not None and spoil.prepare is not None:
        spoil.prepare(made)
    before = len(bench.upstream.seen)
    said = await bench.ask(build_form(made))
    seen = bench.upstream.seen[before:]
    if base := form_refusal(cell):
        return None if said.short == base and not seen else f"{said.short}, wanted {base}"
    if said.status != 204 or len(seen) != 1 or not seen[0].whole:
        return f"{said.status} {said.body[:300]!r} {seen}"
    right = (seen[0].target.decode(), bytes(seen[0].body)) == (
        quote(f"/{BUCKET}/{KEY}"),
        made.file,
    )
    return None if right else f"the upstream got {seen[0].line!r} {len(seen[0].body)}"


async def check_bad_form(bench: Bench, cell: FormCell, spoil: FormSpoil) -> str | None:
    made = form(cell, bench.key)
    spoil.spoil(made)
    before = len(bench.upstream.seen)
    said = await bench.ask(build_form(made))
    if len(bench.upstream.seen) != before:
        return f"{said.short}, and the upstream saw {bench.upstream.seen[before:]}"
    return misfit(bench, said, {*spoil.says, form_refusal(cell)})
