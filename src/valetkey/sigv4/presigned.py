"""The signature in the query: a presigned request."""

import re
from collections.abc import Mapping

from valetkey.sigv4.refusals import MalformedSignature
from valetkey.sigv4.request import ALGORITHM, ECDSA, Signature
from valetkey.sigv4.scope import (
    read_amz_date,
    read_region_set,
    read_scope,
    read_signed_headers,
)

MAX_EXPIRES = 604800
"""The longest life of a presigned request, in seconds: a week."""

_REQUIRED = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
    "X-Amz-Expires",
)
PARAMETERS = (*_REQUIRED, "X-Amz-Security-Token", "X-Amz-Content-Sha256", "X-Amz-Region-Set")
"""The parameters that make a request presigned; they are known in this spelling only."""

_DIGITS = re.compile(r"[0-9]{1,6}", re.ASCII)


def signature_in_query(parameters: Mapping[str, str], headers: Mapping[bytes, bytes]) -> Signature:
    """Read the ``X-Amz-*`` parameters of a presigned request; raises MalformedSignature."""
    algorithm = parameters.get("X-Amz-Algorithm")
    required = (*_REQUIRED, "X-Amz-Region-Set") if algorithm == ECDSA else _REQUIRED
    missing = [name for name in required if not parameters.get(name)]
    if missing:
        clauses = [f"AWS query-string parameters must include '{name}'." for name in missing]
        raise MalformedSignature(
            f"{' '.join(clauses)} Re-examine the query-string parameters.",
            reason=f"the presigned request lacks `{'`, `'.join(missing)}`",
        )
    if algorithm not in (ALGORITHM, ECDSA):
        raise MalformedSignature(
            f"Unsupported AWS 'algorithm': '{algorithm}'.",
            reason=f"the request is not signed with `{ALGORITHM}`",
            help="have the client sign with Signature Version 4 or 4A (not 2)",
        )
    if not all(map(str.isascii, parameters.values())):
        raise MalformedSignature(
            "AWS query-string parameters must be ASCII. Re-examine the query-string parameters.",
            reason="an authentication parameter holds bytes outside of ASCII",
        )
    scope = read_scope(parameters["X-Amz-Credential"], algorithm)
    time = read_amz_date(parameters["X-Amz-Date"])
    return Signature(
        access_key_id=scope.access_key_id,
        date=scope.date,
        amz_date=time.text,
        timestamp=time.seconds,
        region=scope.region,
        service=scope.service,
        signed_headers=read_signed_headers(parameters["X-Amz-SignedHeaders"]),
        signature=parameters["X-Amz-Signature"],
        session_token=parameters.get("X-Amz-Security-Token"),
        presigned=True,
        expires=_expires(parameters["X-Amz-Expires"]),
        content_sha256=_content_sha256(parameters, headers),
        algorithm=algorithm,
        region_set=read_region_set(parameters["X-Amz-Region-Set"]) if algorithm == ECDSA else (),
    )


def _content_sha256(parameters: Mapping[str, str], headers: Mapping[bytes, bytes]) -> str | None:
    header = headers.get(b"x-amz-content-sha256")
    if header is None:
        return parameters.get("X-Amz-Content-Sha256")
    if "X-Amz-Content-Sha256" in parameters:
        raise MalformedSignature(
            "The request contains a query parameter that duplicates a header value.",
            reason="`x-amz-content-sha256` is given in the header and in the query",
        )
    return header.decode("latin-1")


def _expires(text: str) -> int:
    if not _DIGITS.fullmatch(text) or not 1 <= (seconds := int(text)) <= MAX_EXPIRES:
        raise MalformedSignature(
            "X-Amz-Expires must be between 1 and 604800 seconds",
            reason=f"the lifetime `{text}` is not a number of seconds from 1 to {MAX_EXPIRES}",
        )
    return seconds
