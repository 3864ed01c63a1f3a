"""Nothing starts with a default secret, and two installations share none.

Elsewhere: a default HMAC secret, a fixed token for a replication port, a test token in a release.
"""

import json
import stat
from pathlib import Path

import pytest

import valetkey
from support.edge import ACCOUNT
from valetkey.credentials import KeyRing
from valetkey.errors import ValetkeyError
from valetkey.server import Home, bootstrap
from valetkey.server.home import HomeMissing

SOURCE = Path(valetkey.__file__).parent


def test_two_homes_share_no_secret(tmp_path: Path):
    homes = [Home(tmp_path / name) for name in ("a", "b")]
    admins = [bootstrap(home, ACCOUNT, lambda: 0.0) for home in homes]
    assert admins[0].secret_key != admins[1].secret_key
    assert admins[0].access_key_id != admins[1].access_key_id
    rings = [json.loads(home.key_ring_file.read_bytes()) for home in homes]
    secrets = [{str(value) for key in ring["keys"] for value in key.values()} for ring in rings]
    shared = secrets[0] & secrets[1]
    assert not [value for value in shared if len(value) > 20], "times are alike, secrets are not"


def test_no_home_serves_without_its_key_ring(tmp_path: Path):
    home = Home(tmp_path / "home")
    with pytest.raises(HomeMissing):
        home.key_ring()
    bootstrap(home, ACCOUNT, lambda: 0.0)
    home.key_ring_file.unlink()
    with pytest.raises(HomeMissing):
        home.key_ring()
    with pytest.raises(ValetkeyError):
        bootstrap(home, ACCOUNT, lambda: 0.0)
    assert not home.key_ring_file.exists(), "a new ring opens nothing, and must not look right"


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b'{"keys": []}', b"\xff", b"secret"]
)
def test_a_key_ring_without_keys_is_refused(content: bytes):
    with pytest.raises(ValetkeyError):
        KeyRing.from_json(content)


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path):
    home = Home(tmp_path / "home")
    bootstrap(home, ACCOUNT, lambda: 0.0)
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    for path in (home.key_ring_file, home.database):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_source_holds_no_key():
    for path in SOURCE.rglob("*"):
        if path.suffix not in {".py", ".json", ".toml"}:
            continue
        text = path.read_text()
        for word in ("PRIVATE KEY-----\n", "AKIA", "test_token", "eyJhbGciOi"):
            found = [line for line in text.splitlines() if word in line and not _harmless(line)]
            assert not found, (path, found)


def _harmless(line: str) -> bool:
    """Tell whether a line names the prefix of access keys, and holds no access key."""
    return "AKIA" in line and not any(len(w) == 20 for w in line.replace('"', " ").split())
