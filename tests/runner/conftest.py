"""Jobs run for real, their logs kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from valetkey.diagnostics import Source
from valetkey.gitlabci import Variable, parse
from valetkey.runner import (
    JobResult,
    Pipeline,
    PreparedJob,
    file_exists,
    local_includes,
    prepare,
    run_job,
)

TOKEN = "eyJhbGciOiJSUzI1NiJ9." + "eyJzdWIiOiJwcm9qZWN0X3BhdGg6YS9i" * 6 + ".c2lnbmF0dXJl" * 9
ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


@dataclass
class Ran:
    """A job that ran: its result and what a reader of the log saw."""

    result: JobResult
    log: str
    minted: list[tuple[str, str | tuple[str, ...]]]

    @property
    def lines(self) -> list[str]:
        """Return what the job's own commands printed, without echoes and headings."""
        ours = ("$ ", "Executing ", "Running after", "Job succeeded", "ERROR: ", "WARNING: ")
        return [line for line in self.log.splitlines() if line and not line.startswith(ours)]


@dataclass
class Runner:
    """Runs the job `job` of a text."""

    directory: Path
    pipeline: Pipeline = field(default_factory=lambda: Pipeline("acme/app"))

    def prepared(self, text: str, name: str = "job", **options: Any) -> PreparedJob:
        file = parse(Source(".gitlab-ci.yml", text), local_includes(self.directory))
        given = {n: Variable(v) for n, v in options.pop("given", {}).items()}
        return prepare(
            file,
            name,
            options.pop("pipeline", self.pipeline),
            directory=self.directory,
            run_variables={**given, **options.pop("run_variables", {})},
            exists=file_exists(self.directory),
            **options,
        )

    def __call__(
        self,
        text: str,
        *,
        environ: Mapping[str, str] = ENVIRON,
        out: Callable[[bytes], object] | None = None,  # is given the log so far
        options: Mapping[str, Any] | None = None,
        name: str = "job",
        **preparing: Any,
    ) -> Ran:
        log = bytearray()
        minted: list[tuple[str, str | tuple[str, ...]]] = []

        def write(chunk: bytes) -> None:
            log.extend(chunk)
            if out is not None:
                out(bytes(log))

        def mint(name: str, audience: str | tuple[str, ...]) -> str:
            minted.append((name, audience))
            return TOKEN

        result = run_job(
            self.prepared(text, name, **preparing),
            mint=mint,
            environ=environ,
            out=write,
            clock=lambda: 1_700_000_000.0,
            **(options or {}),
        )
        return Ran(result, log.decode(), minted)


@pytest.fixture
def run(tmp_path: Path) -> Runner:
    directory = tmp_path / "project"
    directory.mkdir()
    return Runner(directory)
