"""An upstream as the options of a command give it: held to the rules of the settings file."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from valetkey.cli.upstream_home import UpstreamNotChanged
from valetkey.diagnostics import Diagnostic, Severity
from valetkey.gateway.configured import checked_secret, secret_key
from valetkey.settings import (
    UpstreamSettings,
    field_complaint,
    is_in_clear,
    name_complaint,
    relation_complaints,
)
from valetkey.store import Transaction, UpstreamRecord, Upstreams

VARIABLE: Final = "VALETKEY_UPSTREAM_SECRET_KEY"
_STANDARD_INPUT: Final = "/dev/stdin"
_DASH: Final = "-"
_LONGEST_INPUT: Final = 65_536
_ALIKE: Final = (
    "endpoint",
    "service",
    "region",
    "account",
    "accounts",
    "payload",
    "trailers",
    "features",
    "access_key_id",
    "role_arn",
    "sts_endpoint",
    "external_id",
    "session_name",
)
_OTHERWISE: Final = {
    "buckets": "--bucket",
    "accounts": "--allow-account",
    "path_style": "--host-style",
    "secret_access_key_file": "--secret-key-file",
    "secret_access_key_env": VARIABLE,
}


def checked(name: str, options: Mapping[str, Any]) -> UpstreamSettings:
    """Return what the options say. Raises ``click.UsageError`` for what is wrong with them."""
    objection = name_complaint(name)
    if objection:
        raise click.UsageError(f"NAME {objection}, got `{name}`")
    given = _settings(options)
    for field in given.__struct_fields__:
        wrong = field_complaint(field, getattr(given, field))
        if wrong:
            raise click.UsageError(f"{_option(field)} {wrong[0]}, got `{wrong[1]}`")
    for complaint in relation_complaints(given, _option):
        raise click.UsageError(f"{complaint.message}: {complaint.help}")
    return given


def secret_of(name: str, given: UpstreamSettings) -> str | None:
    """Return the secret key; None where there is no access key id.

    Raises ``UnusableUpstream``, and ``click.UsageError`` where nobody can be asked.
    """
    if given.secret_access_key_file == _STANDARD_INPUT:
        text = sys.stdin.buffer.read(_LONGEST_INPUT).decode("utf-8", "replace")
        return checked_secret(name, text, "standard input")
    if given.secret_access_key_env is None or VARIABLE in os.environ:
        return secret_key(name, given, read_file=read_file, environ=os.environ)
    if not sys.stdin.isatty():
        raise click.UsageError(
            "the secret key is not given: --secret-key-file names its file, `-` is standard"
            f" input; or set {VARIABLE}"
        )
    asked: str = click.prompt(f"Secret key of {given.access_key_id}", hide_input=True, err=True)
    return checked_secret(name, asked, "what was typed")


def read_file(path: str) -> bytes:
    """Return what a file holds. Raises ``OSError``."""
    return Path(path).read_bytes()


def keep(tx: Transaction, record: UpstreamRecord, *, replace: bool) -> bool:
    """Keep an upstream; return whether it is new. Raises :class:`UpstreamNotChanged`."""
    from msgspec.structs import replace as changed

    there = tx.get(UpstreamRecord, record.account, record.name)
    if there is not None and there.configured:
        raise from_settings(there.name)
    if there is not None and not replace:
        raise UpstreamNotChanged(
            f"there is an upstream `{record.name}` already",
            help="give --replace, and everything that it is to be; or choose another name",
        )
    tx.put(record if there is None else changed(record, created=there.created))
    return there is None


def from_settings(name: str) -> UpstreamNotChanged:
    """Return the refusal to change what the settings file says."""
    return UpstreamNotChanged(
        f"upstream `{name}` comes from the settings file",
        help=f"change its table `[upstreams.{name}]` there, and start the server again",
    )


def warnings(record: UpstreamRecord, upstreams: Upstreams) -> Iterator[Diagnostic]:
    """Yield what works, and is worth a second look."""
    endpoints = {record.endpoint, record.role.sts_endpoint if record.role else record.endpoint}
    for endpoint in sorted(endpoints):
        if is_in_clear(endpoint):
            yield _warning(
                "in-clear",
                f"what goes to `{endpoint}` can be read and changed on its way",
                "use https, also within a private network",
            )
    if record.keys is None and record.role is None:
        yield _warning(
            "unsigned",
            f"requests go to upstream `{record.name}` unsigned: it has no credentials",
            "give --access-key-id, or --role-arn",
        )
    token = record.role.token_file if record.role else None
    if token is not None and not Path(token).exists():
        yield _warning(
            "token-missing",
            f"the token file `{token}` is not there yet",
            "it is read whenever credentials are fetched",
        )
    for other in upstreams.stores():
        if (other.account, other.name) == (record.account, record.name):
            return
        shadowed = [
            glob for glob in record.buckets if glob in other.buckets or "*" in other.buckets
        ]
        if shadowed and record.service == other.service:
            yield _warning(
                "shadowed",
                f"upstream `{other.name}` serves the buckets `{shadowed[0]}` before this one",
                "the first by account and name is meant: narrow the other one's --bucket",
            )
            return


def _settings(options: Mapping[str, Any]) -> UpstreamSettings:
    fields = {name: options[name] for name in _ALIKE if options[name] is not None}
    for name in ("ca_file", "web_identity_token_file"):
        fields[name] = _whole(options[name])
    if options["secret_key_file"] is not None:
        path = options["secret_key_file"]
        fields["secret_access_key_file"] = _STANDARD_INPUT if path == _DASH else _whole(path)
    elif options["access_key_id"] is not None:
        fields["secret_access_key_env"] = VARIABLE
    if options["buckets"]:
        fields["buckets"] = options["buckets"]
    return UpstreamSettings(path_style=not options["host_style"], **fields)


def _whole(path: str | None) -> str | None:
    return None if path is None else str(Path(path).expanduser().absolute())


def _option(field: str) -> str:
    return _OTHERWISE.get(field, f"--{field.replace('_', '-')}")


def _warning(code: str, message: str, advice: str) -> Diagnostic:
    return Diagnostic(code, message, severity=Severity.WARNING, help=(advice,))
