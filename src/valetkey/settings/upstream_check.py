"""What makes an upstream right, wherever it is told: in the settings file or on the command line.

No complaint quotes what may be a secret that was put into the wrong place.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from msgspec.structs import asdict

from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.settings.check import origin, region
from valetkey.settings.upstream import UpstreamSettings

OWN_SERVICES: Final = frozenset(("sts", "iam", "secretsmanager"))
"""What this server offers itself; it is never forwarded."""

S3: Final = "s3"
ANY_REGION: Final = "*"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
_SERVICE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_BUCKETS: Final = re.compile(r"[A-Za-z0-9._*?-]{1,255}", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)
_NUMERIC: Final = re.compile(r"([0-9]+|0x[0-9a-f]*)", re.ASCII | re.IGNORECASE)
_KEY_ID: Final = re.compile(r"[!-~]{1,128}", re.ASCII)
_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,127}", re.ASCII)
_SESSION: Final = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL: Final = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_ROLE: Final = re.compile(r"[!-~]{20,2048}", re.ASCII)
_OF_A_ROLE: Final = (
    "sts_endpoint",
    "web_identity_token_file",
    "external_id",
    "session_name",
)
_OF_S3: Final = {
    "buckets": ("*",),
    "path_style": True,
    "payload": "unsigned",
    "trailers": False,
    "features": "all",
}


class Complaint(NamedTuple):
    """What is wrong between an upstream's settings: which, the message and the help."""

    fields: tuple[str, ...]
    message: str
    help: str


def name_complaint(name: str) -> str | None:
    """Return what is wrong with an upstream's name, if anything."""
    if _NAME.fullmatch(name):
        return None
    return "wants names of letters, digits, `-`, `_` and `.`, at most 64"


def field_complaint(field: str, value: object) -> tuple[str, str] | None:
    """Return what is wrong with one setting of an upstream and which part of it, or None."""
    check = _CHECKS.get(field)
    if check is None or value is None:
        return None
    for item in value if isinstance(value, tuple) else (value,):
        objection = check(str(item))
        if objection:
            return objection, str(item)
    return None


def relation_complaints(
    given: UpstreamSettings, written: Callable[[str], str] = str
) -> Iterator[Complaint]:
    """Yield what is wrong between the settings of an upstream.

    ``written`` returns what people know a setting by, such as the option of a command.
    """

    def quoted(field: str) -> str:
        return f"`{written(field)}`"

    yield from _keys(given, quoted)
    yield from _role(given, quoted)
    if given.service != S3:
        values = asdict(given)
        for field, default in _OF_S3.items():
            if values[field] != default:
                yield Complaint(
                    (field, "service"),
                    f"{quoted(field)} is for stores, and the service is `{given.service}`",
                    f"leave {quoted(field)} out",
                )


