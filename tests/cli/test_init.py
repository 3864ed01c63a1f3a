"""``valetkey init``: the first state, once, and for its owner only."""

import os
import shlex
import stat
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from cli.running import assert_in_words
from support.processes import ACCOUNT, environment, exports, run

NAMES = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
}


def test_the_second_call_changes_nothing_and_says_so(valetkey, tmp_path):
    first = valetkey("init", "--account-id", ACCOUNT)
    assert first.code == 0
    assert f"account {ACCOUNT} in {tmp_path}/home: created" in first.errors
    before = contents(tmp_path / "home")
    for words in ((), ("--account-id", ACCOUNT)):
        again = valetkey("init", *words)
        assert (again.code, again.output) == (0, first.output)
        assert "exists already; nothing was changed" in again.errors
    assert contents(tmp_path / "home") == before


def contents(folder):
    """Return what every file but SQLite's own bookkeeping holds, read by another process."""
    listed = run(["sh", "-c", f"cd {folder} && sha256sum keyring.json state.db"], os.environ)
    assert listed.code == 0
    return listed.output


def test_only_the_owner_may_read_it(valetkey, tmp_path):
    old = os.umask(0)
    try:
        assert valetkey("init").code == 0
    finally:
        os.umask(old)
    home = tmp_path / "home"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert {"keyring.json", "state.db"} <= set(modes)
    assert {name: mode for name, mode in modes.items() if mode != 0o600} == {}


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_a_shell_evaluates_what_is_printed(tmp_path, shell):
    """What lies about from other shells is taken away; values are quoted."""
    home = tmp_path / "a home of 'mine'"
    own = shlex.join([sys.executable, "-m", "valetkey", "init", "--home", str(home)])
    env = environment(tmp_path, AWS_SESSION_TOKEN="old", AWS_PROFILE="other")
    done = run([shell, "-c", f'eval "$({own})" && env'], env)
    assert done.code == 0, done.errors
    found = dict(line.split("=", 1) for line in done.output.splitlines() if line.startswith("AWS_"))
    assert set(found) >= NAMES
    assert "AWS_SESSION_TOKEN" not in found
    assert "AWS_PROFILE" not in found
    assert found["AWS_ACCESS_KEY_ID"].startswith("AKIA")
    assert len(found["AWS_SECRET_ACCESS_KEY"]) == 40
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:8080"


def test_the_endpoint_and_the_region_are_those_of_the_settings(valetkey, home):
    (home / "valetkey.toml").write_text('listen = "0.0.0.0:9443"\nregion = "eu-central-1"\n')
    found = exports(valetkey("init").output)
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9443"
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "eu-central-1"


def test_each_home_has_keys_of_its_own(valetkey, tmp_path):
    one, two = (exports(valetkey("init", "--home", str(tmp_path / name)).output) for name in "ab")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert one[name] != two[name]


def test_several_first_calls_at_once_make_one_state(valetkey):
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(valetkey, "init") for _ in range(4)]
    done = [call.result() for call in calls]
    assert [call.code for call in done] == [0] * 4, done
    assert len({call.output for call in done}) == 1
    assert sum("created" in call.errors for call in done) == 1


@pytest.mark.parametrize("account", ["", "12", "12345678901x", "1234567890123", "\uff11" * 12])
def test_an_account_id_that_is_none(valetkey, tmp_path, account):
    assert_in_words(valetkey("init", "--account-id", account), 2, "an account id has 12 digits")
    assert not (tmp_path / "home").exists()


def test_another_account(valetkey, home):
    done = valetkey("init", "--account-id", "999999999999")
    assert_in_words(done, 1, "other-account", ACCOUNT, "help: use another --home")


def test_a_home_that_can_not_be(valetkey, tmp_path):
    (tmp_path / "file").write_text("")
    done = valetkey("init", "--home", str(tmp_path / "file"))
    assert_in_words(done, 1, "error[system]: file exists", f"`{tmp_path}/file`")
    done = valetkey("init", "--home", str(tmp_path / "file" / "below"))
    assert_in_words(done, 1, "error[system]: not a directory")


def test_a_lost_key_ring_is_not_made_anew(valetkey, home):
    """A new one would open nothing, and stand in the way of the old one's return."""
    ring = home / "keyring.json"
    kept = ring.read_bytes()
    ring.unlink()
    assert_in_words(valetkey("init"), 1, "key-ring-lost", "bring the key ring back")
    assert not ring.exists()
    ring.write_bytes(kept)
    assert valetkey("init").code == 0


@pytest.mark.parametrize("name", ["keyring.json", "state.db", "valetkey.toml"])
@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x = 1", b"no database" * 99])
def test_broken_files_are_named(valetkey, home, name, content):
    (home / name).write_bytes(content)
    for rest in home.glob("state.db-*"):
        rest.unlink()
    assert_in_words(valetkey("init"), 1, "error[")
