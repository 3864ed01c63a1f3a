"""Requests for the tests of this room."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from valetkey.errors import AwsError
from valetkey.sigv4 import (
    HttpRequest,
    SigningKeyCache,
    VerifiedSignature,
    parse_signature,
    verify_signature,
)

KEY_ID = "AKIAVKEXAMPLE0000001"
SECRET = "vk/Invented+Secret0000000000000000000001"
REGION = "eu-test-1"
AMZ_DATE = "20250102T030405Z"


def seconds(basic: str) -> float:
    return datetime.strptime(basic, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()


NOW = seconds(AMZ_DATE)


def request(
    method: str = "POST",
    path: bytes = b"/",
    query: bytes = b"",
    headers: tuple[tuple[bytes, bytes], ...] = ((b"host", b"sts.vk.example.test"),),
    body: bytes = b"",
) -> HttpRequest:
    return HttpRequest(method, path, query, headers, hashlib.sha256(body).hexdigest())


def verified(
    sent: HttpRequest,
    *,
    secret_key: str = SECRET,
    now: float = NOW,
    keys: SigningKeyCache | None = None,
    service: str | None = None,
    region: str | None = None,
) -> VerifiedSignature:
    signature = parse_signature(sent)
    assert signature is not None
    return verify_signature(
        sent,
        signature,
        secret_key=secret_key,
        now=now,
        keys=SigningKeyCache() if keys is None else keys,
        service=service,
        region=region,
    )


def status(call: Callable[[], object]) -> int | None:
    """Return the status of the refusal that a call ends with, or None where it ends well."""
    try:
        call()
    except AwsError as refused:
        return refused.status
    return None
