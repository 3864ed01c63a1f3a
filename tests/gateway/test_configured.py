"""Upstreams of the settings: what becomes of them in the store, and what a restart writes."""

import os
from pathlib import Path

import pytest
import trustme
from msgspec.structs import replace

from valetkey.credentials import KeyRing, open_secret_key, seal_secret_key
from valetkey.gateway.configured import (
    Synced,
    UnusableUpstream,
    UpstreamTaken,
    certificates,
    checked_secret,
    configured_upstreams,
    sync,
)
from valetkey.settings import Settings, UpstreamSettings, load_settings
from valetkey.store import BucketRecord, Store, UpstreamRecord

ACCOUNT, OTHER = "001122334455", "554433221100"
RING = KeyRing.generate(os.urandom, 1.0)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
CA = trustme.CA()
TEXT = f"""
region = "eu-central-1"

[upstreams.store]
endpoint = "http://127.0.0.1:8333"
access_key_id = "AKIDSTORE"
secret_access_key_file = "/run/secrets/store"
buckets = ["a-*"]
accounts = ["{OTHER}"]
ca_file = "/etc/ca.pem"

[upstreams.aws]
endpoint = "https://s3.eu-west-1.amazonaws.com"
region = "eu-west-1"
account = "{OTHER}"
path_style = false
payload = "hashed"
trailers = true
role_arn = "arn:aws:iam::123456789012:role/gateway"
sts_endpoint = "https://sts.eu-west-1.amazonaws.com"
access_key_id = "AKIDAWS"
secret_access_key_env = "AWS_SECRET"
external_id = "acme"

[upstreams.ec2]
service = "ec2"
endpoint = "https://ec2.example"
role_arn = "arn:aws:iam::123456789012:role/gateway"
sts_endpoint = "https://sts.example"
web_identity_token_file = "/run/token"
session_name = "acme"
"""
FILES = {
    "/run/secrets/store": f"{SECRET}\n".encode(),
    "/etc/ca.pem": b"# ours\n" + CA.cert_pem.bytes() + CA.private_key_pem.bytes(),
}


def read_file(path):
    if path not in FILES:
        raise FileNotFoundError(2, "No such file or directory", path)
    return FILES[path]


def seal(secret, key_id, ring=RING):
    return seal_secret_key(secret, key_id, ring, os.urandom)


def open_secret(keys):
    return open_secret_key(keys.sealed_secret, keys.access_key_id, RING)


def records(text=TEXT, **given):
    settings = text if isinstance(text, Settings) else load_settings(text, "f", {})
    given = {
        "account": ACCOUNT,
        "read_file": read_file,
        "environ": {"AWS_SECRET": "second"},
        "seal": seal,
        "now": 5.0,
        **given,
    }
    return configured_upstreams(settings, **given)


def test_what_the_settings_say_becomes_records():
    store, aws, ec2 = records()
    assert (store.account, store.name, store.service) == (ACCOUNT, "store", "s3")
    assert (store.region, store.buckets, store.accounts) == ("eu-central-1", ("a-*",), (OTHER,))
    assert (store.created, store.configured, store.role) == (5.0, True, None)
    assert (store.keys.access_key_id, open_secret(store.keys)) == ("AKIDSTORE", SECRET)
    assert (aws.account, aws.region, aws.path_style) == (OTHER, "eu-west-1", False)
    assert (aws.payload, aws.trailers, open_secret(aws.keys)) == ("hashed", True, "second")
    assert (aws.role.external_id, aws.role.session_name) == ("acme", "valetkey")
    assert (ec2.keys, ec2.service, ec2.ca_pem) == (None, "ec2", None)
    assert (ec2.role.token_file, ec2.role.session_name) == ("/run/token", "acme")


def test_of_a_ca_file_only_the_certificates_are_kept():
    (store, *_) = records()
    assert store.ca_pem == CA.cert_pem.bytes().decode()


def test_without_upstreams_there_are_none():
    assert records(Settings(), account=None) == ()


UNUSABLE = [
    ({"account": None}, "upstream `store` does not say whose it is"),
    ({"environ": {}}, "there is no environment variable `AWS_SECRET`"),
    ({"environ": {"AWS_SECRET": ""}}, "the environment variable `AWS_SECRET` is empty"),
    ({"files": {"/run/secrets/store": None}}, "can't be read: no such file or directory"),
    ({"files": {"/run/secrets/store": b"\n"}}, "the file `/run/secrets/store` is empty"),
    ({"files": {"/run/secrets/store": b"two words"}}, "holds no secret key"),
    ({"files": {"/run/secrets/store": b"two\nlines"}}, "holds no secret key"),
    ({"files": {"/run/secrets/store": b"\xff\x00"}}, "holds no secret key"),
    ({"files": {"/run/secrets/store": b"x" * 1025}}, "holds no secret key"),
    ({"files": {"/etc/ca.pem": b"no PEM"}}, "`/etc/ca.pem` holds no certificate"),
    ({"files": {"/etc/ca.pem": CA.private_key_pem.bytes()}}, "holds no certificate"),
    ({"files": {"/etc/ca.pem": None}}, "`/etc/ca.pem` can't be read"),
]


