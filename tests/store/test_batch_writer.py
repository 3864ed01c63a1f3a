"""Batches: in order, whole, and nothing dropped in silence."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from valetkey.store.batch_writer import BatchWriter, Pace
from valetkey.store.errors import StoreBusy, StoreError

QUICK = Pace(linger=0.005, batch=10, capacity=20, patience=2.0, retry=0.005)


class Target:
    """What is written to: keeps the batches, fails while told to, waits while told to."""

    def __init__(self):
        self.batches = []
        self.error = None
        self.gate = threading.Event()
        self.gate.set()

    def write(self, items):
        assert self.gate.wait(10)
        if self.error is not None:
            raise self.error
        self.batches.append(list(items))

    @property
    def items(self):
        return [item for batch in self.batches for item in batch]


@pytest.fixture
def target():
    return Target()


def test_items_are_written_in_order_and_in_batches(target):
    writer = BatchWriter(target.write, pace=QUICK)
    futures = [writer.put(number) for number in range(100)]
    for future in futures:
        assert future.result(5) is None
    assert target.items == list(range(100))
    assert all(len(batch) <= 10 for batch in target.batches)
    assert len(target.batches) < 50
    writer.close()


def test_without_hurry_a_batch_waits_for_more(target):
    writer = BatchWriter(target.write, pace=QUICK._replace(linger=0.2))
    for number in range(5):
        writer.put(number)
        time.sleep(0.01)
    writer.put(5).result(5)
    assert target.batches == [[0, 1, 2, 3, 4, 5]]
    writer.close()


@pytest.mark.parametrize("end", [BatchWriter.flush, BatchWriter.close])
def test_flush_and_close_do_not_wait_for_more(target, end):
    writer = BatchWriter(target.write, pace=QUICK._replace(linger=60.0))
    future = writer.put(1)
    end(writer)
    assert future.done()
    assert target.items == [1]
    writer.close()


def test_flush_of_nothing_returns_and_does_not_rush_the_next_batch(target):
    writer = BatchWriter(target.write, pace=QUICK)
    writer.flush()
    writer.put(1).result(5)
    writer.flush()
    writer.close()


def test_after_close_nothing_is_taken(target):
    writer = BatchWriter(target.write, pace=QUICK)
    writer.close()
    writer.close()
    with pytest.raises(StoreError, match="the log was closed"):
        writer.put(1)


def test_a_full_queue_holds_the_caller_until_there_is_room(target):
    target.gate.clear()
    writer = BatchWriter(target.write, pace=QUICK)
    with ThreadPoolExecutor(1) as threads:
        putting = threads.submit(lambda: [writer.put(number) for number in range(100)])
        time.sleep(0.05)
        assert not putting.done()
        target.gate.set()
        for future in putting.result(5):
            future.result(5)
    assert target.items == list(range(100))
    writer.close()


def test_a_queue_that_stays_full_is_an_error_for_the_caller(target):
    target.gate.clear()
    writer = BatchWriter(target.write, pace=QUICK._replace(patience=0.5, linger=60.0))
    for number in range(QUICK.capacity + QUICK.batch):
        writer.put(number)
    with pytest.raises(StoreBusy, match="records wait for the log, and none is written"):
        writer.put(-1)
    target.gate.set()
    writer.flush(5)
    assert target.items == list(range(QUICK.capacity + QUICK.batch))
    writer.close()


@pytest.mark.parametrize("error", [StoreError("the disk is full"), ValueError("a fault of ours")])
def test_what_could_not_be_written_is_tried_until_it_can(target, error):
    target.error = error
    writer = BatchWriter(target.write, pace=QUICK)
    future = writer.put(1)
    with pytest.raises(StoreError):
        writer.flush(0.1)
    assert writer.backlog == 1
    assert isinstance(writer.fault, StoreError)
    assert not future.done()
    target.error = None
    future.result(5)
    writer.flush()
    assert writer.fault is None
    assert target.items == [1]
    writer.close()


def test_close_says_what_it_could_not_write(target):
    target.error = StoreError("the disk is full")
    writer = BatchWriter(target.write, pace=QUICK._replace(patience=0.05))
    future = writer.put(1)
    with pytest.raises(StoreError, match="the disk is full"):
        writer.close()
    with pytest.raises(StoreError, match="the disk is full"):
        future.result(5)


def test_fail_closed_the_future_fails_and_the_next_is_tried_anew(target):
    writer = BatchWriter(target.write, fail_closed=True, pace=QUICK)
    target.error = StoreError("the disk is full")
    with pytest.raises(StoreError, match="the disk is full"):
        writer.put(1).result(5)
    target.error = None
    writer.put(2).result(5)
    assert target.items == [2]
    writer.close()


def test_fail_closed_does_not_linger(target):
    writer = BatchWriter(target.write, fail_closed=True, pace=QUICK._replace(linger=60.0))
    writer.put(1).result(5)
    writer.close()


def test_who_stops_waiting_does_not_stop_the_others(target):
    target.gate.clear()
    writer = BatchWriter(target.write, pace=QUICK)
    futures = [writer.put(number) for number in range(3)]
    assert not futures[1].cancel()
    target.gate.set()
    writer.flush()
    assert target.items == [0, 1, 2]
    futures[2].result(5)
    writer.close()


def test_many_threads_lose_nothing(target):
    writer = BatchWriter(target.write, pace=QUICK)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda thread: [writer.put((thread, n)) for n in range(200)], range(8)))
    writer.close()
    assert sorted(target.items) == [(thread, n) for thread in range(8) for n in range(200)]
    for thread in range(8):
        own = [n for of, n in target.items if of == thread]
        assert own == list(range(200))
