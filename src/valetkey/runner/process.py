"""One child process in a process group of its own: its output streamed, its end certain.

Only the group that was started here is ever signalled, and only while its leader has not been
waited for, so that its number can't have become somebody else's.
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from valetkey.runner.errors import ShellUnavailable

_CHUNK = 64 * 1024
_TICK = 0.05
_INSIST = 2.0
_GRACE = 10.0
_DRAIN = 0.5

Write = Callable[[bytes], object]
Monotonic = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended; ``cancelled_by`` is the signal that we were sent meanwhile."""

    exit_code: int
    timed_out: bool = False
    cancelled_by: int | None = None


class Interruptions:
    """The signals that asked us to stop."""

    def __init__(self) -> None:
        self.received: list[int] = []
        self.handled = 0
        """How many of them have been passed on."""

    @contextmanager
    def caught(self) -> Iterator["Interruptions"]:
        """Catch SIGINT and SIGTERM, where Python lets us: in the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            signal.signal(number, self._receive)
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self.received.append(number)


def run_process(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    directory: Path,
    write: Write,
    timeout: float,
    interruptions: Interruptions,
    monotonic: Monotonic = time.monotonic,
) -> Ended:
    """Run a process to its end, at most ``timeout`` seconds; then its group is told to stop.

    What the group prints on either stream goes to ``write`` as it comes. Children that outlive
    the leader are killed. Raises :class:`ShellUnavailable` where it can't be started.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - a shell that was looked up, and a file of ours
            list(arguments),
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        # of a missing folder the error names the folder
        what = error.filename or arguments[0]
        problem = (error.strerror or "unknown error").lower()
        raise ShellUnavailable(f"could not start `{what}`: {problem}") from None
    with process:
        return _Watch(process, write, timeout, interruptions, monotonic).until_the_end()


class _Watch:
    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        write: Write,
        timeout: float,
        interruptions: Interruptions,
        monotonic: Monotonic,
    ) -> None:
        if process.stdout is None:
            raise ValueError("the process must have a pipe")
        self._process = process
        self._pipe = process.stdout.fileno()
        self._write = write
        self._interruptions = interruptions
        self._monotonic = monotonic
        self._deadline = monotonic() + timeout
        self._to_come: list[tuple[float, int]] = []
        """Signals for a group that was told to stop and has not, and when they are due."""
        self._ended = Ended(0)

    def until_the_end(self) -> Ended:
        os.set_blocking(self._pipe, False)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._pipe, selectors.EVENT_READ)
                self._stream(selector)
        finally:
            # on every way out, an exception of `write` included
            self._signal(signal.SIGKILL)
            code = self._process.wait()
        number = code if code >= 0 else 128 - code
        return Ended(number, self._ended.timed_out, self._ended.cancelled_by)

    def _stream(self, selector: selectors.BaseSelector) -> None:
        open_ = True
        while open_ and not self._is_over():
            if selector.select(_TICK):
                open_ = self._copy()
            self._check()
        while not self._is_over():
            # it closed its output and goes on
            time.sleep(_TICK)
            self._check()
        self._signal(signal.SIGKILL)
        last = self._monotonic() + _DRAIN
        while open_ and self._monotonic() < last:
            if selector.select(_TICK):
                open_ = self._copy()

    def _copy(self) -> bool:
        """Pass on what was printed; return whether more may come."""
        try:
            chunk = os.read(self._pipe, _CHUNK)
        except BlockingIOError:
            return True
        if chunk:
            self._write(chunk)
        return bool(chunk)

    def _check(self) -> None:
        """Stop the group when it is time, or when we are asked to stop."""
        now = self._monotonic()
        asked = self._interruptions.received
        if len(asked) > self._interruptions.handled:
            again = self._ended.cancelled_by is not None
            self._interruptions.handled = len(asked)
            self._ended = Ended(0, cancelled_by=asked[-1])
            self._stop(signal.SIGKILL if again else asked[-1], now)
        elif now >= self._deadline and self._ended == Ended(0):
            self._ended = Ended(0, timed_out=True)
            self._stop(signal.SIGTERM, now)
        elif self._to_come and now >= self._to_come[0][0]:
            self._signal(self._to_come.pop(0)[1])

    def _stop(self, number: int, now: float) -> None:
        self._signal(number)
        # bash misses a SIGINT that comes just before it waits for a command, so insist
        self._to_come = [(now + _INSIST, signal.SIGTERM), (now + _GRACE, signal.SIGKILL)]

    def _signal(self, number: int) -> None:
        if self._process.returncode is not None:
            return  # waited for: the number may be another's by now
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return  # macOS answers so for a group of zombies only

    def _is_over(self) -> bool:
        """Return whether the leader has ended, without waiting for it."""
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self._process.pid, flags) is not None
