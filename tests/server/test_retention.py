"""Old records go, new ones stay, and a log that can't be written does not end it."""

import asyncio
from pathlib import Path

import pytest

from valetkey.server.retention import keep_in_bounds
from valetkey.store import DecisionLog, Outcome, RequestRecord, StoreBusy

DAY = 86_400.0
NOW = 1_800_000_000.0


def record(name: str, age_in_days: float) -> RequestRecord:
    return RequestRecord(
        request_id=name,
        time=NOW - age_in_days * DAY,
        service="sts",
        operation="GetCallerIdentity",
        outcome=Outcome.GRANTED,
        status=200,
    )


async def once(log: DecisionLog, days: int) -> list[float]:
    """Run the task until its first pause; return how long it meant to pause."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep_in_bounds(log, lambda: NOW, days, pause=pause)
    return pauses


async def test_old_records_are_removed_and_young_ones_stay(tmp_path: Path):
    with DecisionLog.open(tmp_path / "records.db") as log:
        for name, age in (("old", 8), ("young", 6)):
            log.append(record(name, age))
        log.flush()
        assert await once(log, 7) == [3600.0]
        assert log.find("old") is None
        assert log.find("young") is not None


async def test_a_failure_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def busy(_self: DecisionLog, _before: float) -> int:
        raise StoreBusy("the log is busy")

    monkeypatch.setattr(DecisionLog, "prune", busy)
    with DecisionLog.open(tmp_path / "records.db") as log:
        assert await once(log, 7) == [3600.0]
    assert "the log is busy" in caplog.text
