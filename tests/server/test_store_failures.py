"""A database that is busy, full, broken or gone: a clean answer, no grant, no traceback."""

import asyncio
import json
from typing import Any

import pytest

from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import ISSUED, check_envelope
from support.served import serve
from support.tokens import token
from valetkey.store import StoreBusy, StoreError, UnfitRecord, UnreadableRecord

pytestmark = pytest.mark.usefixtures("loud")
FAILURES = [
    StoreBusy("the database is busy", help="try again"),
    StoreError("can't use `state.db`: the disk is full"),
    UnreadableRecord("role `x` can't be read"),
    UnfitRecord("can't keep role `x`"),
]


def raising(error: Exception) -> Any:
    def fail(*_arguments: Any, **_options: Any) -> Any:
        raise error

    return fail


def check_unavailable(edge: Edge, answer: Any, error: StoreError) -> None:
    assert (answer.status, answer.code) == (503, "ServiceUnavailable")
    check_envelope(answer)
    assert not any(word in answer.body for word in ISSUED)
    assert error.message.encode() not in answer.body
    record = edge.record(answer)
    assert record.outcome == "failed"
    assert record.reason == error.message


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
async def test_a_write_that_fails(
    edge: Edge,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: StoreError,
):
    monkeypatch.setattr(type(edge.wiring.store), "write", raising(error))
    for service, action, parameters in (
        ("iam", "CreateUser", {"UserName": "u"}),
        ("iam", "CreateAccessKey", {}),
        ("iam", "DeleteUser", {"UserName": "admin"}),
    ):
        check_unavailable(edge, await edge.query(service, action, **parameters), error)
    secret = {"Name": "s", "SecretString": "x", "ClientRequestToken": "0" * 32}
    check_unavailable(edge, await edge.target("CreateSecret", **secret), error)
    assert error.message in caplog.text


@pytest.mark.parametrize("error", FAILURES[:2], ids=lambda error: type(error).__name__)
async def test_a_directory_that_can_t_be_read(
    edge: Edge, monkeypatch: pytest.MonkeyPatch, error: StoreError
):
    """An old snapshot might grant what was taken away: nothing is granted by one."""
    await federate(edge)
    monkeypatch.setattr(type(edge.wiring.store), "directory", raising(error))
    check_unavailable(edge, await exchange(edge, token()), error)
    check_unavailable(edge, await edge.query("sts", "GetCallerIdentity"), error)
    served = await serve(edge)
    ready = await served.ask("GET", "/_valetkey/readyz")
    assert (ready.status, json.loads(ready.body)) == (503, {"status": "not ready"})
    assert (await served.ask("GET", "/_valetkey/healthz")).status == 200


async def test_a_store_that_was_closed(edge: Edge):
    await federate(edge)
    edge.wiring.store.close()
    answer = await exchange(edge, token())
    assert (answer.status, answer.code) == (503, "ServiceUnavailable")
    answer = await edge.query("iam", "CreateUser", UserName="u")
    assert (answer.status, answer.code) == (503, "ServiceUnavailable")


async def test_a_fault_of_ours_is_an_internal_failure(
    edge: Edge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    error = KeyError("canary")
    monkeypatch.setattr(type(edge.wiring.store), "directory", raising(error))
    answer = await edge.query("sts", "GetCallerIdentity")
    assert (answer.status, answer.code) == (500, "InternalFailure")
    check_envelope(answer)
    record = edge.record(answer)
    assert (record.outcome, record.reason) == ("failed", "KeyError")
    assert "canary" not in caplog.text + repr(record) + answer.body.decode()
    assert "test_store_failures.py" in caplog.text


async def test_reads_go_on_while_a_write_waits(edge: Edge, monkeypatch: pytest.MonkeyPatch):
    """Another process holds the write lock: only who writes waits for it."""
    await federate(edge)
    order: list[str] = []
    loop, release = asyncio.get_running_loop(), asyncio.Event()

    def slow(_store: Any, _change: Any) -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(5)
        raise StoreBusy("the database is busy")

    monkeypatch.setattr(type(edge.wiring.store), "write", slow)

    async def write() -> int:
        answer = await edge.query("iam", "CreateUser", UserName="u")
        order.append("write")
        return answer.status

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.01)
    for _ in range(5):
        assert (await exchange(edge, token())).status == 200
        order.append("read")
    release.set()
    assert await writing == 503
    assert order == ["read"] * 5 + ["write"]
