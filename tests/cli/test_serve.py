"""``valetkey serve``: its options, what it refuses to start with, and how it ends."""

import os
import signal
import time
import urllib.request
from pathlib import Path

import pytest

from cli.running import ROLE_ARN, assert_in_words, client, exchange
from support.ports import free_port
from support.processes import environment, open_site, start, stop, wait_until_answers


@pytest.fixture
def serve(valetkey, home, tmp_path):
    """Start a server on the home, and end it after the test."""
    started = []

    def command(*words, url, **variables):
        env = environment(tmp_path, VALETKEY_HOME=str(home), **variables)
        log = tmp_path / "server.log"
        process = start(["valetkey", "serve", *words], env, log)
        started.append(process)
        wait_until_answers(f"{url}/_valetkey/healthz", process, log)
        return process

    yield command
    for process in started:
        if process.poll() is None:
            stop(process)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_being_told_to_end_is_no_failure(serve, tmp_path, workers, number):
    url = f"http://127.0.0.1:{free_port()}"
    process = serve("--listen", url.removeprefix("http://"), "--workers", workers, url=url)
    process.send_signal(number)
    assert process.wait(20) == 0
    log = (tmp_path / "server.log").read_text()
    assert f"valetkey serves {url} from {tmp_path}/home" in log
    assert "Traceback" not in log


def test_options_stand_above_the_environment_and_that_above_the_file(serve, home, tmp_path):
    first, second, third = (f"127.0.0.1:{free_port()}" for _ in range(3))
    (tmp_path / "other.toml").write_text(f'listen = "{first}"\n')
    config = ("--config", str(tmp_path / "other.toml"))
    serve(*config, url=f"http://{first}")
    serve(*config, url=f"http://{second}", VALETKEY_LISTEN=second)
    serve(*config, "--listen", third, url=f"http://{third}", VALETKEY_LISTEN=first)


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(tmp_path):
    with open_site(tmp_path, "--workers", "2") as site:
        iam = client(site, "iam")
        iam.create_user(UserName="before")
        server = site.processes["server"]
        killed, other = workers_of(server.pid)
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while len(now := workers_of(server.pid)) < 2 or killed in now:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert other in now
        wait_until_answers(f"{site.endpoint}/_valetkey/readyz", server, site.log("server"))
        assert iam.get_user(UserName="before")["User"]["UserName"] == "before"
        iam.close()
        assert site.stop("server") == 0


def workers_of(pid):
    """Return the ids of the processes that serve, of those that a server has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in command_line(child)]


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.mark.parametrize(
    ("words", "code", "parts"),
    [
        (("--workers", "0"), 2, ("0 is not in the range 1<=x<=256",)),
        (("--workers", "many"), 2, ("'many' is not a valid integer",)),
        (("--tls-cert", "x"), 2, ("--tls-cert and --tls-key go together",)),
        (("--config", "/nowhere"), 2, ("'/nowhere' does not exist",)),
        (("extra",), 2, ("unexpected extra argument (extra)",)),
        (("--listen", "8080"), 1, ("bad-setting", "wants an address and a port", "^^^^")),
        (("--listen", "127.0.0.1:99999"), 1, ("bad-setting",)),
        (("--listen", "192.0.2.1:1"), 1, ("can't listen on `192.0.2.1:1`: cannot assign",)),
        (
            ("--tls-cert", "/nowhere/c", "--tls-key", "/nowhere/k"),
            1,
            ("no such file or directory: `/nowhere/c`",),
        ),
        (("--tls-cert", "no.pem", "--tls-key", "no.pem"), 1, ("unusable-certificate", "`no.pem`")),
    ],
)
def test_what_it_does_not_start_with(valetkey, home, words, code, parts):
    (home.parent / "no.pem").write_text("this is no PEM file\n")
    assert_in_words(valetkey("serve", *words), code, *parts)


def test_no_state(valetkey):
    assert_in_words(valetkey("serve"), 1, "home-missing", "valetkey init --home")


def test_a_setting_that_does_not_exist(valetkey, home):
    (home / "valetkey.toml").write_text('listen = "127.0.0.1:0"\nworker = 3\n')
    done = valetkey("serve")
    assert_in_words(done, 1, "valetkey.toml:2:1", "^^^^^^", "`workers`")


def test_an_address_that_is_taken(valetkey, site):
    for workers in ("1", "2"):
        listen = f"127.0.0.1:{site.server_port}"
        done = site.valetkey("serve", "--listen", listen, "--workers", workers)
        assert_in_words(done, 1, f"can't listen on `{listen}`: address already in use")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_database_that_is_none_stops_the_start(valetkey, home, workers):
    (home / "state.db").write_bytes(b"no database at all" * 100)
    for rest in home.glob("state.db-*"):
        rest.unlink()
    listen = f"127.0.0.1:{free_port()}"
    done = valetkey("serve", "--listen", listen, "--workers", workers)
    assert_in_words(done, 1, "the file is no database")


def test_everything_of_our_own_says_nothing_to_strangers(site):
    for name in ("healthz", "readyz"):
        with urllib.request.urlopen(f"{site.endpoint}/_valetkey/{name}", timeout=10) as answer:
            assert answer.status == 200
    assert exchange(site, "no token", ROLE_ARN)[0] == 400
