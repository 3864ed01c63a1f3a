"""``valetkey upstream list|remove|adopt``: what is shown, whose a bucket is, what is refused."""

import json
import subprocess
import sys

import pytest
from msgspec.structs import replace

from cli.running import assert_in_words
from cli.upstreams import ENDPOINT, KEY, OTHER, ROLE, SECRET, assert_done, the_one
from support.processes import ACCOUNT
from valetkey.store import AccountRecord, BucketRecord


def test_the_list_tells_everything_but_secrets(upstream, write, tmp_path):
    assert "there is no upstream" in upstream("list").errors
    (tmp_path / "token").write_text("x")
    token = ("--web-identity-token-file", str(tmp_path / "token"))
    upstream("add", "store", *ENDPOINT, *KEY, "--bucket", "a-*", stdin=SECRET)
    upstream("add", "aws", *ENDPOINT, *ROLE, *token, "--allow-account", OTHER)
    upstream("add", "ec2", *ENDPOINT, "--service", "ec2", *ROLE, *KEY, stdin=SECRET)
    upstream(
        "add", "open", "--endpoint", "https://o", "--access-key-id", "any", *KEY[2:], stdin="x"
    )
    upstream("add", "bare", *ENDPOINT, "--bucket", "b")
    write(AccountRecord(account=OTHER, created=1.0))
    upstream("adopt", "store", "photos", "--account", OTHER)
    done = upstream("list")
    assert (done.code, done.errors) == (0, "")
    for line in (
        f"store (account {ACCOUNT}, from upstream add)",
        "  endpoint     s3 at https://s3.example, us-east-1",
        "  credentials  access key …PLE1",
        "  buckets      a-* (in the path)",
        f"  credentials  {ROLE[1]} with the token in {tmp_path}/token",
        f"  credentials  {ROLE[1]} with access key …PLE1",
        "  credentials  access key …",
        "  credentials  none: requests go on unsigned",
        f"  serves too   {OTHER}",
        f"bucket photos in store: account {OTHER}",
    ):
        assert line in done.output.splitlines()
    listed = upstream("list", "--json").json
    assert [one["name"] for one in listed["upstreams"]] == ["aws", "bare", "ec2", "open", "store"]
    assert [one["credentials"]["kind"] for one in listed["upstreams"]] == [
        "web-identity",
        "none",
        "assumed-role",
        "access-key",
        "access-key",
    ]
    assert listed["upstreams"][-1]["credentials"] == {"kind": "access-key", "key_ends": "PLE1"}
    assert listed["buckets"] == [
        {
            "name": "photos",
            "owner": OTHER,
            "upstream": "store",
            "upstream_account": ACCOUNT,
            "region": "us-east-1",
            "policy": False,
        }
    ]
    assert listed["problems"] == []
    for text in (done.output, json.dumps(listed)):
        assert SECRET not in text
        assert "AKIDEXAMPLE1" not in text


def test_a_bucket_is_adopted_and_released(upstream, kept, write):
    write(AccountRecord(account=OTHER, created=1.0))
    for name in ("store", "two"):
        upstream("add", name, *ENDPOINT, "--account", ACCOUNT)
    done = assert_done(upstream("adopt", "store", "photos", "--account", OTHER))
    assert f"bucket photos in upstream store belongs to account {OTHER}" in done.errors
    assert f"--allow-account {OTHER}" in done.errors
    place = kept().upstreams.place("photos")
    assert (place.owner, place.upstream.name, place.record.region) == (OTHER, "store", "us-east-1")
    # Said twice it is as true as before; an owner or a place changes by force only.
    assert_done(upstream("adopt", "store", "photos", "--account", OTHER))
    for words in (("store", "photos", "--account", ACCOUNT), ("two", "photos", "--account", OTHER)):
        done = upstream("adopt", *words)
        assert_in_words(done, 1, f"bucket `photos` belongs to account `{OTHER}`", "--force")
    write(replace(place.record, policy='{"Statement": []}'))
    assert_done(upstream("adopt", "two", "photos", "--account", ACCOUNT, "--force"))
    place = kept().upstreams.place("photos")
    assert (place.owner, place.upstream.name) == (ACCOUNT, "two")
    assert place.record.policy == '{"Statement": []}'

    done = upstream("adopt", "store", "photos", "--release")
    assert_in_words(done, 1, "`photos` has no owner of its own in upstream `store`")
    done = upstream("adopt", "two", "photos", "--release")
    assert_in_words(done, 1, "bucket `photos` has a policy", "--force")
    assert_done(upstream("adopt", "two", "photos", "--release", "--force"))
    assert kept().upstreams.place("photos").record is None


