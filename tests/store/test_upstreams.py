"""Upstreams and buckets: which one a request is for, and nothing where that is not certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.making import ACCOUNT, ALLOW_ALL, BROKEN, OTHER, bucket, upstream
from valetkey.policy import glob
from valetkey.store import Upstreams

THIRD = "000000000001"

LOGS = upstream("logs", buckets=("logs-*", "audit"))
STORE = upstream("store", accounts=(OTHER,))
EC2 = upstream("ec2", service="ec2", accounts=(OTHER,))
THEIRS = upstream("ec2", OTHER, service="ec2", buckets=("*",))
FAR = upstream("far", OTHER, buckets=("far-?",))
ALL = (STORE, FAR, THEIRS, EC2, LOGS)

OWNED = bucket("owned", OTHER)
FARAWAY = bucket("logs-far", ACCOUNT, upstream_account=OTHER, upstream="far")
LOST = bucket("logs-lost", upstream="gone")
NO_STORE = bucket("logs-ec2", upstream="ec2")
BUCKETS = {record.name: record for record in (OWNED, FARAWAY, LOST, NO_STORE)}


def known(upstreams=ALL, buckets=BUCKETS, **unreadable):
    return Upstreams(upstreams, buckets, **unreadable)


PLACES = [
    # By a record: that one's upstream and owner, whatever the patterns say.
    ("owned", OTHER, STORE, OWNED),
    ("logs-far", ACCOUNT, FAR, FARAWAY),
    # By the first pattern, in the order of accounts and names.
    ("logs-1", ACCOUNT, LOGS, None),
    ("logs-", ACCOUNT, LOGS, None),
    ("audit", ACCOUNT, LOGS, None),
    ("audits", ACCOUNT, STORE, None),
    ("LOGS-1", ACCOUNT, STORE, None),
    ("xlogs-1", ACCOUNT, STORE, None),
    ("far-1", ACCOUNT, STORE, None),
]


@pytest.mark.parametrize(("name", "owner", "at", "record"), PLACES, ids=[row[0] for row in PLACES])
def test_a_bucket_is_where_its_record_or_the_first_pattern_says(name, owner, at, record):
    assert known().place(name) == (name, owner, at, record)


@pytest.mark.parametrize("name", ["logs-lost", "logs-ec2"])
def test_a_bucket_whose_store_is_gone_is_nowhere(name):
    assert known().place(name) is None


def test_a_bucket_may_be_made_in_every_store_that_fits_unless_somebody_has_it():
    assert list(known().stores_for("logs-1")) == [LOGS, STORE]
    assert list(known().stores_for("far-1")) == [STORE, FAR]
    for name in BUCKETS:
        assert list(known().stores_for(name)) == []
    assert list(known(unreadable_buckets=["logs-1"]).stores_for("logs-1")) == []
    assert list(known(unreadable=[(ACCOUNT, "m")]).stores_for("logs-1")) == [LOGS]


def test_lost_buckets_are_listed():
    assert set(known().lost()) == {LOST, NO_STORE}
    assert set(known().buckets()) == set(BUCKETS.values())


def test_without_an_upstream_that_fits_a_bucket_is_nowhere():
    assert known((LOGS, EC2)).place("photos") is None
    assert known((upstream(buckets=()),)).place("photos") is None
    assert known(()).place("photos") is None


SERVICES = [
    ("ec2", ACCOUNT, EC2),
    ("ec2", OTHER, THEIRS),
    ("ec2", THIRD, None),
    ("s3", ACCOUNT, LOGS),
    ("s3", OTHER, FAR),
    ("sqs", ACCOUNT, None),
    ("EC2", ACCOUNT, None),
    ("", ACCOUNT, None),
]


@pytest.mark.parametrize(("service", "account", "want"), SERVICES)
def test_an_account_has_its_own_upstream_before_others(service, account, want):
    assert known().of_service(service, account) == want


def test_an_upstream_of_others_serves_the_accounts_that_it_names():
    assert known((EC2,)).of_service("ec2", OTHER) is EC2
    assert known((EC2,)).of_service("ec2", THIRD) is None
    assert known((upstream(service="ec2"),)).of_service("ec2", OTHER) is None


def test_names_services_and_order():
    upstreams = known()
    assert list(upstreams) == [EC2, LOGS, STORE, THEIRS, FAR]
    assert upstreams.stores() == (LOGS, STORE, FAR)
    assert upstreams.named(OTHER, "ec2") is THEIRS
    assert upstreams.named(OTHER, "store") is None
    assert [upstreams.knows(name) for name in ("s3", "ec2", "sqs")] == [True, True, False]


def test_what_an_unreadable_upstream_may_have_served_is_nowhere():
    """It could have been the first that fits: another account's store must not take its place."""
    upstreams = known(unreadable=[(ACCOUNT, "m")])
    assert upstreams.place("logs-1") == ("logs-1", ACCOUNT, LOGS, None)
    assert upstreams.place("photos") is None
    assert upstreams.place("owned") == ("owned", OTHER, STORE, OWNED)
    assert upstreams.named(ACCOUNT, "m") is None
    assert list(upstreams) == list(known())
    assert upstreams.of_service("ec2", ACCOUNT) is EC2
    assert upstreams.of_service("sqs", ACCOUNT) is None
    assert known((THEIRS,), unreadable=[(ACCOUNT, "m")]).of_service("ec2", OTHER) is THEIRS
    shared = upstream("ec2", THIRD, service="ec2", accounts=(OTHER,))
    assert known((shared,), unreadable=[(OTHER, "m")]).of_service("ec2", OTHER) is None
    assert known((shared,), unreadable=[(ACCOUNT, "m")]).of_service("ec2", OTHER) is shared


