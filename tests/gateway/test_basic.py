"""What goes on to a store that knows plain objects only: what is on the lists, and nothing else."""

import pytest
from msgspec.structs import replace

from valetkey.gateway import Head
from valetkey.gateway.basic import OPERATIONS, READS, check_known
from valetkey.gateway.s3 import S3Error, S3Request
from valetkey.gateway.s3.header_names import CREATION
from valetkey.gateway.s3.operations import OPERATIONS as ALL
from valetkey.store import UpstreamRecord

WHOLE = UpstreamRecord(
    account="001122334455",
    name="store",
    service="s3",
    endpoint="http://127.0.0.1:1",
    region="us-east-1",
    created=1.0,
)
BASIC = replace(WHOLE, features="basic")


def asked(name, **more):
    return S3Request(operation=ALL[name], bucket="b", key="k", **more)


def head(**headers):
    pairs = ((name.replace("_", "-").encode(), value) for name, value in headers.items())
    return Head("GET", b"/b/k", b"", tuple(pairs))


def lacks(request, sent=None):
    with pytest.raises(S3Error) as refused:
        check_known(BASIC, request, sent or head())
    assert (refused.value.code, refused.value.status) == ("NotImplemented", 501)
    check_known(WHOLE, request, sent or head())
    return refused.value


@pytest.mark.parametrize("name", sorted(set(ALL) - set(OPERATIONS)))
def test_every_other_operation_is_refused(name):
    assert lacks(asked(name)).reason.startswith(f"{name} is not of plain objects")


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_what_is_on_the_list_is_an_operation_with_its_parameters(name):
    operation = ALL[name]
    assert OPERATIONS[name] <= operation.required | operation.parameters
    check_known(BASIC, asked(name, query=tuple((each, "1") for each in OPERATIONS[name])), head())
    for parameter in operation.parameters - OPERATIONS[name] - {"x-id"}:
        reason = lacks(asked(name, query=((parameter, "1"),))).reason
        assert reason.startswith(f"{name} with `{parameter}` is not")


@pytest.mark.parametrize("header", sorted(CREATION))
def test_what_an_object_is_made_with_is_refused(header):
    said = lacks(asked("PutObject", headers={header: "value"}))
    assert said.details == (("Header", header),)


def test_what_is_done_anyway_may_be_asked_for():
    headers = {"x-amz-acl": "private", "x-amz-storage-class": "STANDARD", "x-amz-meta-a": "b"}
    check_known(BASIC, asked("PutObject", headers=headers), head())
    for name in ("x-amz-acl", "x-amz-storage-class"):
        lacks(asked("PutObject", headers={name: "other"}))


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - READS))
@pytest.mark.parametrize(
    "condition", ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"]
)
def test_conditions_of_writes_are_refused(name, condition):
    sent = head(**{condition.replace("-", "_"): b"*"})
    assert lacks(asked(name), sent).details == (("Header", condition),)


@pytest.mark.parametrize("name", sorted(READS))
def test_conditions_of_reads_are_harmless_or_refused(name):
    for harmless in ("if_match", "if_none_match", "if_modified_since"):
        check_known(BASIC, asked(name), head(**{harmless: b"*"}))
    lacks(asked(name), head(if_unmodified_since=b"Wed, 25 Nov 2026 11:00:00 GMT"))
