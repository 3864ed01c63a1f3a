"""The time in which a signature is good."""

import math
import time

from valetkey.sigv4.refusals import SignatureCheck, SignatureRefused
from valetkey.sigv4.request import Signature

HEADER_LIFETIME = 900
"""How long a header-signed request is good for, in seconds: AWS's 15 minutes."""

_CLOCK_HELP = "compare the client's clock with the server's"


def refuse_out_of_time(signature: Signature, now: float, leeway: int) -> None:
    """Raise :class:`SignatureRefused` where the request was signed too long ago, or in the future.

    A header-signed request lives for 15 minutes, a presigned one for as long as it says.
    ``leeway`` is how far the client's clock may be ahead, in seconds.
    """
    day = signature.amz_date[:8]
    if signature.date != day:
        raise SignatureRefused(
            SignatureCheck.SCOPE_DATE,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            f"from HTTP: '{signature.date}' != '{day}', from '{signature.amz_date}'.",
            reason=f"the credential is scoped to `{signature.date}`, the request is of `{day}`",
        )
    lifetime = signature.expires if signature.expires is not None else HEADER_LIFETIME
    if not now - signature.timestamp <= lifetime:
        raise SignatureRefused(
            SignatureCheck.EXPIRED,
            f"Signature expired: {signature.amz_date} is now earlier than "
            f"{_basic(now - lifetime)} ({_basic(now)} - {_span(lifetime)})",
            reason=_reason(signature, now, f"at most {lifetime} s old"),
            help=_CLOCK_HELP if signature.expires is None else "presign the request again",
        )
    if not signature.timestamp - now <= leeway:
        raise SignatureRefused(
            SignatureCheck.NOT_YET_CURRENT,
            f"Signature not yet current: {signature.amz_date} is still later than "
            f"{_basic(now + leeway)} ({_basic(now)} + {_span(leeway)})",
            reason=_reason(signature, now, f"at most {leeway} s in the future"),
            help=_CLOCK_HELP,
        )


def _reason(signature: Signature, now: float, wanted: str) -> str:
    return (
        f"the request was signed at `{signature.amz_date}`, "
        f"the server's clock says `{_basic(now)}`; wanted {wanted}"
    )


def _basic(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(math.floor(seconds)))


def _span(seconds: int) -> str:
    return f"{seconds} sec." if seconds % 60 else f"{seconds // 60} min."
