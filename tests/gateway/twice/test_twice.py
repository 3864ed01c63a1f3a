"""A table of operations, run straight at the store and through the gateway: the same answers.

What differs is listed with its reason in ``differences.json``; a difference that is not listed
fails, and so does a listed one that is none any longer.
"""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from gateway.twice.cases import CASES
from gateway.twice.steps import Seen, run
from support.differences_table import PAGE, page
from support.gateway_running import ALL, GatewayRunning, gateway

__all__ = ["gateway"]

FOLDER = Path(__file__).parent
DIFFERENCES = json.loads((FOLDER / "differences.json").read_text())["differences"]
SHARED = "twice"


def differing(straight: Seen, through: Seen) -> list[str]:
    """Return the parts in which two answers differ, the headers by name."""
    parts = [
        name
        for name in ("status", "code", "answer")
        if getattr(straight, name) != getattr(through, name)
    ]
    names = straight.headers.keys() | through.headers.keys()
    return parts + sorted(n for n in names if straight.headers.get(n) != through.headers.get(n))


def buckets_of(gateway: GatewayRunning, case: str) -> tuple[str, str]:
    """Return a bucket of each side, whose names are of one length."""
    name = case if case.startswith("bucket") else SHARED
    pair = (f"twice-straight-{name}", f"twice-throughs-{name}")
    for client, bucket in zip((gateway.direct(), gateway.client(ALL)), pair, strict=True):
        if bucket not in {one["Name"] for one in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=bucket)
    return pair


@pytest.mark.parametrize("case", CASES)
def test_the_same_answers(gateway: GatewayRunning, case: str):
    straight_bucket, through_bucket = buckets_of(gateway, case)
    straight = run(gateway.direct(), straight_bucket, CASES[case])
    through = run(gateway.client(ALL), through_bucket, CASES[case])
    found = {
        f"{case} {number} {step.operation}": parts
        for number, (step, one, other) in enumerate(
            zip(CASES[case], straight, through, strict=True)
        )
        if (parts := differing(one, other))
    }
    listed = {
        one["step"]: one["differs"] for one in DIFFERENCES if one["step"].split(" ")[0] == case
    }
    shown = {
        name: (asdict(straight[int(name.split(" ")[1])]), asdict(through[int(name.split(" ")[1])]))
        for name in found
        if found[name] != listed.get(name)
    }
    assert found == listed, shown


def test_there_are_operations_enough():
    steps = [step for case in CASES.values() for step in case]
    assert len(steps) >= 150
    assert len({step.operation for step in steps}) >= 50


def test_every_difference_has_a_reason():
    assert all(one["reason"].strip() for one in DIFFERENCES)
    known = {
        f"{case} {number} {step.operation}"
        for case, steps in CASES.items()
        for number, step in enumerate(steps)
    }
    assert {one["step"] for one in DIFFERENCES} <= known


def test_the_page_says_what_is_listed():
    written = PAGE.read_text()
    assert written == page(written)
    steps = [step for case in CASES.values() for step in case]
    operations = {step.operation for step in steps}
    counted = f"{len(steps)} steps in {len(CASES)} cases ({len(operations)} operations of S3)"
    assert counted in written
