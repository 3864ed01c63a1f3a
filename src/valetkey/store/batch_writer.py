"""One thread that writes what others hand over, many at a time."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, NamedTuple, TypeVar

from valetkey.store.errors import StoreBusy, StoreError

T = TypeVar("T")


class Pace(NamedTuple):
    """How batches are made; times in seconds.

    ``linger``: how long to wait for more after the first of a batch. ``patience``: how long
    `BatchWriter.put` waits for room, and `BatchWriter.close` for the last batch.
    """

    linger: float = 0.03
    batch: int = 512
    capacity: int = 10_000
    patience: float = 10.0
    retry: float = 0.2


class _Batch(Generic[T]):
    """Items that are written together, and the one future that tells when they are on disk."""

    __slots__ = ("future", "items")

    def __init__(self) -> None:
        self.items: list[T] = []
        self.future: Future[None] = Future()
        # Many wait for it: none of them may cancel it for the others.
        self.future.set_running_or_notify_cancel()


class BatchWriter(Generic[T]):
    """Writes items in the order they came. Thread-safe. Nothing is dropped in silence.

    If a batch can't be written: with ``fail_closed`` its futures fail and it is forgotten, since
    whoever waits for them will refuse; otherwise it is tried again until it succeeds, while the
    queue fills up and then `put` waits, and raises.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], None],
        *,
        fail_closed: bool = False,
        pace: Pace | None = None,
    ) -> None:
        self._write = write
        self._fail_closed = fail_closed
        self._pace = Pace() if pace is None else pace
        self._queue: deque[_Batch[T]] = deque()
        self._waiting = 0
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._settled = threading.Condition(self._lock)
        self._accepted_count = 0
        self._settled_count = 0
        self._hurry = False
        self._closing_by: float | None = None
        self._thread: threading.Thread | None = None
        self.fault: StoreError | None = None
        """Why the last batch could not be written; None when it could."""

    @property
    def backlog(self) -> int:
        """Return how many items are not settled yet."""
        return self._accepted_count - self._settled_count

    @property
    def has_room(self) -> bool:
        """Return whether `put` would take an item without waiting."""
        return self._waiting < self._pace.capacity or self._closing_by is not None

    def put(self, item: T) -> Future[None]:
        """Hand over an item; the future resolves when its batch is on disk.

        Items of a batch share their future, which can't be cancelled.

        Waits for room if the queue is full, then raises `StoreBusy`. Raises `StoreError` after
        `close`.
        """
        with self._lock:
            self._make_room()
            if self._closing_by is not None:
                raise StoreError("the log was closed")
            if not self._queue or len(self._queue[-1].items) >= self._pace.batch:
                self._queue.append(_Batch())
            batch = self._queue[-1]
            batch.items.append(item)
            self._waiting += 1
            self._accepted_count += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="valetkey-log", daemon=True)
                self._thread.start()
            if self._waiting in {1, self._pace.batch}:
                self._arrived.notify()
        return batch.future

    def flush(self, timeout: float | None = None) -> None:
        """Return when everything handed over so far is settled. Raises `StoreBusy` if it lasts."""
        patience = self._pace.patience if timeout is None else timeout
        with self._lock:
            self._hurry = True
            self._arrived.notify()
            goal = self._accepted_count
            if not self._settled.wait_for(lambda: self._settled_count >= goal, patience):
                raise self.fault or StoreBusy("the log could not be written in time")

    def close(self) -> None:
        """Write what is left and end the thread; a second call does nothing.

        Raises `StoreError` where something could not be written.
        """
        with self._lock:
            if self._closing_by is None:
                self._closing_by = time.monotonic() + self._pace.patience
            self._arrived.notify()
        if self._thread is not None:
            self._thread.join(2 * self._pace.patience)
            self._thread = None
            if self.backlog or (self.fault is not None and not self._fail_closed):
                raise self.fault or StoreBusy("the log could not be written in time")

    def _make_room(self) -> None:
        if self.has_room:
            return
        if not self._settled.wait_for(lambda: self.has_room, self._pace.patience):
            raise StoreBusy(
                f"{self._waiting} records wait for the log, and none is written",
                help=self.fault.message if self.fault else "the disk is too slow for this load",
            )

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            error = self._try(batch.items)
            if error is None:
                batch.future.set_result(None)
            else:
                batch.future.set_exception(error)
            with self._lock:
                self._settled_count += len(batch.items)
                self._settled.notify_all()

    def _next(self) -> _Batch[T] | None:
        with self._lock:
            self._arrived.wait_for(lambda: self._queue or self._closing_by is not None)
            if not self._fail_closed:
                self._arrived.wait_for(self._is_due, self._pace.linger)
            batch = self._queue.popleft() if self._queue else None
            self._waiting -= len(batch.items) if batch else 0
            self._hurry = self._hurry and bool(self._queue)
            self._settled.notify_all()
            return batch

    def _is_due(self) -> bool:
        full = self._waiting >= self._pace.batch
        return full or self._hurry or self._closing_by is not None

    def _try(self, items: Sequence[T]) -> StoreError | None:
        while True:
            try:
                self._write(items)
            except StoreError as error:
                self.fault = error
            except Exception as error:  # noqa: BLE001 - a dead thread would lose all that follows
                self.fault = StoreError(f"the log failed: {type(error).__name__}")
                self.fault.__cause__ = error
            else:
                self.fault = None
                return None
            expired = self._closing_by is not None and time.monotonic() > self._closing_by
            if self._fail_closed or expired:
                return self.fault
            time.sleep(self._pace.retry)
