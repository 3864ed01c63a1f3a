"""One job, from its ID tokens to its last line."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from valetkey.clock import Clock, iso8601
from valetkey.gitlabci import Command, Variable, expand_all
from valetkey.runner.environ import job_environment
from valetkey.runner.errors import ShellUnavailable
from valetkey.runner.mask import Masker
from valetkey.runner.prepare import Audience, PreparedJob
from valetkey.runner.process import Ended, Interruptions, Monotonic, Write, run_process
from valetkey.runner.script import script_text

AFTER_SCRIPT_TIMEOUT = 300.0
"""Seconds that ``after_script`` may take."""

Mint = Callable[[str, Audience], str]
"""Makes the ID token of a variable for an audience; returns the compact token."""

Status = Literal["success", "failed", "canceled"]

_SHELLS = tuple(
    f"{folder}/{shell}"
    for shell in ("bash", "sh")
    for folder in ("/usr/local/bin", "/usr/bin", "/bin")
)
_CYAN, _YELLOW, _RED, _GREEN, _RESET = (
    f"\x1b[{code}m" for code in ("36;1", "0;33", "31;1", "32;1", "0;")
)


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a job ended.

    ``exit_code`` is that of its script (128 and the signal's number where one ended it, 1 on a
    timeout). ``allowed`` is true of a failure that ``allow_failure`` lets pass.
    ``after_script_exit`` is None where no ``after_script`` ran.
    """

    status: Status
    exit_code: int
    allowed: bool = False
    timed_out: bool = False
    after_script_exit: int | None = None


def run_job(
    prepared: PreparedJob,
    *,
    mint: Mint,
    environ: Mapping[str, str],
    out: Write,
    clock: Clock,
    masker: Masker | None = None,
    home: Path | None = None,
    color: bool = False,
    shell: str | None = None,
    monotonic: Monotonic = time.monotonic,
) -> JobResult:
    """Run a job in a real shell, as GitLab Runner does, and stream its log to ``out``.

    Of ``environ`` the job sees what ``runner.environ`` lists. ``home`` is its home directory;
    without one it gets an empty one, gone after the job. A ``masker`` of the caller's can be
    told more secrets while the job runs. Tokens are minted when the job starts; what ``mint``
    raises goes to the caller, and no command has run then. Raises :class:`ShellUnavailable`.
    """
    found = shell or find_shell()
    masker = masker or Masker()
    with _private_folder() as folder, Interruptions().caught() as interruptions:
        if home is None:
            home = folder / "home"
            home.mkdir(mode=0o700)
        values = _values(prepared, mint, masker, folder, iso8601(clock()))
        run = _Run(
            prepared, found, folder, _Log(out, masker, color=color), interruptions, monotonic
        )
        return run.job(lambda more: job_environment(environ, {**values, **more}, home=str(home)))


def find_shell() -> str:
    """Return the shell that GitLab Runner would take: bash, or else sh."""
    found = next((shell for shell in _SHELLS if Path(shell).is_file()), None) or shutil.which(
        "bash"
    )
    if found is None:
        raise ShellUnavailable("there is no bash and no sh here", help="install bash")
    return found


@contextmanager
def _private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="valetkey-job-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _values(
    prepared: PreparedJob, mint: Mint, masker: Masker, folder: Path, started_at: str
) -> dict[str, str]:
    """Return the job's variables with their final values; tell the masker the secret ones."""
    variables: dict[str, Variable] = {
        **prepared.variables,
        "CI_JOB_STARTED_AT": Variable(started_at, expand=False),
        "CI_JOB_STATUS": Variable("running", expand=False),
    }
    for name, audience in prepared.audiences.items():
        variables[name] = Variable(mint(name, audience), expand=False, masked=True)
    values = expand_all({n: _on_disk(n, v, folder, masker) for n, v in variables.items()})
    for name, variable in variables.items():
        if variable.masked:
            masker.mask(values[name])
    return values


