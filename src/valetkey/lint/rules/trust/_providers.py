"""The providers that a statement trusts, and whose a condition key is."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from valetkey.arn import parse_arn
from valetkey.policy import Statement, Value

_OIDC: Final = "oidc-provider/"
_NO_ISSUERS: Final = frozenset(
    {"aws", "sts", "iam", "saml", "s3", "ec2", "lambda", "ssm", "secretsmanager", "valetkey"}
)
_PORT: Final = re.compile(r":[0-9]+(?:/[^:]*)?:", re.ASCII)
_MOST_COLONS: Final = 12


class Named(NamedTuple):
    """A provider that a statement trusts: its URL without scheme, and where that stands."""

    key: str
    value: Value
    start: int


def providers_of(statement: Statement) -> tuple[Named, ...]:
    """Return the OpenID Connect providers that a statement names."""
    principal = statement.principal
    if principal is None or principal.negated:
        return ()
    found = []
    for entry in principal.entries:
        for value in entry.values if entry.kind == "Federated" else ():
            if not value.text.isprintable():
                continue
            arn = parse_arn(value.text)
            if arn is not None and arn.resource.startswith(_OIDC):
                key = arn.resource.removeprefix(_OIDC)
                found.append(Named(key, value, len(value.text) - len(key)))
            elif arn is None and "." in value.text:
                found.append(Named(value.text, value, 0))
    return tuple(found)


def by_key(providers: tuple[Named, ...]) -> Mapping[str, Named]:
    """Return the providers by their URLs in lower case: condition keys ignore case."""
    return {named.key.lower(): named for named in providers}


def bare(url: str) -> str:
    """Return a URL without scheme, default port and slashes at its end, in lower case."""
    return url.lower().split("://", 1)[-1].rstrip("/").removesuffix(":443")


def split_key(key: str, own: Mapping[str, Named]) -> tuple[str, str]:
    """Return the issuer and the claim of a condition key; no issuer where it is none's.

    Claims may hold colons, so the statement's ``own`` providers come first.
    """
    at = key.find(":")
    for _ in range(_MOST_COLONS if own else 0):
        # What looks like a port is one: no claim begins so.
        if at >= 0 and key[:at].lower() in own and not _PORT.match(key, at):
            return key[:at], key[at + 1 :]
        at = key.find(":", at + 1) if at >= 0 else at
    head = key.partition(":")[0].lower()
    host, _, claim = key.rpartition(":")
    named_alike = "." in host or "/" in host or host.lower().startswith("localhost")
    return (host, claim) if named_alike and head not in _NO_ISSUERS else ("", key)
