"""``valetkey upstream add|list|remove|adopt``: what is kept, what is refused, and no secret."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from msgspec.structs import replace

from cli.running import assert_in_words
from cli.upstreams import ENDPOINT, KEY, OTHER, ROLE, SECRET, assert_done, the_one
from support.processes import ACCOUNT, environment
from valetkey.credentials import open_secret_key
from valetkey.server import Home
from valetkey.store import AccountRecord, Store, UpstreamRecord


def test_an_upstream_is_kept_with_its_secret_sealed(upstream, kept, home):
    done = assert_done(upstream("add", "store", *ENDPOINT, *KEY, stdin=f"{SECRET}\n"))
    assert f"upstream store of account {ACCOUNT}: added" in done.errors
    assert "warning" not in done.errors
    record = the_one(kept())
    assert (record.service, record.endpoint, record.region) == (
        "s3",
        "https://s3.example",
        "us-east-1",
    )
    assert (record.buckets, record.path_style, record.payload) == (("*",), True, "unsigned")
    assert (record.configured, record.role, record.ca_pem) == (False, None, None)
    ring = Home(home).key_ring()
    assert open_secret_key(record.keys.sealed_secret, "AKIDEXAMPLE1", ring) == SECRET


def test_every_option_is_kept(upstream, kept, tmp_path, write):
    write(AccountRecord(account=OTHER, created=1.0))
    ca, token = trustme.CA(), tmp_path / "token"
    (tmp_path / "ca.pem").write_bytes(ca.cert_pem.bytes())
    token.write_text("x")
    words = (
        *("--service", "s3", "--region", "garage", "--account", OTHER, "--allow-account", ACCOUNT),
        *("--bucket", "a-*", "--bucket", "b", "--host-style", "--payload", "hashed", "--trailers"),
        *(*ROLE, "--web-identity-token-file", str(token), "--session-name", "acme"),
        *("--ca-file", str(tmp_path / "ca.pem")),
    )
    done = assert_done(upstream("add", "far", *ENDPOINT, *words))
    assert "warning" not in done.errors
    record = the_one(kept(), "far", OTHER)
    assert (record.region, record.accounts, record.buckets) == ("garage", (ACCOUNT,), ("a-*", "b"))
    assert (record.path_style, record.payload, record.trailers) == (False, "hashed", True)
    assert (record.role.role_arn, record.role.sts_endpoint) == (ROLE[1], ROLE[3])
    assert (record.role.token_file, record.role.session_name) == (str(token), "acme")
    assert (record.keys, record.ca_pem) == (None, ca.cert_pem.bytes().decode())


def test_the_ways_of_a_secret(upstream, kept, home, tmp_path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    key = ("--access-key-id", "AKIDEXAMPLE1")
    by_file = (*key, "--secret-key-file", str(tmp_path / "secret"))
    role = (*ROLE, "--external-id", "acme")
    assert_done(upstream("add", "a", *ENDPOINT, *by_file, VALETKEY_UPSTREAM_SECRET_KEY="other"))
    assert_done(upstream("add", "b", *ENDPOINT, *key, VALETKEY_UPSTREAM_SECRET_KEY=SECRET))
    assert_done(upstream("add", "c", *ENDPOINT, *role, *KEY, stdin=SECRET))
    ring = Home(home).key_ring()
    for name in "abc":
        keys = the_one(kept(), name).keys
        assert open_secret_key(keys.sealed_secret, keys.access_key_id, ring) == SECRET
    assert the_one(kept(), "c").role.external_id == "acme"


USAGE = [
    (("a b", *ENDPOINT), "NAME wants names of letters"),
    (("x",), "Missing option '--endpoint'"),
    (("x", "--endpoint", "https://s3.example/path"), "--endpoint wants an origin"),
    (("x", "--endpoint", "http://8.8.8.8"), "--endpoint wants `https://`"),
    (("x", *ENDPOINT, "--service", "iam"), "--service wants a service that this server does not"),
    (("x", *ENDPOINT, "--region", "EU"), "--region wants a region"),
    (("x", *ENDPOINT, "--bucket", "a/b"), "--bucket wants names of buckets"),
    (("x", *ENDPOINT, "--account", "12"), "an account id has 12 digits"),
    (("x", *ENDPOINT, "--allow-account", "*"), "an account id has 12 digits"),
    (("x", *ENDPOINT, "--payload", "none"), "'none' is not one of"),
    (("x", *ENDPOINT, "--access-key-id", "a/b"), "--access-key-id wants an access key id"),
    (("x", *ENDPOINT, "--access-key-id", "AKID"), "the secret key is not given"),
    (("x", *ENDPOINT, "--secret-key-file", "-"), "`--access-key-id` is not"),
    (("x", *ENDPOINT, *ROLE[:2]), "`--sts-endpoint` is not"),
    (("x", *ENDPOINT, *ROLE[2:]), "`--role-arn` is not"),
    (("x", *ENDPOINT, *ROLE), "nothing to assume it with"),
    (("x", *ENDPOINT, "--service", "ec2", "--bucket", "a"), "`--bucket` is for stores"),
    (("x", *ENDPOINT, "--service", "ec2", "--host-style"), "`--host-style` is for stores"),
    (
        ("x", *ENDPOINT, *ROLE, *KEY, "--web-identity-token-file", "/t"),
        "`--access-key-id` and `--web-identity-token-file` are both given",
    ),
]


@pytest.mark.parametrize(("words", "why"), USAGE, ids=[row[1] for row in USAGE])
def test_options_that_are_wrong_are_usage(upstream, kept, words, why):
    done = upstream("add", *words, stdin=SECRET)
    assert (done.code, done.output) == (2, "")
    assert why in done.errors
    assert SECRET not in done.errors
    assert list(kept().upstreams) == []


REFUSED = [
    ((*KEY,), "", "standard input is empty"),
    ((*KEY,), "two words", "standard input holds no secret key"),
    ((*KEY[:3], "/nowhere"), "", "`/nowhere` can't be read: no such file or directory"),
    (("--ca-file", "/dev/null"), "", "`/dev/null` holds no certificate"),
    (("--account", OTHER), "", f"there is no account `{OTHER}`"),
]


@pytest.mark.parametrize(("words", "stdin", "why"), REFUSED)
def test_what_can_not_be_had_is_refused(upstream, kept, words, stdin, why):
    assert_in_words(upstream("add", "x", *ENDPOINT, *words, stdin=stdin), 1, why, "help: ")
    assert list(kept().upstreams) == []


@pytest.mark.parametrize("words", [("--secret-key", SECRET), (f"--secret-key={SECRET}",)])
def test_there_is_no_option_for_the_secret_itself(upstream, words):
    done = upstream("add", "x", *ENDPOINT, *words)
    assert (done.code, SECRET in done.all) == (2, False)
    assert "Did you mean '--secret-key-file'" in done.errors


def test_what_works_and_is_worth_a_second_look(upstream):
    done = upstream("add", "plain", "--endpoint", "http://seaweedfs:8333")
    assert "warning[in-clear]: what goes to `http://seaweedfs:8333` can be read" in done.errors
    assert "warning[unsigned]: requests go to upstream `plain` unsigned" in done.errors
    done = upstream("add", "near", "--endpoint", "http://127.0.0.1:8333", *KEY, stdin="x")
    assert "warning" not in done.errors
    missing = (*ROLE, "--web-identity-token-file", "/nowhere/token")
    done = upstream("add", "waits", *ENDPOINT, *missing, "--bucket", "waits-*")
    assert "warning[token-missing]: the token file `/nowhere/token`" in done.errors
    assert "warning[shadowed]: upstream `near` serves the buckets `waits-*`" in done.errors


def test_a_name_is_taken_until_it_is_replaced(upstream, kept, write):
    upstream("add", "store", *ENDPOINT, *KEY, stdin=SECRET)
    write(replace(the_one(kept()), created=1.0))
    again = ("add", "store", "--endpoint", "https://new.example", *KEY)
    done = upstream(*again, stdin="new")
    assert_in_words(done, 1, "there is an upstream `store` already", "--replace")
    assert the_one(kept()).endpoint == "https://s3.example"
    done = assert_done(upstream(*again, "--replace", stdin="new"))
    assert "store of account 001122334455: replaced" in done.errors
    assert (the_one(kept()).endpoint, the_one(kept()).created) == ("https://new.example", 1.0)


def test_what_the_settings_say_is_changed_there(upstream, kept, write):
    upstream("add", "store", *ENDPOINT, *KEY, stdin=SECRET)
    write(replace(the_one(kept()), configured=True))
    for words in (("add", "store", *ENDPOINT, "--replace"), ("remove", "store", "--force")):
        done = upstream(*words)
        assert_in_words(done, 1, "comes from the settings file", "`[upstreams.store]`")
    assert the_one(kept()).configured
    assert "from the settings file" in upstream("list").output


def test_what_the_settings_will_say_is_not_added_before_they_do(upstream, kept, home):
    (home / "valetkey.toml").write_text('[upstreams.store]\nendpoint = "https://s3.example"\n')
    done = upstream("add", "store", *ENDPOINT)
    assert_in_words(done, 1, "comes from the settings file", "`[upstreams.store]`")
    assert list(kept().upstreams) == []


@pytest.mark.parametrize(
    "words",
    [
        ("add", "x", *ENDPOINT),
        ("list",),
        ("remove", "x"),
        ("adopt", "x", "photos", "--release"),
    ],
    ids=lambda words: words[0],
)
def test_no_state(upstream, home, words):
    shutil.rmtree(home)
    assert_in_words(upstream(*words), 1, "home-missing", "valetkey init")


def everything_in(folder: Path) -> bytes:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "keyring.json"]
    return b"".join(path.read_bytes() for path in files)


def test_as_a_program_with_a_prompt_that_shows_nothing(valetkey, home, tmp_path):
    """A terminal is asked; what is typed shows nowhere, and lies nowhere in the clear."""
    words = ["upstream", "add", "store", *ENDPOINT, "--access-key-id", "AKIDEXAMPLE1"]
    terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
    asking = subprocess.Popen(
        [sys.executable, "-c", terminal, sys.executable, "-m", "valetkey", *words],
        env=environment(tmp_path, VALETKEY_HOME=str(home), TERM="dumb"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    shown = b""
    while b"Secret key of AKIDEXAMPLE1:" not in shown:
        piece = os.read(asking.stdout.fileno(), 1024)
        assert piece, shown
        shown += piece
    rest, _ = asking.communicate(f"{SECRET}\n".encode(), timeout=60)
    shown += rest
    assert asking.returncode == 0, shown
    assert b"upstream store of account" in shown
    assert SECRET.encode() not in shown

    listed = valetkey("upstream", "list", "--json")
    assert listed.json["upstreams"][0]["credentials"]["key_ends"] == "PLE1"
    assert SECRET not in listed.all
    held = everything_in(home)
    assert b"AKIDEXAMPLE1" in held
    assert SECRET.encode() not in held
    record = UpstreamRecord
    with Store.open(home / "state.db") as store:
        kept = store.write(lambda tx: tx.get(record, ACCOUNT, "store"))
    assert SECRET not in repr(kept)
    ring = Home(home).key_ring()
    assert open_secret_key(kept.keys.sealed_secret, "AKIDEXAMPLE1", ring) == SECRET


@pytest.mark.parametrize("name", ["add", "list", "remove", "adopt"])
def test_help(upstream, name):
    done = upstream(name, "--help")
    assert (done.code, done.errors) == (0, "")
    assert done.output.startswith("Usage: ")
    assert "..." not in done.output
