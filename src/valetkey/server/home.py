"""The home folder: what is kept where, and who may read it."""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from valetkey.clock import Clock
from valetkey.credentials import KeyRing
from valetkey.errors import ValetkeyError
from valetkey.settings import MalformedSettings, Settings, load_settings

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class HomeMissing(ValetkeyError):
    """The home folder was never initialised."""

    code = "home-missing"


@dataclass(frozen=True, slots=True)
class Home:
    """The paths of one installation's state."""

    path: Path

    @property
    def key_ring_file(self) -> Path:
        """Return the key ring's file: the one secret that opens all others."""
        return self.path / "keyring.json"

    @property
    def database(self) -> Path:
        """Return the database of accounts, providers, roles, policies and secrets."""
        return self.path / "state.db"

    @property
    def decision_log(self) -> Path:
        """Return the database of records; it may be removed without losing state."""
        return self.path / "records.db"

    @property
    def settings_file(self) -> Path:
        """Return the settings file; it need not be there."""
        return self.path / "valetkey.toml"

    @property
    def cache(self) -> Path:
        """Return the folder of what can be made anew."""
        return self.path / "cache"

    @property
    def initialised(self) -> bool:
        """Return whether ``valetkey init`` has been here."""
        return self.key_ring_file.exists()

    def create(self) -> None:
        """Make the folder, readable by its owner only."""
        self.path.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        self.path.chmod(PRIVATE_FOLDER)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other process that asks the same out of the way."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def settings(self, config: Path | None, environ: Mapping[str, str]) -> Settings:
        """Return the settings: of a file, else of the home folder's, the environment on top.

        Raises ``MalformedSettings`` and, for a named file that can't be read, ``OSError``.
        """
        path = config or self.settings_file
        try:
            text = path.read_text("utf-8") if config is not None or path.exists() else None
        except UnicodeDecodeError:
            raise MalformedSettings(f"`{path}` is not UTF-8 text") from None
        return load_settings(text, str(path), environ)

    def key_ring(self) -> KeyRing:
        """Return the key ring. Raises :class:`HomeMissing` where there is none."""
        try:
            return KeyRing.from_json(self.key_ring_file.read_bytes())
        except FileNotFoundError as missing:
            raise HomeMissing(
                f"`{self.path}` holds no valetkey state",
                help=f"make it with `valetkey init --home {self.path}`",
            ) from missing

    def make_key_ring(self, clock: Clock) -> KeyRing:
        """Make and keep a new key ring; an existing one is never replaced."""
        ring = KeyRing.generate(secrets.token_bytes, clock())
        write_private(self.key_ring_file, ring.to_json(), exclusive=True)
        return ring

    def keep_key_ring(self, ring: KeyRing) -> None:
        """Replace the key ring's file, whole or not at all."""
        write_private(self.key_ring_file, ring.to_json())


def write_private(path: Path, content: bytes, *, exclusive: bool = False) -> None:
    """Write a file of mode 0600 whole or not at all; ``exclusive`` refuses an existing one."""
    if exclusive and path.exists():
        raise FileExistsError(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
