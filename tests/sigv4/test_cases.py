"""Faults that other servers had, each with its exact signature."""

import hashlib
from typing import Any

import pytest

from sigv4.building import request, seconds, verified
from support.vectors import own
from valetkey.sigv4 import (
    HttpRequest,
    MalformedSignature,
    SignatureCheck,
    SignatureRefused,
    parse_signature,
)

TABLE = own("sigv4/cases.json")


def sent(case: dict[str, Any]) -> HttpRequest:
    headers = tuple((name.encode(), value.encode()) for name, value in case["headers"])
    return request(
        case["method"],
        case["path"].encode(),
        case["query"].encode(),
        headers,
        case["body"].encode(),
    )


@pytest.mark.parametrize("case", TABLE["cases"], ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    now = seconds(TABLE["now"])
    if case["accepted"]:
        proof = verified(sent(case), secret_key=TABLE["secret_key"], now=now)
        assert proof.signature.access_key_id == TABLE["access_key_id"]
        assert proof.payload_sha256 == hashlib.sha256(case["body"].encode()).hexdigest()
        return
    with pytest.raises(SignatureRefused) as refused:
        verified(sent(case), secret_key=TABLE["secret_key"], now=now)
    assert refused.value.check is SignatureCheck.SIGNATURE
    assert (refused.value.code, refused.value.status) == ("SignatureDoesNotMatch", 403)


def test_misspelt_part_is_malformed_not_a_mismatch() -> None:
    case = next(case for case in TABLE["cases"] if case["name"].startswith("O-21"))
    headers = tuple(
        (name, value.replace(b"Credential=", b"Credenadsftial="))
        for name, value in sent(case).headers
    )
    with pytest.raises(MalformedSignature) as refused:
        parse_signature(request(headers=headers))
    assert refused.value.code == "IncompleteSignature"
    assert refused.value.status == 400
    assert refused.value.message.startswith(
        "Authorization header requires 'Credential' parameter. "
        "(Hashed with SHA-256 and encoded with Base64) Authorization="
    )
    assert refused.value.help == "the header has an unknown part `Credenadsftial`"
