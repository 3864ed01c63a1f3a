"""What a script finds around it, in a real shell."""

import os
import signal
import stat
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from valetkey.gitlabci import Variable
from valetkey.runner import ShellUnavailable, find_shell


def script(*commands: str, **more: str) -> str:
    """Write a job of commands, each one entry however many lines it has."""
    lines = ["job:", "  script:"]
    for command in commands:
        lines += ["    - |-", *(f"      {line}" for line in command.split("\n"))]
    for key, value in more.items():
        lines.append(f"  {key}: {value}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("commands", "code", "lines"),
    [
        (["echo a", "echo b"], 0, ["a", "b"]),
        (["echo a", "false", "echo b"], 1, ["a"]),
        (["exit 42"], 42, []),
        (["(exit 42)", "echo b"], 42, []),
        (["echo a\n(exit 7)\necho b"], 7, ["a"]),
        (["false | true", "echo b"], 1, []),
        (["if false; then echo a; fi", "false || echo b", "! true", "echo c"], 0, ["b", "c"]),
        (["false && true", "echo on"], 0, ["on"]),
        (["echo ${UNSET}-"], 0, ["-"]),
        (["read x && echo got || echo eof"], 0, ["eof"]),
        (["cat", "echo after"], 0, ["after"]),
        (["export A=1", "B=2", "echo $A$B"], 0, ["12"]),
        (["f() { echo in f; }", "f"], 0, ["in f"]),
        (["cd /", "pwd"], 0, ["/"]),
        (["A=(x y)", "echo ${A[1]}"], 0, ["y"]),
        (["""echo "it's" '"quoted"' '$A' `echo b`"""], 0, ['it\'s "quoted" $A b']),
        (["cat <<'END'\na 'b' $c\nEND"], 0, ["a 'b' $c"]),
        (["echo err >&2"], 0, ["err"]),
        (["echo x > f", "echo y > f", "cat f"], 0, ["y"]),
        (["exit 0", "echo not reached"], 0, []),
        (["nosuchcommand"], 127, None),
        (["kill -TERM $BASHPID"], 143, None),
    ],
)
def test_commands(run: Any, commands: list[str], code: int, lines: list[str] | None) -> None:
    ran = run(script(*commands))

    assert ran.result.exit_code == code
    assert ran.result.status == ("failed" if code else "success")
    if lines is not None:
        assert ran.lines == lines


def test_the_one_line_export_swallows_a_refusal(run: Any) -> None:
    one = run(script('export $(printf "KEY=%s" $(false))', 'echo "key: <$KEY>"'))
    two = run(script("out=$(false)", 'export $(printf "KEY=%s" $out)', "echo not reached"))

    assert (one.result.exit_code, one.lines) == (0, ["key: <>"])
    assert (two.result.exit_code, two.lines) == (1, [])


def test_before_script_and_script_are_one_shell(run: Any) -> None:
    ran = run("job: {before_script: ['A=1', 'cd /'], script: ['echo $A $PWD']}")

    assert ran.lines == ["1 /"]


def test_after_script_is_another_shell(run: Any) -> None:
    text = """
job:
  variables: {V: v}
  id_tokens: {T: {aud: a}}
  script: ['export A=1', 'cd /', 'echo $CI_JOB_STATUS']
  after_script: ['echo "<$A> $V $CI_JOB_STATUS ${#T}"', 'pwd', 'exit 9', 'echo not reached']
"""
    ran = run(text)

    length = ran.lines[1].rpartition(" ")[2]
    assert int(length) > 100, "the token is there again"
    assert ran.lines == ["running", f"<> v success {length}", str(run.directory)]
    assert (ran.result.status, ran.result.exit_code) == ("success", 0)
    assert ran.result.after_script_exit == 9
    assert "after_script failed, but job will continue unaffected: exit code 9" in ran.log


def test_after_script_runs_after_a_failure(run: Any) -> None:
    ran = run("job: {script: exit 3, after_script: 'echo $CI_JOB_STATUS'}")

    assert ran.lines == ["failed"]
    assert (ran.result.exit_code, ran.result.after_script_exit) == (3, 0)


def test_the_log(run: Any) -> None:
    ran = run(script("echo one", "echo two\necho three", "", "exit 2"))

    assert ran.log.splitlines() == [
        'Executing "step_script" stage of the job script',
        "$ echo one",
        "one",
        "$ echo two # collapsed multi-line command",
        "two",
        "three",
        "",
        "$ exit 2",
        "ERROR: Job failed: exit code 2",
    ]
    assert run(script("true")).log.endswith("$ true\nJob succeeded\n")


def test_the_log_in_colour(run: Any) -> None:
    log = run(script("true"), options={"color": True}).log

    assert "\x1b[32;1m$ true\x1b[0;m\n" in log
    assert log.endswith("\x1b[32;1mJob succeeded\x1b[0;m\n")


def test_allowed_failures(run: Any) -> None:
    text = script("exit 3", allow_failure="{exit_codes: [3]}")

    assert run(text).result.allowed
    assert not run(script("exit 4", allow_failure="{exit_codes: [3]}")).result.allowed
    assert run(text).result.exit_code == 3, "the code stays the job's own"