ADOPTIONS = [
    (("store", "photos"), 2, "give either --account or --release"),
    (("store", "photos", "--release", "--account", ACCOUNT), 2, "give either"),
    (("store", "a/b", "--account", ACCOUNT), 2, "that is no bucket's name"),
    (("store", "photos", "--account", "1"), 2, "an account id has 12 digits"),
    (("store", "photos", "--account", OTHER), 1, f"there is no account `{OTHER}`"),
    (("stroe", "photos", "--account", ACCOUNT), 1, "did you mean `store`?"),
    (("ec2", "photos", "--account", ACCOUNT), 1, "holds no buckets"),
    (("store", "photos", "--release"), 1, "has no owner of its own"),
]


@pytest.mark.parametrize(("words", "code", "why"), ADOPTIONS)
def test_adoptions_that_are_refused(upstream, kept, words, code, why):
    upstream("add", "store", *ENDPOINT)
    upstream("add", "ec2", *ENDPOINT, "--service", "ec2")
    assert_in_words(upstream("adopt", *words), code, why)
    assert list(kept().upstreams.buckets()) == []


def test_an_upstream_with_owned_buckets_is_not_removed_by_accident(upstream, kept):
    upstream("add", "store", *ENDPOINT)
    for number in range(12):
        upstream("adopt", "store", f"photos-{number:02}", "--account", ACCOUNT)
    done = upstream("remove", "store")
    assert_in_words(done, 1, "`photos-00`, `photos-01`", "`photos-09` and 2 more", "--force")
    the_one(kept())
    done = assert_done(upstream("remove", "store", "--force"))
    assert "upstream store of account 001122334455: removed" in done.errors
    assert "buckets out of reach now: 12" in done.errors
    assert kept().upstreams.place("photos-00") is None
    listed = upstream("list")
    assert "bucket `photos-00`: its upstream `store` is not there" in listed.errors
    assert_done(upstream("adopt", "store", "photos-00", "--release"))
    assert "photos-00" not in upstream("list").all


def test_an_upstream_is_removed(upstream, kept):
    upstream("add", "store", *ENDPOINT)
    assert_in_words(upstream("remove", "sotre"), 1, "no upstream `sotre`", "did you mean `store`?")
    assert_in_words(upstream("remove", "store", "--account", OTHER), 1, f"of account `{OTHER}`")
    assert_done(upstream("remove", "store"))
    assert list(kept().upstreams) == []
    assert_in_words(upstream("remove", "store"), 1, "valetkey upstream list")


def test_of_several_accounts_one_is_named(upstream, kept, write):
    write(AccountRecord(account=OTHER, created=1.0))
    done = upstream("add", "store", *ENDPOINT)
    assert_in_words(done, 1, "there is more than one account", f"`{ACCOUNT}`, `{OTHER}`")
    for account in (ACCOUNT, OTHER):
        assert_done(upstream("add", "store", *ENDPOINT, "--account", account))
    assert_in_words(upstream("remove", "store"), 1, "more than one upstream `store`", OTHER)
    done = upstream("adopt", "store", "photos", "--account", ACCOUNT)
    assert_in_words(done, 1, "more than one upstream `store`")
    words = ("store", "photos", "--account", ACCOUNT, "--upstream-account", OTHER)
    assert_done(upstream("adopt", *words))
    assert kept().upstreams.place("photos").upstream.account == OTHER
    assert_done(upstream("remove", "store", "--account", ACCOUNT))
    assert [one.account for one in kept().upstreams] == [OTHER]


def test_what_can_not_be_read_is_shown_and_can_be_removed(upstream, kept, home):
    upstream("add", "store", *ENDPOINT)
    upstream("adopt", "store", "photos", "--account", ACCOUNT)
    damage = "UPDATE records SET body = x'00' WHERE kind IN ('upstream', 'bucket')"
    subprocess.run(
        [sys.executable, "-c", DAMAGE, str(home / "state.db"), damage], check=True, timeout=30
    )
    listed = upstream("list")
    assert "upstream `store`: " in listed.errors
    assert "bucket `photos`: " in listed.errors
    assert_in_words(upstream("remove", "store"), 1, "can't be read", "--force")
    assert_in_words(upstream("adopt", "store", "photos", "--release"), 1, "can't be read")
    assert_done(upstream("adopt", "store", "photos", "--release", "--force"))
    assert_done(upstream("remove", "store", "--force"))
    assert kept().unreadable == ()


DAMAGE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
with connection:
    connection.execute(sys.argv[2])
    connection.execute("UPDATE meta SET revision = revision + 1")
connection.close()
"""


def test_a_bucket_record_is_of_the_whole_partition(upstream, kept):
    upstream("add", "store", *ENDPOINT)
    upstream("adopt", "store", "photos", "--account", ACCOUNT)
    (record,) = kept().upstreams.buckets()
    assert isinstance(record, BucketRecord)
    assert (record.account, record.owner, record.upstream_account) == ("aws", ACCOUNT, ACCOUNT)