@pytest.mark.parametrize(("given", "words"), UNUSABLE)
def test_what_can_not_be_used_is_said_with_its_remedy(given, words):
    files = {**FILES, **given.get("files", {})}

    def read(path):
        if files[path] is None:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path]

    rest = {name: value for name, value in given.items() if name != "files"}
    with pytest.raises(UnusableUpstream) as refused:
        records(**{"read_file": read, **rest})
    assert words in refused.value.message
    assert refused.value.help
    for held in ("two", "lines", "x" * 9, SECRET):
        assert held not in refused.value.message + refused.value.help


@pytest.mark.parametrize("text", [SECRET, f"{SECRET}\n", f"{SECRET}\r\n"])
def test_a_line_break_at_the_end_is_no_part_of_a_secret(text):
    assert checked_secret("x", text, "the file") == SECRET


def test_several_certificates_are_all_kept():
    both = CA.cert_pem.bytes() + trustme.CA().cert_pem.bytes()
    given = UpstreamSettings(endpoint="https://a", ca_file="/ca")
    kept = certificates("x", given, read_file=lambda _: both)
    assert kept.count("BEGIN CERTIFICATE") == 2


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "state.db") as opened:
        yield opened


def synced(store, *wanted):
    return store.write(lambda tx: sync(tx, wanted, open_secret))


def test_a_restart_writes_nothing(store):
    assert synced(store, *records()) == Synced(("store", "aws", "ec2"))
    before = store.directory()
    again = records(now=99.0)
    assert (
        again[0].keys.sealed_secret != before.upstreams.named(ACCOUNT, "store").keys.sealed_secret
    )
    assert synced(store, *again) == Synced()
    assert store.directory() is before


CHANGES = [
    ("buckets", ("b-*",)),
    ("endpoint", "https://other"),
    ("accounts", ()),
    ("ca_pem", None),
    ("keys", None),
    ("trailers", True),
    ("features", "basic"),
]


@pytest.mark.parametrize(("field", "value"), CHANGES)
def test_what_changed_is_written_and_keeps_its_age(store, field, value):
    first, *rest = records()
    synced(store, first, *rest)
    changed = replace(first, created=77.0, **{field: value})
    assert synced(store, changed, *rest) == Synced(("store",))
    kept = store.directory().upstreams.named(ACCOUNT, "store")
    assert (getattr(kept, field), kept.created) == (value, 5.0)


@pytest.mark.parametrize(
    ("old", "new"), [("AKIDSTORE", "AKIDOTHER"), ("/run/secrets/store", "/run/secrets/new")]
)
def test_another_key_or_secret_is_written(store, monkeypatch, old, new):
    monkeypatch.setitem(FILES, "/run/secrets/new", b"another")
    synced(store, *records())
    assert synced(store, *records(TEXT.replace(old, new))).written == ("store",)


def test_a_secret_that_opens_no_more_is_written_anew(store):
    lost = KeyRing.generate(os.urandom, 1.0)
    synced(store, *records(seal=lambda secret, key: seal(secret, key, lost)))
    assert synced(store, *records()).written == ("store", "aws")
    assert open_secret(store.directory().upstreams.named(ACCOUNT, "store").keys) == SECRET
    assert synced(store, *records()) == Synced()


def test_what_stands_there_no_longer_goes_and_what_was_added_by_hand_stays(store):
    by_hand = UpstreamRecord(
        account=ACCOUNT, name="hand", service="s3", endpoint="https://x", region="r", created=1.0
    )
    bucket = BucketRecord(
        account="aws",
        name="photos",
        owner=OTHER,
        upstream_account=ACCOUNT,
        upstream="store",
        created=1.0,
        region="r",
    )
    store.write(lambda tx: [tx.put(by_hand), tx.put(bucket)])
    synced(store, *records())
    assert synced(store) == Synced((), ("ec2", "store", "aws"))
    after = store.directory().upstreams
    assert list(after) == [by_hand]
    # Nobody else's store takes the bucket over.
    assert after.place("photos") is None
    assert synced(store) == Synced()


def test_another_account_is_another_upstream(store):
    synced(store, *records())
    moved = records(TEXT.replace('buckets = ["a-*"]', f'account = "{OTHER}"'))
    assert synced(store, *moved) == Synced(("store",), ("store",))
    assert store.directory().upstreams.named(ACCOUNT, "store") is None


def test_a_name_that_was_added_by_hand_is_refused_and_nothing_changes(store):
    first, *rest = records()
    store.write(lambda tx: tx.put(replace(first, configured=False)))
    before = store.directory()
    with pytest.raises(UpstreamTaken) as refused:
        synced(store, first, *rest)
    assert "upstream `store`" in refused.value.message
    assert "valetkey upstream remove store" in refused.value.help
    assert store.directory() is before


def test_no_secret_is_in_the_database(store, tmp_path):
    synced(store, *records())
    store.close()
    held = b"".join(path.read_bytes() for path in Path(tmp_path).iterdir())
    assert b"AKIDSTORE" in held
    assert SECRET.encode() not in held
    assert b"PRIVATE KEY" not in held
    assert SECRET not in repr(records())
