"""The one STS call that the command line makes itself; it is unsigned, so it needs no SDK."""

import http.client
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from valetkey.errors import ValetkeyError

NAMESPACE = {"sts": "https://sts.amazonaws.com/doc/2011-06-15/"}
MEMBERS = (
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    # The server writes seconds and a literal Z: other spellings break one SDK or another.
    "Expiration",
)
TIMEOUT_SECONDS = 30
LONGEST_ANSWER = 1 << 20


class StsRefused(ValetkeyError):
    """The server said no, or could not be asked."""

    code = "sts-refused"


def assume_role_with_web_identity(
    endpoint: str, parameters: Mapping[str, str], ca_bundle: str | None
) -> dict[str, str]:
    """Return the members of ``Credentials`` as the server writes them.

    Raises :class:`StsRefused` with the server's code, message and request id.
    """
    form = {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", **parameters}
    answer = _post(_checked(endpoint), urllib.parse.urlencode(form).encode(), ca_bundle)
    found = answer.find(".//sts:Credentials", NAMESPACE) if answer is not None else None
    texts = [
        found.findtext(f"sts:{name}", "", NAMESPACE) if found is not None else ""
        for name in MEMBERS
    ]
    if not all(texts):
        raise StsRefused(f"what answers at `{endpoint}` is no STS")
    return dict(zip(MEMBERS, texts, strict=True))


def _checked(endpoint: str) -> str:
    try:
        parts = urllib.parse.urlsplit(endpoint)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        usable = False
    if not usable:
        raise StsRefused(
            f"`{endpoint}` is not the URL of a server",
            help="give it with --endpoint-url or AWS_ENDPOINT_URL, as `http://127.0.0.1:8080`",
        )
    return endpoint.rstrip("/") + "/"


def _post(url: str, form: bytes, ca_bundle: str | None) -> ET.Element | None:
    request = urllib.request.Request(url, data=form)  # noqa: S310 - the scheme was checked
    try:
        context = ssl.create_default_context(cafile=ca_bundle) if ca_bundle else None
        with urllib.request.urlopen(  # noqa: S310 - the scheme was checked
            request, timeout=TIMEOUT_SECONDS, context=context
        ) as answer:
            return _parsed(answer.read(LONGEST_ANSWER))
    except urllib.error.HTTPError as refusal:
        with refusal:
            raise _refused(url, refusal.code, refusal.read(LONGEST_ANSWER)) from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise StsRefused(
            f"no answer from `{url}`: {reason}", help="is `valetkey serve` running there?"
        ) from None


def _parsed(body: bytes) -> ET.Element | None:
    try:
        return ET.fromstring(body)  # noqa: S314 - bounded, and of the server that was asked
    except ET.ParseError:
        return None


def _refused(url: str, status: int, body: bytes) -> StsRefused:
    document = _parsed(body)
    code = document.findtext(".//sts:Code", "", NAMESPACE) if document is not None else ""
    if document is None or not code:
        return StsRefused(f"`{url}` answered with status {status}, and not as STS does")
    message = document.findtext(".//sts:Message", "", NAMESPACE)
    request_id = document.findtext(".//sts:RequestId", "", NAMESPACE)
    return StsRefused(
        f"{code}: {message}",
        help=f"where the server runs, ask why: `valetkey explain --request {request_id}`",
    )
