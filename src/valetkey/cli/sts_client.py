"""The one STS call that the command line makes itself; it is unsigned, so it needs no SDK."""

import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from xml.etree import ElementTree

from valetkey.errors import ValetkeyError

NAMESPACE = {"sts": "https://sts.amazonaws.com/doc/2011-06-15/"}
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
    if urllib.parse.urlsplit(endpoint).scheme not in ("http", "https"):
        raise StsRefused(
            f"`{endpoint}` is no http(s) URL", help="give --endpoint-url or AWS_ENDPOINT_URL"
        )
    form = {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", **parameters}
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        endpoint.rstrip("/") + "/", data=urllib.parse.urlencode(form).encode()
    )
    context = ssl.create_default_context(cafile=ca_bundle) if ca_bundle else None
    try:
        with urllib.request.urlopen(  # noqa: S310 - the scheme is checked above
            request, timeout=TIMEOUT_SECONDS, context=context
        ) as answer:
            document = ElementTree.fromstring(answer.read(LONGEST_ANSWER))  # noqa: S314 - our server's
    except urllib.error.HTTPError as refusal:
        raise _refused(refusal.read(LONGEST_ANSWER)) from None
    except (OSError, ElementTree.ParseError) as error:
        raise StsRefused(
            f"no answer from `{endpoint}`: {error}", help="is `valetkey serve` running there?"
        ) from None
    credentials = document.find(".//sts:Credentials", NAMESPACE)
    if credentials is None:
        raise StsRefused(f"`{endpoint}` answered without credentials")
    return {member.tag.rpartition("}")[2]: member.text or "" for member in credentials}


def _refused(body: bytes) -> StsRefused:
    try:
        document = ElementTree.fromstring(body)  # noqa: S314 - the server that was asked
    except ElementTree.ParseError:
        return StsRefused("the server's answer is no answer of STS")
    code = document.findtext(".//sts:Code", "", NAMESPACE)
    message = document.findtext(".//sts:Message", "", NAMESPACE)
    request_id = document.findtext(".//sts:RequestId", "", NAMESPACE)
    return StsRefused(
        f"{code}: {message}", help=f"ask the server why: valetkey explain --request {request_id}"
    )
