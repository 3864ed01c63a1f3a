"""With `audit = "fail-closed"` an answer waits for its record, and is none without it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from support.edge import Edge, open_edge
from support.federation import exchange, federate
from support.refusals import ISSUED, check_envelope
from support.tokens import token
from valetkey.settings import Settings
from valetkey.store import StoreError

pytestmark = pytest.mark.usefixtures("loud")


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[Edge]:
    opened = open_edge(tmp_path, settings=Settings(audit="fail-closed"))
    yield opened
    await opened.close()


class Disk:
    """Stands between the log and its file: full, slow, or as it was."""

    def __init__(self, edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
        writer = edge.wiring.log._writer
        self.write = writer._write
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.written: list[Any] = []
        monkeypatch.setattr(writer, "_write", self)

    def __call__(self, entries: Sequence[Any]) -> None:
        if self.error is not None:
            raise self.error
        self.write(entries)
        self.written.extend(entries)


async def test_an_answer_comes_after_its_record(closed: Edge, monkeypatch: pytest.MonkeyPatch):
    await federate(closed)
    disk = Disk(closed, monkeypatch)
    answer = await exchange(closed, token())
    assert answer.status == 200
    assert len(disk.written) == 1, "it is on disk when the answer is there"
    assert closed.wiring.log.find(answer.request_id) is not None


@pytest.mark.parametrize(
    "error",
    [StoreError("the disk is full"), OSError(28, "No space left"), RuntimeError("canary")],
    ids=lambda error: type(error).__name__,
)
async def test_no_credentials_without_a_record(
    closed: Edge,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
):
    await federate(closed)
    disk = Disk(closed, monkeypatch)
    disk.error = error
    answer = await exchange(closed, token())
    assert (answer.status, answer.code) == (503, "ServiceUnavailable")
    check_envelope(answer)
    assert not any(word in answer.body for word in ISSUED)
    assert answer.request_id in caplog.text, "the operator finds the request in the server's log"
    disk.error = None
    assert (await exchange(closed, token())).status == 200
    assert closed.wiring.log.find(answer.request_id) is None


async def test_neither_refusals_nor_secrets_nor_writes_are_answered_without_a_record(
    closed: Edge, monkeypatch: pytest.MonkeyPatch
):
    await federate(closed)
    given = {"Name": "s", "SecretString": "canary", "ClientRequestToken": "0" * 32}
    assert (await closed.target("CreateSecret", **given)).status == 200
    disk = Disk(closed, monkeypatch)
    disk.error = StoreError("the disk is full")
    for answer in (
        await exchange(closed, "none"),
        await closed.query("sts", "GetCallerIdentity"),
        await closed.query("iam", "CreateAccessKey"),
        await closed.target("GetSecretValue", SecretId="s"),
    ):
        assert (answer.status, answer.code) == (503, "ServiceUnavailable")
        assert b"canary" not in answer.body
        assert not any(word in answer.body for word in ISSUED)


async def test_a_log_that_was_closed_grants_nothing(closed: Edge):
    await federate(closed)
    closed.wiring.log.close()
    answer = await exchange(closed, token())
    assert (answer.status, answer.code) == (503, "ServiceUnavailable")


async def test_many_wait_for_one_write_and_none_is_left_out(
    closed: Edge, monkeypatch: pytest.MonkeyPatch
):
    await federate(closed)
    disk = Disk(closed, monkeypatch)
    same = token()
    answers = await asyncio.gather(*(exchange(closed, same) for _ in range(40)))
    assert {answer.status for answer in answers} == {200}
    assert len(disk.written) == 40
    assert len({answer.request_id for answer in answers}) == 40


async def test_by_default_the_log_may_be_late_and_nothing_is_lost(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
):
    """Batched: the answer goes out, the record is tried until it is on disk."""
    await federate(edge)
    disk = Disk(edge, monkeypatch)
    disk.error = StoreError("the disk is full")
    answer = await exchange(edge, token())
    assert answer.status == 200
    await asyncio.sleep(0.1)
    assert edge.wiring.log.fault is not None
    disk.error = None
    assert edge.record(answer).request_id == answer.request_id


async def test_a_full_queue_makes_nobody_else_wait(edge: Edge, monkeypatch: pytest.MonkeyPatch):
    """The disk fails for long: who has to wait for room waits off the event loop."""
    await federate(edge)
    disk = Disk(edge, monkeypatch)
    disk.error = StoreError("the disk is full")
    writer = edge.wiring.log._writer
    monkeypatch.setattr(writer, "_pace", writer._pace._replace(capacity=3, patience=0.5))
    for _ in range(5):
        await asyncio.wait_for(exchange(edge, token()), 2)
    assert not edge.wiring.log.has_room
    waiting = asyncio.create_task(exchange(edge, token()))
    ticks = 0
    while not waiting.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert ticks > 20, "the event loop was free while the record waited"
    assert waiting.result().status == 200
    disk.error = None
