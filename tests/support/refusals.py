"""What every refusal has in common: its form, its silence, and the record it leaves."""

import logging
from collections.abc import Iterator

import pytest

from support.edge import Answer, Edge
from valetkey.store import Outcome, RequestRecord

ISSUED = (b"ASIA", b"SecretAccessKey", b"SessionToken>", b"SecretString")


def check_envelope(answer: Answer) -> None:
    """Hold an answer to AWS's form of an error, in the protocol that it has chosen."""
    assert len(answer.body) == int(answer.headers[b"content-length"])
    if answer.headers[b"content-type"].startswith(b"application/x-amz-json-1."):
        assert answer.json["__type"]
        return
    assert answer.headers[b"content-type"] == b"text/xml"
    root = answer.xml
    assert root.tag == "ErrorResponse"
    assert [child.tag for child in root] == ["Error", "RequestId"]
    fault = "Sender" if answer.status < 500 else "Receiver"
    assert root.findtext("./Error/Type") == fault
    assert root.findtext("./Error/Code")
    assert root.findtext("RequestId") == answer.request_id


def check_refused(edge: Edge, answer: Answer, code: str | None = None) -> RequestRecord:
    """Hold a refusal to its form; return the record that it left."""
    assert 400 <= answer.status < 500, answer.body
    check_envelope(answer)
    if code is not None:
        assert answer.code == code, answer.body
    assert b"Traceback" not in answer.body
    assert not any(word in answer.body for word in ISSUED)
    record = edge.record(answer)
    assert record.request_id == answer.request_id
    assert record.outcome in (Outcome.REFUSED, Outcome.INVALID)
    assert record.wire_code is not None
    assert record.issued_access_key_id is None
    return record


@pytest.fixture
def loud() -> None:
    """Be asked for by tests in which the server has to complain."""


@pytest.fixture(autouse=True)
def quiet(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail where the server wrote of a fault, or a traceback; a refusal is neither."""
    caplog.set_level(logging.INFO)
    yield
    entries = caplog.get_records("call")
    faults = [entry for entry in entries if entry.levelno >= logging.ERROR or entry.exc_info]
    if "loud" not in request.fixturenames:
        assert not faults, [entry.getMessage() for entry in faults]
    assert not [entry for entry in entries if "Traceback" in entry.getMessage()]
