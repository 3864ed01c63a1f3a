"""Upstreams as they are told, in the settings or to a command, made into what the store keeps.

Files, environment and key ring are passed in. No message holds a secret, nor a part of one.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates
from msgspec.structs import replace

from valetkey.credentials import SealBroken
from valetkey.errors import ValetkeyError
from valetkey.settings import Settings, UpstreamSettings
from valetkey.store import Transaction, UpstreamKeys, UpstreamRecord, UpstreamRole

ReadFile = Callable[[str], bytes]
"""Returns what a file holds. Raises ``OSError``."""

Seal = Callable[[str, str], bytes]
"""Seals a secret key for its access key id."""

OpenSecret = Callable[[UpstreamKeys], str]
"""Opens a sealed secret key. Raises ``SealBroken``."""

_LONGEST_SECRET = 1024


class UnusableUpstream(ValetkeyError):
    """An upstream that is told of can't be made: its secret or its CA is not to be had."""

    code = "unusable-upstream"


class UpstreamTaken(ValetkeyError):
    """The name in the settings is that of an upstream which was added by hand."""

    code = "upstream-taken"


class Synced(NamedTuple):
    """What a change to the settings changed in the store: the names written and removed."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def configured_upstreams(
    settings: Settings,
    *,
    account: str | None,
    read_file: ReadFile,
    environ: Mapping[str, str],
    seal: Seal,
    now: float,
) -> tuple[UpstreamRecord, ...]:
    """Return the records of the upstreams that the settings name.

    ``account`` owns those that name none; None where there is no telling. ``now`` is in seconds
    since 1970. Raises :class:`UnusableUpstream`.
    """
    return tuple(
        upstream_record(
            name,
            given,
            account=_owner(name, given, account),
            region=settings.region,
            secret=secret_key(name, given, read_file=read_file, environ=environ),
            ca_pem=certificates(name, given, read_file=read_file),
            seal=seal,
            now=now,
            configured=True,
        )
        for name, given in settings.upstreams.items()
    )


def sync(tx: Transaction, records: Iterable[UpstreamRecord], open_secret: OpenSecret) -> Synced:
    """Keep the configured upstreams and remove those that stand in the settings no longer.

    What is kept already is not written again, so that a restart changes nothing. Raises
    :class:`UpstreamTaken` for a name that was added by hand.
    """
    wanted = {(record.account, record.name): record for record in records}
    written, removed = [], []
    for kept in tx.scan(UpstreamRecord):
        name = (kept.account, kept.name)
        if name in wanted and not kept.configured:
            raise UpstreamTaken(
                f"upstream `{kept.name}` of account `{kept.account}` was added by hand, and stands"
                " in the settings too",
                help=f"remove one of them: `valetkey upstream remove {kept.name}`, or its table in"
                " the settings file",
            )
        if name in wanted:
            meant = replace(wanted[name], created=kept.created)
            if _same(kept, meant, open_secret):
                del wanted[name]
            else:
                wanted[name] = meant
        elif kept.configured:
            tx.delete(kept)
            removed.append(kept.name)
    for record in wanted.values():
        tx.put(record)
        written.append(record.name)
    return Synced(tuple(written), tuple(removed))


def upstream_record(
    name: str,
    given: UpstreamSettings,
    *,
    account: str,
    region: str,
    secret: str | None,
    ca_pem: str | None,
    seal: Seal,
    now: float,
    configured: bool = False,
) -> UpstreamRecord:
    """Return the record of an upstream; ``region`` is for one that names none."""
    keys = None
    if given.access_key_id is not None and secret is not None:
        sealed = seal(secret, given.access_key_id)
        keys = UpstreamKeys(access_key_id=given.access_key_id, sealed_secret=sealed)
    return UpstreamRecord(
        account=account,
        name=name,
        service=given.service,
        endpoint=given.endpoint,
        region=given.region or region,
        created=now,
        keys=keys,
        role=_role(given),
        buckets=given.buckets,
        accounts=given.accounts,
        path_style=given.path_style,
        payload=given.payload,
        trailers=given.trailers,
        features=given.features,
        ca_pem=ca_pem,
        configured=configured,
    )


def secret_key(
    name: str, given: UpstreamSettings, *, read_file: ReadFile, environ: Mapping[str, str]
) -> str | None:
    """Return an upstream's secret key from its file or variable; None where it names neither.

    Raises :class:`UnusableUpstream`.
    """
    if given.secret_access_key_file is not None:
        path = given.secret_access_key_file
        text = _content(name, path, read_file).decode("utf-8", "replace")
        return checked_secret(name, text, f"the file `{path}`")
    if given.secret_access_key_env is not None:
        variable = given.secret_access_key_env
        if variable not in environ:
            raise UnusableUpstream(
                f"upstream `{name}`: there is no environment variable `{variable}`",
                help="set it to the secret key for the server's process",
            )
        return checked_secret(name, environ[variable], f"the environment variable `{variable}`")
    return None


def checked_secret(name: str, text: str, place: str) -> str:
    """Return a secret key without the line break that a file ends with.

    Raises :class:`UnusableUpstream` for what is none; ``place`` says where it came from.
    """
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret:
        raise UnusableUpstream(
            f"upstream `{name}`: {place} is empty", help="it holds the secret key and nothing else"
        )
    plain = secret.isascii() and secret.isprintable() and " " not in secret
    if not plain or len(secret) > _LONGEST_SECRET:
        raise UnusableUpstream(
            f"upstream `{name}`: {place} holds no secret key",
            help="a secret key is one word of letters, digits and signs; nothing else stands there",
        )
    return secret


def certificates(name: str, given: UpstreamSettings, *, read_file: ReadFile) -> str | None:
    """Return the certificates of an upstream's CA file in PEM, and nothing else that it holds.

    Raises :class:`UnusableUpstream`.
    """
    if given.ca_file is None:
        return None
    try:
        found = load_pem_x509_certificates(_content(name, given.ca_file, read_file))
    except ValueError:
        found = []
    if not found:
        raise UnusableUpstream(
            f"upstream `{name}`: `{given.ca_file}` holds no certificate",
            help="it is the PEM file of the CA that signed the upstream's certificate",
        )
    return "".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in found)


def _content(name: str, path: str, read_file: ReadFile) -> bytes:
    try:
        return read_file(path)
    except OSError as error:
        why = (error.strerror or "it can't be read").lower()
        raise UnusableUpstream(
            f"upstream `{name}`: `{path}` can't be read: {why}",
            help="the server's own user must be able to read it",
        ) from error


def _owner(name: str, given: UpstreamSettings, account: str | None) -> str:
    owner = given.account or account
    if owner is None:
        raise UnusableUpstream(
            f"upstream `{name}` does not say whose it is, and there is more than one account",
            help=f"write `account` in the table `[upstreams.{name}]`",
        )
    return owner


def _role(given: UpstreamSettings) -> UpstreamRole | None:
    if given.role_arn is None or given.sts_endpoint is None:
        return None
    role = UpstreamRole(
        role_arn=given.role_arn,
        sts_endpoint=given.sts_endpoint,
        token_file=given.web_identity_token_file,
        external_id=given.external_id,
    )
    return role if given.session_name is None else replace(role, session_name=given.session_name)


def _same(kept: UpstreamRecord, meant: UpstreamRecord, open_secret: OpenSecret) -> bool:
    """Tell whether two records say the same; what is sealed differs each time, so it is opened."""
    if replace(kept, keys=None) != replace(meant, keys=None):
        return False
    if kept.keys is None or meant.keys is None:
        return kept.keys is meant.keys
    if kept.keys.access_key_id != meant.keys.access_key_id:
        return False
    try:
        return open_secret(kept.keys) == open_secret(meant.keys)
    except SealBroken:
        # Sealed under a key that is no longer there: written anew, it opens again.
        return False
