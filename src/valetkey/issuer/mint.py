"""From claims to a signed token, byte for byte as GitLab writes it."""

from collections.abc import Sequence

import msgspec

from valetkey.issuer.claims import claims
from valetkey.issuer.errors import MalformedJob
from valetkey.issuer.job import Job
from valetkey.issuer.keys import SigningKey, base64url


def mint(job: Job, aud: str | Sequence[str], key: SigningKey, now: float, jti: str) -> str:
    """Return an ID token for ``job``, signed at ``now``.

    ``jti`` is a random UUID, made by the caller. Raises :class:`MalformedJob`.
    """
    header = {"kid": key.kid, "typ": "JWT", "alg": "RS256"}
    try:
        payload = msgspec.json.encode(claims(job, aud, now=now, jti=jti))
    except UnicodeEncodeError:
        raise MalformedJob("a fact about the job is not valid text") from None
    signed = f"{base64url(msgspec.json.encode(header))}.{base64url(payload)}"
    return f"{signed}.{base64url(key.sign(signed.encode()))}"
