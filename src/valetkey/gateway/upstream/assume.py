"""Assume a role at an STS: the request that asks for credentials, and its answer, read.

STS API Reference, *AssumeRole* and *AssumeRoleWithWebIdentity*, the query protocol. Pure.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from valetkey.gateway.upstream.documents import MalformedDocument, texts
from valetkey.gateway.upstream.errors import UpstreamUnavailable
from valetkey.gateway.upstream.signing import Credentials
from valetkey.outbound.destination import Destination
from valetkey.sigv4 import HttpRequest, sign
from valetkey.store import UpstreamRole

SECONDS: Final = 3600
FORM: Final = (b"content-type", b"application/x-www-form-urlencoded; charset=utf-8")
_CODE: Final = re.compile(r"[A-Za-z0-9.:_-]{1,80}")
_VISIBLE: Final = re.compile(r"[!-~]+")
_OK: Final = 200
_WANTED: Final = frozenset(("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "Code"))


def form(role: UpstreamRole, token: str | None) -> bytes:
    """Return the request's body; ``token`` is the web identity's, where there is one."""
    asked = {
        "Action": "AssumeRole" if token is None else "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": role.role_arn,
        "RoleSessionName": role.session_name,
        "DurationSeconds": str(SECONDS),
    }
    if token is not None:
        asked["WebIdentityToken"] = token
    elif role.external_id is not None:
        asked["ExternalId"] = role.external_id
    return urlencode(asked).encode("ascii")


def signed_headers(
    destination: Destination, body: bytes, keys: Credentials, region: str, now: float
) -> dict[str, str]:
    """Return the headers of an AssumeRole that is signed with long-term keys."""
    host = destination.origin.partition("://")[2].encode("ascii")
    request = HttpRequest(
        "POST",
        destination.target.encode("ascii"),
        b"",
        ((b"host", host), FORM),
        body_sha256=hashlib.sha256(body).hexdigest(),
    )
    made = sign(
        request,
        access_key_id=keys.access_key_id,
        secret_key=keys.secret_key,
        region=region,
        service="sts",
        now=now,
    )
    return {name.decode("ascii"): value.decode("ascii") for name, value in made.headers}


def read_answer(name: str, role: UpstreamRole, status: int, body: bytes) -> Credentials:
    """Return the credentials in an answer.

    Raises :class:`UpstreamUnavailable`; of what the STS says the reason holds the error's code
    alone, because its text may repeat what it was sent.
    """
    try:
        found = texts(body, _WANTED)
    except MalformedDocument:
        found = {}
    if status != _OK:
        code = found.get("Code", "")
        shown = code if _CODE.fullmatch(code) else f"status {status}"
        raise refused(name, role, f"answers `{shown}`")
    try:
        held = [found[part] for part in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
        if not all(map(_VISIBLE.fullmatch, held)):
            raise refused(name, role, "answers with credentials that can't be used")
        return Credentials(held[0], held[1], held[2], _seconds(found["Expiration"]))
    except (KeyError, ValueError):
        raise refused(name, role, "answers with no credentials that can be read") from None


def refused(name: str, role: UpstreamRole, what: str) -> UpstreamUnavailable:
    """Return the failure to get credentials, which says who was asked for which role."""
    return UpstreamUnavailable(
        f"no credentials for upstream `{name}`: `{role.sts_endpoint}`, asked for role"
        f" `{role.role_arn}`, {what}",
        help="see that the role trusts what this upstream asks with, and that its STS is the"
        " right one",
    )


def _seconds(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
