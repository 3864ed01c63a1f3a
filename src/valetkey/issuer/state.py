"""The folder of an issuer: what it is called, what it signs with, who vouches for its server.

::

    issuer.json         its URL
    signing-keys.json   both signing keys (0600)
    ca.pem, ca.key      the authority that clients are told to trust, and its key (0600)
    tls.pem, tls.key    the server's chain and its key (0600)
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from valetkey.issuer.ca import CertificateAuthority, issue_certificate, make_ca
from valetkey.issuer.errors import IssuerStateError, MalformedIssuerState
from valetkey.issuer.keys import SigningKeys

_ISSUER = "issuer.json"
_KEYS = "signing-keys.json"
_CA, _CA_KEY = "ca.pem", "ca.key"
_TLS, _TLS_KEY = "tls.pem", "tls.key"


class _Named(msgspec.Struct):
    issuer: str


@dataclass(frozen=True, slots=True)
class IssuerState:
    """An issuer as its folder holds it."""

    folder: Path
    issuer: str
    keys: SigningKeys
    authority: CertificateAuthority

    @classmethod
    def create(cls, folder: Path, issuer: str, *, now: float) -> "IssuerState":
        """Make a new issuer in a folder, with keys, authority and server certificate.

        The certificate is for the host of ``issuer`` and for loopback. Raises
        :class:`IssuerStateError` where there is an issuer already.
        """
        if (folder / _ISSUER).exists():
            raise IssuerStateError(
                f"there is an issuer in `{folder}` already",
                help="use it, or remove the folder to begin anew",
            )
        _host(issuer)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = cls(folder, issuer, SigningKeys.generate(), make_ca(now))
        _write(folder / _KEYS, state.keys.to_json())
        _write(folder / _CA, state.authority.certificate_pem.encode())
        _write(folder / _CA_KEY, state.authority.key_pem.encode())
        state.renew_certificate(now=now)
        # The last file: a folder that has it has all of them.
        _write(folder / _ISSUER, msgspec.json.encode(_Named(issuer)))
        return state

    @classmethod
    def load(cls, folder: Path) -> "IssuerState":
        """Read an issuer. Raises :class:`IssuerStateError`, also where there is none."""
        try:
            issuer = msgspec.json.decode(_read(folder / _ISSUER), type=_Named).issuer
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise MalformedIssuerState(f"`{folder / _ISSUER}` can't be read") from None
        keys = _signing_keys(folder / _KEYS)
        with _named(folder / _CA):
            authority = CertificateAuthority.from_pem(_text(folder / _CA), _text(folder / _CA_KEY))
        return cls(folder, issuer, keys, authority)

    @property
    def ca_file(self) -> Path:
        """Return the file with the certificate that clients are told to trust."""
        return self.folder / _CA

    @property
    def tls_cert(self) -> Path:
        """Return the file with the server's chain: leaf, then root."""
        return self.folder / _TLS

    @property
    def tls_key(self) -> Path:
        """Return the file with the key of the server's certificate."""
        return self.folder / _TLS_KEY

    def current_keys(self) -> SigningKeys:
        """Return the signing keys as the folder holds them now. Raises as ``load`` does."""
        return _signing_keys(self.folder / _KEYS)

    def watched_keys(self) -> Callable[[], SigningKeys]:
        """Return a function of the present signing keys, which reads them when they changed.

        For a server that runs while ``rotate`` is called elsewhere. Where the file can't be read
        the keys stay what they were.
        """
        path, seen, keys = self.folder / _KEYS, _mark(self.folder / _KEYS), self.current_keys()

        def current() -> SigningKeys:
            nonlocal seen, keys
            mark = _mark(path)
            if mark != seen:
                with contextlib.suppress(IssuerStateError):
                    keys = self.current_keys()
                seen = mark
            return keys

        return current

    def renew_certificate(self, *, now: float) -> None:
        """Issue the server's certificate anew, by the same authority: thumbprints stay good."""
        names = dict.fromkeys((_host(self.issuer), "localhost", "127.0.0.1", "::1"))
        served = issue_certificate(self.authority, tuple(names), now)
        # NOTE: two files can't change as one; a server reads them once, when it starts.
        _write(self.folder / _TLS_KEY, served.key_pem.encode())
        _write(self.folder / _TLS, served.chain_pem.encode())

    def rotate(self) -> "IssuerState":
        """Put a new key for CI tokens in the old one's place, as GitLab does, and return that."""
        keys = self.current_keys().rotated()
        _write(self.folder / _KEYS, keys.to_json())
        return IssuerState(self.folder, self.issuer, keys, self.authority)


def _host(issuer: str) -> str:
    try:
        parts = urlsplit(issuer)
        host = parts.hostname
    except ValueError:
        host = None
    if (
        not host
        or not host.isascii()
        or parts.scheme not in {"https", "http"}
        or parts.query
        or parts.fragment
    ):
        raise IssuerStateError(
            f"`{issuer}` is not the URL of an issuer",
            help="write it as `https://HOST[:PORT][/PATH]`",
        )
    return host


def _signing_keys(path: Path) -> SigningKeys:
    with _named(path):
        return SigningKeys.from_json(_read(path))


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say which file it is about, where the content of one is not what it should be."""
    try:
        yield
    except MalformedIssuerState as error:
        if str(path.parent) in error.message:
            raise
        raise MalformedIssuerState(f"`{path}`: {error.message}") from None


def _mark(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is replaced."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise IssuerStateError(
            f"`{path}` can't be read: {(error.strerror or 'no reason given').lower()}",
            help="make an issuer with `valetkey issuer serve`",
        ) from None


def _text(path: Path) -> str:
    try:
        return _read(path).decode("ascii")
    except UnicodeDecodeError:
        raise MalformedIssuerState(f"`{path}` is not a PEM file") from None


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, for its owner's eyes only, and see it to the disk."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