def is_in_clear(endpoint: str) -> bool:
    """Tell whether what goes to an endpoint can be read on its way: plain http off this machine."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    if parts.scheme != "http" or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


def _keys(given: UpstreamSettings, quoted: Callable[[str], str]) -> Iterator[Complaint]:
    file, variable, key_id = map(
        quoted, ("secret_access_key_file", "secret_access_key_env", "access_key_id")
    )
    sources = [
        field
        for field in ("secret_access_key_file", "secret_access_key_env")
        if getattr(given, field) is not None
    ]
    if len(sources) > 1:
        yield Complaint(
            tuple(sources),
            f"{file} and {variable} are both given",
            "give one of them: there is one secret key",
        )
    elif given.access_key_id is None and sources:
        yield Complaint(
            tuple(sources),
            f"{quoted(sources[0])} is given and {key_id} is not",
            f"give {key_id} too: a secret key belongs to an access key id",
        )
    elif given.access_key_id is not None and not sources:
        yield Complaint(
            ("access_key_id",),
            f"{key_id} is given and its secret key is not",
            f"give {file} or {variable}",
        )


def _role(given: UpstreamSettings, quoted: Callable[[str], str]) -> Iterator[Complaint]:
    arn, token, key_id = map(quoted, ("role_arn", "web_identity_token_file", "access_key_id"))
    if given.role_arn is None:
        for field in _OF_A_ROLE:
            if getattr(given, field) is not None:
                yield Complaint(
                    (field,),
                    f"{quoted(field)} is given and {arn} is not",
                    f"give {arn} too, or leave {quoted(field)} out",
                )
        return
    if given.sts_endpoint is None:
        yield Complaint(
            ("role_arn",),
            f"{arn} is given and {quoted('sts_endpoint')} is not",
            f"give {quoted('sts_endpoint')} too: the STS to assume the role at",
        )
    if given.web_identity_token_file is None and given.access_key_id is None:
        yield Complaint(
            ("role_arn",),
            f"{arn} is given, and nothing to assume it with",
            f"give {token}, so that no key is stored, or {key_id}",
        )
    if given.web_identity_token_file is not None:
        for field, why in (
            ("access_key_id", "the token alone proves who asks, and no key need be stored"),
            ("external_id", "AssumeRoleWithWebIdentity knows no external id"),
        ):
            if getattr(given, field) is not None:
                yield Complaint(
                    (field, "web_identity_token_file"),
                    f"{quoted(field)} and {token} are both given",
                    f"leave {quoted(field)} out: {why}",
                )


def _service(text: str) -> str | None:
    if text in OWN_SERVICES:
        return "wants a service that this server does not offer itself"
    if not _SERVICE.fullmatch(text):
        return "wants a service as signatures name it, like `s3`"
    return None


def _endpoint(text: str) -> str | None:
    wants = "wants an origin like `https://s3.example:8443`, with no path and no slash at the end"
    if origin(text) is not None:
        return wants
    parts = urlsplit(text)
    host = parts.hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        # A last label of digits is an address to some resolvers, and not to others.
        ours = _HOST.fullmatch(host) and not _NUMERIC.fullmatch(host.rpartition(".")[2])
        return None if ours else wants
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return "wants an address that a store can have"
    if parts.scheme == "http" and address.is_global:
        return "wants `https://` for an address that anybody on the way can be at"
    return None


def _region(text: str) -> str | None:
    return None if text == ANY_REGION else region(text)


def _buckets(text: str) -> str | None:
    return None if _BUCKETS.fullmatch(text) else "wants names of buckets like `team-*`"


def _account(text: str) -> str | None:
    return None if ACCOUNT_ID.fullmatch(text) else "wants account ids of 12 digits"


def _access_key_id(text: str) -> str | None:
    # It stands in the scope of a signature, between these signs.
    fits = _KEY_ID.fullmatch(text) and not set(text) & set("/,=")
    return None if fits else "wants an access key id, without `/`, `,` and `=`"


def _path(text: str) -> str | None:
    fits = text.startswith("/") and "\0" not in text
    return None if fits else "wants the whole path of a file, from `/` on"


def _variable(text: str) -> str | None:
    if _VARIABLE.fullmatch(text):
        return None
    return "wants the name of an environment variable, in capitals, like `STORE_SECRET_KEY`"


def _role_arn(text: str) -> str | None:
    arn = parse_arn(text) if _ROLE.fullmatch(text) else None
    # Other makers' ARNs leave the account out, or have a word there.
    fits = arn is not None and arn.service == "iam" and arn.resource.startswith("role/")
    return None if fits else "wants a role's ARN like `arn:aws:iam::123456789012:role/gateway`"


def _session_name(text: str) -> str | None:
    return None if _SESSION.fullmatch(text) else "wants 2 to 64 letters, digits and `+=,.@-_`"


def _external_id(text: str) -> str | None:
    return None if _EXTERNAL.fullmatch(text) else "wants 2 to 1224 letters, digits and `+=,.@:/-_`"


_CHECKS: Final[Mapping[str, Callable[[str], str | None]]] = {
    "service": _service,
    "endpoint": _endpoint,
    "sts_endpoint": _endpoint,
    "region": _region,
    "buckets": _buckets,
    "account": _account,
    "accounts": _account,
    "access_key_id": _access_key_id,
    "secret_access_key_file": _path,
    "secret_access_key_env": _variable,
    "web_identity_token_file": _path,
    "ca_file": _path,
    "role_arn": _role_arn,
    "session_name": _session_name,
    "external_id": _external_id,
}
