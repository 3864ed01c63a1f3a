"""``valetkey upstream test``: at a real store, at none, and what is made of its steps."""

import pytest

from cli.running import assert_in_words
from cli.upstreams import ENDPOINT, SECRET, assert_done
from support.ports import refusing_port
from support.processes import ACCOUNT
from valetkey.cli.upstream_probing import Report
from valetkey.gateway.upstream.probe import ProbeStep
from valetkey.store import UpstreamRecord


@pytest.fixture
def added(upstream, seaweed_store):
    """Add the store, with its key or another one."""

    def add(name="store", *words, secret=seaweed_store.secret_key):
        key = ("--access-key-id", seaweed_store.access_key_id, "--secret-key-file", "-")
        endpoint = ("--endpoint", seaweed_store.endpoint)
        assert_done(upstream("add", name, *endpoint, *key, *words, stdin=secret))

    return add


def buckets(store):
    return {one["Name"] for one in store.client().list_buckets()["Buckets"]}


def test_a_store_that_can_do_it_all(upstream, added, seaweed_store):
    added()
    before = buckets(seaweed_store)
    done = upstream("test", "store")
    assert done.code == 0, done
    lines = done.output.splitlines()
    assert [line[:4] for line in lines] == ["yes "] * len(lines)
    names = {line[5:22].strip() for line in lines}
    assert {"reachable", "put", "conditional put", "multipart", "unsigned trailer"} <= names
    assert "what fits it better: --payload unsigned --trailers" in done.errors
    assert seaweed_store.secret_key not in done.all
    assert buckets(seaweed_store) == before


def test_as_json_in_a_bucket_that_is_there(upstream, added, seaweed_store):
    added("store", "--trailers")
    seaweed_store.make_bucket("tried-by-the-probe")
    done = upstream("test", "store", "--bucket", "tried-by-the-probe", "--json")
    assert (done.code, done.errors) == (0, "")
    report = done.json
    assert (report["upstream"], report["account"]) == ("store", ACCOUNT)
    assert (report["usable"], report["missing"]) == (True, [])
    assert report["advice"]["payload"] == "unsigned"
    steps = {step["name"]: step["ok"] for step in report["steps"]}
    assert steps["put"] is True
    # What would change the bucket for others is not tried in one that is theirs.
    assert steps["versioning"] is None
    assert "tried-by-the-probe" in buckets(seaweed_store)
    assert "Contents" not in seaweed_store.client().list_objects_v2(Bucket="tried-by-the-probe")


def test_a_key_that_the_store_does_not_take(upstream, added, seaweed_store):
    added(secret=SECRET)
    done = upstream("test", "store")
    assert done.code == 1
    assert "`SignatureDoesNotMatch`" in done.output
    assert "upstream store can't be used as it is set: `bucket`" in done.errors
    assert SECRET not in done.all
    done = upstream("test", "store", "--json")
    assert (done.code, done.json["usable"], done.json["advice"]) == (1, False, None)


def test_nobody_there(upstream):
    for name, service in (("store", "s3"), ("ec2", "ec2")):
        with refusing_port() as port:
            upstream("add", name, "--endpoint", f"http://127.0.0.1:{port}", "--service", service)
            done = upstream("test", name)
        assert done.code == 1
        assert done.output.splitlines() == [
            f"no   reachable         upstream `{name}` can't be reached: connection refused"
        ]
        assert f"upstream {name} can't be used as it is set: `reachable`" in done.errors


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("stroe",), 1, "did you mean `store`?"),
        (("store", "--account", "1"), 2, "an account id has 12 digits"),
        (("store", "--bucket", "a/b"), 2, "that is no bucket's name"),
        ((), 2, "Missing argument 'NAME'"),
    ],
)
def test_what_is_not_tried(upstream, words, code, why):
    upstream("add", "store", *ENDPOINT)
    assert_in_words(upstream("test", *words), code, why)


ALL = ("reachable", "credentials", "bucket", "put", "put with its hash", "signed chunks")
MORE = ("unsigned trailer", "signed trailer", "copy", "clean up")
REPORTS = [
    ("unsigned", False, (), (), "--payload unsigned --trailers"),
    ("unsigned", True, (), (), ""),
    ("unsigned", True, ("copy", "signed trailer"), (), ""),
    ("unsigned", True, ("unsigned trailer",), ("unsigned trailer",), "--payload unsigned"),
    ("unsigned", False, ("put",), ("put",), "--payload chunked --trailers"),
    ("chunked", True, ("put", "unsigned trailer"), (), ""),
    ("chunked", True, ("signed trailer",), ("signed trailer",), "--payload unsigned --trailers"),
    ("hashed", False, ("put", "signed chunks"), (), ""),
    ("hashed", False, ("put with its hash",), ("put with its hash",), "--payload unsigned"),
    ("unsigned", False, ("put", "signed chunks", "put with its hash"), ("put",), ""),
    ("unsigned", True, ("clean up",), ("clean up",), ""),
]


@pytest.mark.parametrize(("payload", "trailers", "failed", "missing", "fitting"), REPORTS)
def test_a_report_is_judged_by_what_is_set(payload, trailers, failed, missing, fitting):
    record = UpstreamRecord(
        account=ACCOUNT,
        name="store",
        service="s3",
        endpoint="https://s3.example",
        region="us-east-1",
        created=1.0,
        payload=payload,
        trailers=trailers,
    )
    steps = [ProbeStep(name, name not in failed, "", 0.0) for name in (*ALL, *MORE)]
    report = Report(record, steps)
    assert (report.missing, report.usable) == (missing, not missing)
    assert report.fitting.startswith(fitting)
    assert bool(report.fitting) == bool(fitting)
