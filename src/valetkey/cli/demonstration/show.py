"""The show: a folder, the parts and the story, from the first step until everything has ended."""

import shlex
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from valetkey.cli.demonstration import plot
from valetkey.cli.demonstration.opens import open_compute, open_store
from valetkey.cli.demonstration.parts import Parts, free_port
from valetkey.cli.demonstration.stage import Stage
from valetkey.cli.demonstration.story import Story, tell
from valetkey.issuer import IssuerState

STOPPING = (signal.SIGTERM, signal.SIGHUP)


def demonstrate(folder: Path | None, *, keep: bool) -> int:
    """Tell the whole story; return 0 only if every step, refusals included, went as it should.

    What was started ends with us, also by a signal. Without a ``folder`` there is one for this
    time only; it stays where something went wrong, and with ``keep``.
    """
    stage = Stage()
    place = folder or Path(tempfile.mkdtemp(prefix="valetkey-demo-"))
    parts = Parts(place, {"VALETKEY_HOME": str(place / "home")})
    passed = False
    try:
        with _signals_interrupt():
            story = _set_up(place, parts, stage)
            started = time.monotonic()
            tell(story)
            open_store(story)
            open_compute(story)
            passed = stage.summary(time.monotonic() - started)
            if keep:
                _stay(story)
    finally:
        parts.stop()
        if folder is None and passed and not keep:
            shutil.rmtree(place, ignore_errors=True)
        else:
            stage.output(f"Everything that was written is in {place}")
    return 0 if passed else 1


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Let every signal that means "end" do what Ctrl-C does, so that nothing is left behind."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _set_up(place: Path, parts: Parts, stage: Stage) -> Story:
    place.mkdir(parents=True, exist_ok=True)
    (place / plot.CI_FILE).write_bytes(plot.ci_file())
    if stage.console.is_terminal and not stage.console.no_color:
        parts.environment["FORCE_COLOR"] = "1"
    issuer_port = _port_of_issuer(place / "home")
    story = Story(parts, stage, issuer_port or free_port(), free_port(), again=bool(issuer_port))
    parts.environment["AWS_ENDPOINT_URL"] = story.endpoint
    return story


def _port_of_issuer(home: Path) -> int | None:
    """Return the port that the issuer of an earlier run is named for; None before the first."""
    if not (home / "issuer" / "issuer.json").exists():
        return None
    return urlsplit(IssuerState.load(home / "issuer").issuer).port


def _stay(story: Story) -> None:
    stage, folder = story.stage, story.parts.folder
    stage.rule("Everything is left running; go on by hand in another terminal")
    stage.output(
        f"cd {shlex.quote(str(folder))}\n"
        'export VALETKEY_HOME="$PWD/home"\n'
        'eval "$(valetkey init)"\n'
        f"export AWS_ENDPOINT_URL={story.endpoint}\n"
        "aws iam list-roles\n"
        f"{shlex.join(story.job('assume role', plot.BRANCH))}\n"
        f"valetkey issuer token --aud {plot.AUDIENCE} --project-path {plot.PROJECT}"
    )
    stage.output("Ctrl-C ends it.")
    try:
        ended = story.parts.wait()
        stage.output(f"`{ended}` has ended, see {story.parts.log(ended)}")
    except KeyboardInterrupt:
        stage.output("stopped")
