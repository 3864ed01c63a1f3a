"""Records to rows and back: what is kept reads back, what can't is refused."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.making import (
    ACCOUNT,
    OTHER,
    access_key,
    account,
    bucket,
    policy,
    provider,
    role,
    secret,
    upstream,
    user,
)
from valetkey.store import (
    AccountRecord,
    RoleRecord,
    UnfitRecord,
    UnreadableRecord,
    UpstreamKeys,
    UpstreamRole,
)
from valetkey.store.codec import FORMAT, TYPES, decode, decode_kind, encode

ONE_OF_EACH = [
    account(),
    provider(),
    role(tags={"a": "b"}, inline_policies={"p": "{}"}),
    user(access_keys=(access_key("AKIA1"),)),
    policy(),
    secret(),
    upstream(
        keys=UpstreamKeys(access_key_id="AK", sealed_secret=b"\x00sealed\xff"),
        role=UpstreamRole(role_arn="arn:aws:iam::1:role/r", sts_endpoint="https://sts.example"),
        buckets=("a-*", "b"),
        accounts=(OTHER,),
        path_style=False,
        payload="chunked",
        trailers=True,
        ca_pem="PEM",
        configured=True,
    ),
    bucket(policy="{}"),
]


def test_there_is_one_of_each():
    assert {type(record) for record in ONE_OF_EACH} == set(TYPES.values())


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: record.kind)
def test_a_record_reads_back_as_it_was(record):
    body = encode(record)
    assert decode(type(record), record.account, record.key, FORMAT, body) == record
    assert decode_kind(record.kind, record.account, record.key, FORMAT, body) == record


@given(
    name=st.text(min_size=1),
    created=st.floats(allow_nan=False, allow_infinity=False),
    tags=st.dictionaries(st.text(), st.text()),
)
def test_whatever_is_kept_reads_back(name, created, tags):
    record = role(name, created=created, tags=tags)
    assert decode(RoleRecord, ACCOUNT, record.key, FORMAT, encode(record)) == record


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (role(created=float("nan")), "Expected `float`, got `null`"),
        (role(created=float("inf")), "Expected `float`, got `null`"),
        (role(max_session_duration="3600"), "Expected `int`"),
        (role(tags={"a": 1}), "Expected `str`"),
        (role(tags={1: "a"}), "would not read back the same"),
        (role(description="\ud800"), "surrogates not allowed"),
        (role(path=object()), "object"),
        (secret(region="eu/central"), "`eu/central` is no region"),
        (policy(default_version="v2"), "its default version `v2` is not there once"),
        (policy(versions=policy().versions * 2), "its default version `v1` is not there once"),
        (upstream(payload="signed"), "Invalid enum value 'signed'"),
        (upstream(accounts=OTHER), "Expected `array`"),
        (bucket(account=ACCOUNT), "buckets are kept for account `aws`"),
        (bucket(policy={}), "Expected `str | null`"),
    ],
)
def test_what_would_not_read_back_is_refused(record, why):
    with pytest.raises(
        UnfitRecord, match=r"can't keep (role|policy|secret|upstream|bucket) "
    ) as raised:
        encode(record)
    assert why in raised.value.message


def body_of(record):
    return record.kind, record.account, record.key, FORMAT, encode(record)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ((*body_of(role())[:4], b""), "can't be read"),
        ((*body_of(role())[:4], b"\xff\xfe"), "can't be read"),
        ((*body_of(role())[:4], b"[]"), "can't be read"),
        ((*body_of(role())[:4], b"[" * 100_000), "can't be read"),
        ((*body_of(role())[:4], encode(role())[:-1]), "can't be read"),
        ((*body_of(role())[:4], encode(user("deploy"))), "can't be read"),
        ((*body_of(role())[:3], FORMAT + 1, encode(role())), "of another version"),
        (("robot", ACCOUNT, "deploy", FORMAT, encode(role())), "of another version"),
        (("role", OTHER, "deploy", FORMAT, encode(role())), "it says to be"),
        (("role", ACCOUNT, "admin", FORMAT, encode(role())), "it says to be"),
        (("role", ACCOUNT, "Deploy", FORMAT, encode(role())), "it says to be"),
        (
            ("policy", ACCOUNT, "s3", FORMAT, msgspec.json.encode(policy(default_version="v9"))),
            "its default version",
        ),
    ],
)
def test_a_damaged_row_is_unreadable_and_not_a_crash(row, why):
    with pytest.raises(UnreadableRecord, match=why):
        decode_kind(*row)


def test_a_record_is_not_read_as_another_type():
    with pytest.raises(UnreadableRecord):
        decode(AccountRecord, ACCOUNT, "deploy", FORMAT, encode(role()))
