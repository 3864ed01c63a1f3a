"""No value of a secret is kept, recorded or logged in clear."""

import base64
import logging
from typing import Any

import pytest

from api.making import ask, kept_bytes, make_secret, secrets
from support.edge import Edge

CANARIES = [f"canary-{number}-5e9a2c7d41b8" for number in range(4)]
BINARY = bytes(range(200, 256)) + b"canary-binary-5e9a2c7d41b8"


def forms(text: bytes) -> list[bytes]:
    """Return how a value might be written: as it is, in base64 at any offset, in hexadecimal."""
    inner = [base64.b64encode(b"x" * shift + text)[4:-4] for shift in range(3)]
    return [text, text.hex().encode(), *inner]


async def test_values_are_nowhere_in_the_home(edge: Edge, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    create, put, update, refused = CANARIES
    await make_secret(edge, "db", create, Description="findable-description")
    await secrets(edge, "PutSecretValue", SecretId="db", SecretString=put)
    await secrets(edge, "UpdateSecret", SecretId="db", SecretString=update)
    encoded = base64.b64encode(BINARY).decode()
    await secrets(edge, "PutSecretValue", SecretId="db", SecretBinary=encoded)
    for version in ("AWSCURRENT", "AWSPREVIOUS"):
        await secrets(edge, "GetSecretValue", SecretId="db", VersionStage=version)
    failures: list[tuple[str, dict[str, Any]]] = [
        ("CreateSecret", {"Name": "db", "SecretString": refused}),
        ("CreateSecret", {"Name": "no name", "SecretString": refused}),
        ("CreateSecret", {"Name": "x", "SecretString": refused, "SecretBinary": encoded}),
        ("CreateSecret", {"Name": "x", "SecretString": refused * 4000}),
        ("CreateSecret", {"Name": "x", "SecretString": [refused]}),
        ("CreateSecret", {"Name": "x", "SecretString": {refused: refused}}),
        ("PutSecretValue", {"SecretId": "absent", "SecretString": refused}),
        ("PutSecretValue", {"SecretId": "db", "SecretBinary": refused}),
        ("PutSecretValue", {"SecretId": "db", "SecretString": refused, "key": None}),
    ]
    for operation, parameters in failures:
        answer = await ask(edge, operation, **parameters)
        assert answer.status >= 400, parameters
        assert refused.encode() not in answer.body, answer.body
    edge.wiring.log.flush()

    files = kept_bytes(edge)
    assert any(b"findable-description" in held for held in files.values()), "it can be found"
    wanted = [form for text in CANARIES for form in forms(text.encode())] + forms(BINARY)
    for path, held in files.items():
        assert not [form for form in wanted if form in held], path
    assert not [text for text in CANARIES if text in caplog.text]
