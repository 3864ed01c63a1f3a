"""Bad requests, each beside its right twin: AWS's answer, and nothing of it at the upstream."""

from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

from gateway.matrix.plans import CELLS, TARGETS, Auth, Cell, base_refusal, build, plan
from gateway.matrix.serving import Bench, open_bench
from gateway.matrix.spoils import SPOILS, Spoil, nothing


def rows(operation: str, auth: Auth) -> list[tuple[Cell, Spoil]]:
    cells = [cell for cell in CELLS if cell.operation == operation and cell.auth is auth]
    return [(cell, spoil) for cell in cells for spoil in SPOILS if spoil.where(cell)]


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
    wanted = {*spoil.says(cell), base_refusal(cell)}
    if said.short in wanted or ("4xx" in wanted and 400 <= said.status < 500):
        return None
    return f"{said.short}, wanted {wanted} {said.body[:200]!r}"


@pytest.mark.parametrize("auth", Auth)
@pytest.mark.parametrize("operation", TARGETS)
async def test_all(tmp_path: Path, operation: str, auth: Auth):
    table = rows(operation, auth)
    failed = []
    async with open_bench(tmp_path) as bench:
        for cell in {cell for cell, _ in table}:
            if said := await check_twin(bench, cell, None):
                failed.append((cell.mode, "twin", said))
        for cell, spoil in table:
            if spoil.prepare is not nothing and (said := await check_twin(bench, cell, spoil)):
                failed.append((cell.mode, spoil.name, "twin", said))
            if said := await check_bad(bench, cell, spoil):
                failed.append((cell.mode, spoil.name, said))
    import json; open("/tmp/matrix.log","a").write("".join(f"{operation}|{auth}|{len(table)}|{one}\n" for one in failed or ["ok"]))
    assert failed == []
