"""``valetkey demo``: the main job, end to end, told so that a reader can trust it."""

import dataclasses
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

from demo.searching import JWT, search
from support.once import made_once
from support.processes import Ended, environment, run, start, stop
from valetkey.cli.demonstration import plot

LEFTOVERS = {
    "AWS_PROFILE": "another",
    "AWS_ACCESS_KEY_ID": "AKIAANOTHER",
    "AWS_SECRET_ACCESS_KEY": "another",
    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "VALETKEY_HOME": "/nowhere",
    "VALETKEY_LISTEN": "nonsense",
}
"""What lies about in the shell of somebody who works with AWS."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder in which it has run once, with a name that a shell must quote."""
    return made_once(tmp_path_factory, "a demo", run_once) / "a folder"


def run_once(base):
    env = environment(base, **LEFTOVERS)
    done = run(["valetkey", "demo", "--home", str(base / "a folder")], env, cwd=base)
    (base / "told.json").write_text(json.dumps(dataclasses.asdict(done)))


@pytest.fixture(scope="module")
def told(folder):
    return Ended(**json.loads((folder.parent / "told.json").read_text()))


def test_everything_went_as_it_should(told):
    assert told.code == 0, told.output
    assert told.errors == ""
    assert "✘" not in told.output
    assert re.search(r"everything went as it should: (\d+) of \1 checks in \d+ s", told.output)


def test_the_transcript_holds_grants_and_refusals(told):
    arn = f'"Arn": "arn:aws:sts::{plot.ACCOUNT}:assumed-role/{plot.ROLE}/GitLabRunner-20-'
    assert arn in told.output
    assert plot.REFUSAL in told.output
    assert f"User: {plot.SESSION}" in told.output
    assert plot.DENIED in told.output
    assert plot.STORE_DENIED in told.output
    assert plot.COMPUTE_DENIED in told.output
    assert "takes the fingerprint of the last certificate" in " ".join(told.output.split())


def test_a_caret_points_at_the_character_that_differs(told):
    pointed = [
        line
        for line, below in itertools.pairwise(told.output.splitlines())
        if (at := line.find("ref:main")) >= 0 and below.find("^") == at + len("ref:")
    ]
    assert pointed


def test_the_commands_are_shown_as_they_were_run(told):
    commands = [line[2:] for line in told.output.splitlines() if line.startswith("$ ")]
    assert len(commands) == 26
    assert all(command.startswith(("aws ", "valetkey ", "eval ", "cat ")) for command in commands)
    assert "--assume-role-policy-document file://trust.json" in " ".join(commands)


def test_it_is_readable_without_colour_and_whole_in_a_pipe(told):
    assert "\x1b" not in told.output
    assert any(len(line) > 200 for line in told.output.splitlines())


def test_nothing_secret_is_shown_or_written(told, folder):
    assert not re.search(JWT, told.output)
    exported = run(["valetkey", "init", "--home", str(folder / "home")], environment(folder))
    (admin,) = re.findall(r"AWS_SECRET_ACCESS_KEY=(\S+)", exported.output)
    secrets = {
        "the administrator's secret key": admin,
        "a secret's value": plot.SECRET_VALUE,
        "the other secret's value": plot.OTHER_VALUE,
    }
    assert search(folder, secrets, JWT) == []
    assert [name for name, secret in secrets.items() if secret in told.all] == []


def test_a_second_run_in_the_same_folder_kept_and_ended_by_a_signal(folder):
    env = environment(folder.parent, **LEFTOVERS)
    log = folder.parent / "second.log"
    process = start(["valetkey", "demo", "--home", str(folder), "--keep"], env, log)
    try:
        deadline = time.monotonic() + 240
        while "Ctrl-C ends it" not in (text := log.read_text()):
            assert process.poll() is None, text
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert "everything went as it should" in text
        assert "iam create-role (it is there from an earlier run)" in text
        assert plot.REFUSAL in text
        type_what_it_says(text, folder.parent)

        parts = parts_of(process.pid)
        assert len(parts) == 4  # issuer, server, store, EC2
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert [pid for pid in parts if alive(pid)] == []
        assert "stopped" in log.read_text()
    finally:
        if process.poll() is None:
            stop(process)


def type_what_it_says(text, home):
    """Go on by hand, in a shell of one's own."""
    said = text.partition("go on by hand in another terminal")[2].partition("Ctrl-C")[0]
    lines = [line.strip() for line in said.splitlines()[1:] if line.strip()]
    assert lines[0].startswith("cd ")
    typed = run(["bash", "-ec", "\n".join(lines)], environment(home))
    assert typed.code == 0, typed.all
    assert f'"RoleName": "{plot.ROLE}"' in typed.output
    assert f"assumed-role/{plot.ROLE}/" in typed.output
    assert re.search(JWT, typed.output)  # It was asked for one.


def parts_of(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, check=True)
    return [int(child) for child in found.stdout.split()]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_its_port_is_taken(tmp_path):
    """The issuer of a folder is named for a port; without it, nothing can be shown."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        env = environment(tmp_path)
        made = ["issuer", "token", "--aud", "a", "--url", f"https://localhost:{port}"]
        home = tmp_path / "home"
        assert run(["valetkey", *made, "--home", str(home)], env).code == 0
        done = run(["valetkey", "demo", "--home", str(tmp_path)], env)
    assert done.code == 1
    assert f"port `{port}`, which `issuer` needs, is taken" in done.errors
    assert "Traceback" not in done.all


def test_a_part_that_does_not_start_says_why(tmp_path):
    """The last words of the part are shown, and its folder stays."""
    (tmp_path / "home" / "state.db").parent.mkdir()
    (tmp_path / "home" / "state.db").write_bytes(b"no database" * 100)
    done = run(["valetkey", "demo", "--home", str(tmp_path)], environment(tmp_path))
    assert done.code == 1
    assert "key-ring-lost" in done.all
    assert "`server` did not start" in done.errors
    assert f"Everything that was written is in {tmp_path}" in done.output