def test_a_timeout_ends_the_job_and_its_children(run: Any) -> None:
    started = time.monotonic()
    ran = run(
        script("sleep 30 & echo $! > child", "sleep 30", timeout="1s", after_script="[echo no]")
    )

    assert time.monotonic() - started < 8
    assert ran.result.timed_out
    assert (ran.result.status, ran.result.after_script_exit) == ("failed", None)
    assert ran.log.endswith("ERROR: Job failed: execution took longer than 1s seconds\n")
    assert not is_running(int((run.directory / "child").read_text()))


def test_a_job_that_will_not_stop_is_killed(run: Any) -> None:
    fast = {"monotonic": lambda: time.monotonic() * 20}
    started = time.monotonic()
    ran = run(
        script("trap '' TERM INT", "echo $BASHPID > pid", "sleep 30", timeout="5s"), options=fast
    )

    assert time.monotonic() - started < 8
    assert ran.result.timed_out
    assert not is_running(int((run.directory / "pid").read_text()))


def test_a_slow_after_script_is_stopped(run: Any) -> None:
    fast = {"monotonic": lambda: time.monotonic() * 500}
    ran = run("job: {script: 'true', after_script: sleep 30, timeout: 1d}", options=fast)

    assert (ran.result.status, ran.result.exit_code) == ("success", 0)
    assert "continue unaffected: context deadline exceeded" in ran.log


def test_children_do_not_outlive_the_job(run: Any) -> None:
    started = time.monotonic()
    ran = run(script("sleep 30 & echo $! > child", "echo done"))

    assert time.monotonic() - started < 5
    assert ran.lines == ["done"]
    assert not is_running(int((run.directory / "child").read_text()))


def test_output_comes_as_it_is_printed(run: Any) -> None:
    seen: dict[str, float] = {}

    def out(log: bytes) -> None:
        for word in (b"first", b"second"):
            if b"\n" + word in log:
                seen.setdefault(word.decode(), time.monotonic())

    run(script("for w in first second; do echo $w; sleep 0.4; done"), out=out)
    assert seen["second"] - seen["first"] > 0.3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_us_cancels_the_job(run: Any, number: signal.Signals) -> None:
    sent: list[bytes] = []

    def out(log: bytes) -> None:
        if b"\nready" in log and not sent:
            sent.append(log)
            os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    text = "job: {script: ['echo ready; sleep 30'], after_script: ['echo $CI_JOB_STATUS']}"
    started = time.monotonic()
    ran = run(text, out=out)

    assert time.monotonic() - started < 8
    assert (ran.result.status, ran.result.exit_code) == ("canceled", 128 + number)
    assert "canceled" in ran.lines
    assert ran.log.endswith("ERROR: Job failed: canceled\n")
    assert signal.getsignal(number) == before


def test_a_job_may_run_in_a_thread(run: Any) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(run(script("exit 5")).result.exit_code))
    thread.start()
    thread.join()

    assert codes == [5]


def test_an_error_of_the_reader_ends_the_job(run: Any) -> None:
    def out(log: bytes) -> None:
        if b"\nready" in log:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run(script("echo $$ > pid; echo ready; sleep 30"), out=out)
    assert not is_running(int((run.directory / "pid").read_text()))


def test_nothing_is_left_on_disk(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    text = script('ls -ld "$(dirname "$0")" "$0" "$FILE"; cat "$FILE"; echo x > "$HOME/made"')
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        secret = Variable("file content", file=True)
        ran = run(text, run_variables={"FILE": secret})
    finally:
        tempfile.tempdir = before

    modes = [line.split()[0] for line in ran.lines[:3]]
    assert modes == [stat.filemode(m) for m in (0o40700, 0o100600, 0o100600)]
    assert ran.lines[3] == "file content"
    assert list(folder.iterdir()) == []


def test_no_token_is_on_a_command_line(run: Any) -> None:
    seen = 'for p in $$ $BASHPID $PPID; do tr "\\0" " " < /proc/$p/cmdline; echo; done'
    ran = run(script(seen, "echo ${#T}", id_tokens="{T: {aud: a}}"))

    assert int(ran.lines[-1]) > 100
    assert "[MASKED]" not in ran.log, "it was not printed at all"
    assert any("step_script" in line for line in ran.lines)


def test_there_is_a_shell() -> None:
    assert find_shell().endswith("/bash")


def test_a_plain_sh_will_do(run: Any) -> None:
    ran = run(script("echo a", "exit 6"), options={"shell": "/bin/sh"})

    assert (ran.lines, ran.result.exit_code) == (["a"], 6)


def test_a_shell_that_does_not_start(run: Any) -> None:
    with pytest.raises(ShellUnavailable, match="could not start `/nonexistent/bash`: no such file"):
        run(script("true"), options={"shell": "/nonexistent/bash"})


def test_a_folder_that_is_not_there(run: Any) -> None:
    run.directory.rmdir()

    with pytest.raises(ShellUnavailable, match="/project`: no such file"):
        run(script("true"))


def test_a_variable_larger_than_a_process_may_have(run: Any) -> None:
    with pytest.raises(ShellUnavailable, match="argument list too long"):
        run(script("true"), given={"LARGE": "x" * 200_000})


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