def _on_disk(name: str, variable: Variable, folder: Path, masker: Masker) -> Variable:
    """Return a variable of type file as the path of its file."""
    if not variable.file:
        return variable
    if variable.masked:
        masker.mask(variable.value)
    path = folder / "variables" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _write_private(path, variable.value)
    return replace(variable, value=str(path), expand=False, masked=False)


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, newline="")


class _Log:
    """The job's log: everything in it passes the masker."""

    def __init__(self, out: Write, masker: Masker, *, color: bool) -> None:
        self._out = out
        self._masker = masker
        self.color = color
        self._last = b"\n"

    def write(self, chunk: bytes) -> None:
        self._show(self._masker.feed(chunk))

    def line(self, text: str, paint: str) -> None:
        """Write a line of our own, after all that a process has printed."""
        self._show(self._masker.flush())
        fresh = "" if self._last.endswith(b"\n") else "\n"
        painted = f"{paint}{text}{_RESET}" if self.color else text
        self._show(self._masker.feed(f"{fresh}{painted}\n".encode()) + self._masker.flush())

    def _show(self, shown: bytes) -> None:
        if shown:
            self._last = shown[-1:]
            self._out(shown)


Environment = Callable[[Mapping[str, str]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class _Run:
    """The steps of one job."""

    _prepared: PreparedJob
    _shell: str
    _folder: Path
    _log: _Log
    _interruptions: Interruptions
    _monotonic: Monotonic

    def job(self, environment: Environment) -> JobResult:
        job, timeout = self._prepared.job, self._prepared.timeout
        self._log.line('Executing "step_script" stage of the job script', _CYAN)
        commands = (*job.before_script, *job.script)
        ended = self._step("step_script", commands, environment({}), timeout)
        result = self._result(ended)
        if job.after_script and not ended.timed_out:
            status = {"CI_JOB_STATUS": result.status}
            code = self._after_script(job.after_script, environment(status))
            result = replace(result, after_script_exit=code)
        self._last_line(result, ended)
        return result

    def _after_script(self, commands: tuple[Command, ...], environment: dict[str, str]) -> int:
        self._log.line("Running after_script", _CYAN)
        self._log.line("Running after script...", _GREEN)
        ended = self._step("after_script", commands, environment, AFTER_SCRIPT_TIMEOUT)
        if ended.exit_code != 0 or ended.timed_out:
            why = "context deadline exceeded" if ended.timed_out else f"exit code {ended.exit_code}"
            text = f"WARNING: after_script failed, but job will continue unaffected: {why}"
            self._log.line(text, _YELLOW)
        return ended.exit_code

    def _step(
        self, name: str, commands: tuple[Command, ...], environment: dict[str, str], timeout: float
    ) -> Ended:
        # a file, not a command line, which every user of the machine could read
        path = self._folder / name
        _write_private(path, script_text(commands, color=self._log.color))
        try:
            return run_process(
                (self._shell, str(path)),
                environment=environment,
                directory=self._prepared.directory,
                write=self._log.write,
                timeout=timeout,
                interruptions=self._interruptions,
                monotonic=self._monotonic,
            )
        finally:
            path.unlink(missing_ok=True)

    def _result(self, ended: Ended) -> JobResult:
        if ended.cancelled_by is not None:
            return JobResult("canceled", 128 + ended.cancelled_by)
        if ended.timed_out:
            return JobResult("failed", 1, timed_out=True)
        if ended.exit_code == 0:
            return JobResult("success", 0)
        allowed = self._prepared.allow_failure.allows(ended.exit_code)
        return JobResult("failed", ended.exit_code, allowed)

    def _last_line(self, result: JobResult, ended: Ended) -> None:
        if result.status == "success":
            self._log.line("Job succeeded", _GREEN)
            return
        why = f"exit code {result.exit_code}"
        if result.status == "canceled":
            why = "canceled"
        elif ended.timed_out:
            why = f"execution took longer than {_go_duration(self._prepared.timeout)} seconds"
        self._log.line(f"ERROR: Job failed: {why}", _RED)


def _go_duration(seconds: float) -> str:
    """Write a duration as Go does: ``1h0m0s``, ``1m30s``, ``0.5s``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{rest:g}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text
