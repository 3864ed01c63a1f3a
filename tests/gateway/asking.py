"""Requests about a bucket, signed in their header by the bench's role."""

import hashlib

from gateway.matrix.plans import BUCKET
from gateway.matrix.serving import Bench, Said
from gateway.matrix.signing import Wire
from valetkey.sigv4 import HttpRequest, sign


async def ask(
    bench: Bench, method: str, marker: str = "", body: bytes = b"", bucket: str = BUCKET
) -> Said:
    """Ask about a bucket; ``marker`` names its sub-resource."""
    digest = hashlib.sha256(body).hexdigest()
    path = f"/{bucket}"
    headers = (
        (b"host", b"valetkey.example"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amz-content-sha256", digest.encode()),
    )
    made = sign(
        HttpRequest(method, path.encode(), marker.encode(), headers, digest),
        access_key_id=bench.key.id,
        secret_key=bench.key.secret,
        session_token=bench.key.token,
        region="us-east-1",
        service="s3",
        now=bench.key.now,
    )
    sent = [(name.decode(), value.decode()) for name, value in made.headers]
    return await bench.ask(Wire(method, path, [(marker, "")] if marker else [], sent, body))
