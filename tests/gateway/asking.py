"""Requests about a bucket, signed in their header by the bench's role."""

import hashlib

from gateway.matrix.plans import BUCKET
from gateway.matrix.serving import Bench, Said
from gateway.matrix.signing import Wire
from valetkey.sigv4 import HttpRequest, sign


def headed(bench: Bench, method: str, target: str, body: bytes, *more: tuple[bytes, bytes]) -> Wire:
    """Return a request that is signed in its header, its body by its hash."""
    digest = hashlib.sha256(body).hexdigest()
    path, _, query = target.partition("?")
    headers = (
        (b"host", b"valetkey.example"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amz-content-sha256", digest.encode()),
        *more,
    )
    made = sign(
        HttpRequest(method, path.encode(), query.encode(), headers, digest),
        access_key_id=bench.key.id,
        secret_key=bench.key.secret,
        session_token=bench.key.token,
        region="us-east-1",
        service="s3",
        now=bench.key.now,
    )
    sent = [(name.decode(), value.decode()) for name, value in made.headers]
    return Wire(method, path, [(query, "")] if query else [], sent, body)


async def ask(
    bench: Bench, method: str, marker: str = "", body: bytes = b"", bucket: str = BUCKET
) -> Said:
    """Ask about a bucket; ``marker`` names its sub-resource."""
    return await bench.ask(headed(bench, method, f"/{bucket}?{marker}", body))