def test_an_unreadable_bucket_is_nowhere():
    assert known(unreadable_buckets=["logs-1"]).place("logs-1") is None
    assert known(unreadable_buckets=["logs-1"]).place("logs-2") is not None


NAMES = st.text("ab-", max_size=4)
PATTERNS = st.lists(st.text("ab-*?", min_size=1, max_size=4), max_size=3).map(tuple)
STORES = st.lists(
    st.builds(
        upstream,
        st.sampled_from("xyz"),
        st.sampled_from([ACCOUNT, OTHER, THIRD]),
        buckets=PATTERNS,
        service=st.sampled_from(["s3", "ec2"]),
    ),
    unique_by=lambda one: (one.account, one.name),
    max_size=6,
)


@given(STORES, NAMES)
def test_a_place_is_the_first_store_in_order_that_fits(stores, name):
    fitting = [
        (one.account, one.name)
        for one in stores
        if one.service == "s3" and any(glob(pattern).matches(name) for pattern in one.buckets)
    ]
    found = known(stores, {}).place(name)
    assert (found and (found.owner, found.upstream.name)) == min(fitting, default=None)


@given(STORES, NAMES, st.data())
def test_an_upstream_that_becomes_unreadable_moves_no_bucket(stores, name, data):
    lost = data.draw(st.sets(st.sampled_from([(one.account, one.name) for one in stores] or [""])))
    kept = [one for one in stores if (one.account, one.name) not in lost]
    before = known(stores, {}).place(name)
    after = known(kept, {}, unreadable=[one for one in lost if one]).place(name)
    assert after in (before, None)


@pytest.fixture
def directory(store):
    def kept(*records):
        store.write(lambda tx: [tx.put(record) for record in records])
        return store.directory()

    return kept


def test_the_snapshot_knows_what_was_written(store, directory):
    found = directory(STORE, LOGS, OWNED).upstreams
    assert list(found) == [LOGS, STORE]
    assert found.place("owned") == ("owned", OTHER, STORE, OWNED)
    assert store.directory().upstreams is found
    store.write(lambda tx: [tx.delete(LOGS), tx.delete(OWNED)])
    after = store.directory().upstreams
    assert after.place("logs-1") == ("logs-1", ACCOUNT, STORE, None)
    assert after.place("owned") == ("owned", ACCOUNT, STORE, None)
    assert found.place("logs-1") == ("logs-1", ACCOUNT, LOGS, None)


@pytest.mark.parametrize("damaged", ["x'00'", "x'7b7d'"])
def test_rows_that_can_not_be_read_hold_their_place(store, directory, damage, damaged):
    directory(LOGS, STORE, bucket("logs-1", OTHER))
    damage(f"UPDATE records SET body = {damaged} WHERE key IN ('logs', 'logs-1')")
    damage("UPDATE meta SET revision = revision + 1")
    damage("UPDATE records SET revision = (SELECT revision FROM meta)")
    after = store.directory()
    assert {(one.kind, one.key) for one in after.problems} == {
        ("upstream", "logs"),
        ("bucket", "logs-1"),
    }
    # With its record unread, neither the owner nor the policy of the bucket is known.
    assert after.upstreams.place("logs-1") is None
    assert after.upstreams.place("photos") is None
    store.write(lambda tx: [tx.put(LOGS), tx.put(bucket("logs-1", OTHER, upstream="logs"))])
    assert store.directory().upstreams.place("logs-1").owner == OTHER
    assert store.directory().upstreams.place("photos").upstream == STORE


def test_a_bucket_policy_is_compiled_once(store, directory):
    record = bucket(policy=ALLOW_ALL.replace('"Effect"', '"Principal":"*","Effect"'))
    before = directory(STORE, record)
    compiled = before.bucket_policy(record)
    assert compiled.name == "policy of bucket photos"
    assert before.problems == ()
    assert directory(LOGS).bucket_policy(record) is compiled
    assert before.bucket_policy(bucket()) is None


@pytest.mark.parametrize("text", [BROKEN, "", ALLOW_ALL], ids=["broken", "empty", "no principal"])
def test_a_bucket_policy_that_can_not_be_used_denies_and_is_reported(directory, text):
    record = bucket(policy=text)
    kept = directory(STORE, record)
    (statement,) = kept.bucket_policy(record).document.statements
    assert statement.effect.text == "Deny"
    (problem,) = kept.problems
    assert (problem.kind, problem.account, problem.key) == ("bucket", ACCOUNT, "photos")
    assert problem.message.startswith("its policy can't be used: ")
    assert len(problem.diagnostics()) > 1


def test_a_bucket_without_its_upstream_is_a_problem(directory):
    (problem,) = directory(bucket("photos", OTHER)).problems
    assert (problem.kind, problem.account, problem.key) == ("bucket", OTHER, "photos")
    assert problem.message == "its upstream `store` is not there"
