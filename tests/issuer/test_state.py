import stat
import time

import pytest

from valetkey.issuer import IssuerState, IssuerStateError, MalformedIssuerState

NOW = time.time()
ISSUER = "https://gitlab.localhost:8443"


@pytest.fixture
def state(tmp_path):
    return IssuerState.create(tmp_path / "issuer", ISSUER, now=NOW)


def test_what_is_made_is_found_again(state):
    again = IssuerState.load(state.folder)
    assert again.issuer == ISSUER
    assert again.keys.ci.kid == state.keys.ci.kid
    assert again.authority.certificate == state.authority.certificate
    assert again.ca_file.read_text() == state.authority.certificate_pem
    assert again.tls_cert.read_text().endswith(state.authority.certificate_pem)


def test_files_are_for_their_owner_only(state):
    files = list(state.folder.iterdir())
    assert {file.name for file in files} == {
        "issuer.json", "signing-keys.json", "ca.pem", "ca.key", "tls.pem", "tls.key",
    }  # fmt: skip
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(state.folder.stat().st_mode) == 0o700


def test_an_issuer_is_not_made_over_another(state):
    before = (state.folder / "signing-keys.json").read_bytes()
    with pytest.raises(IssuerStateError, match="already"):
        IssuerState.create(state.folder, ISSUER, now=NOW)
    assert (state.folder / "signing-keys.json").read_bytes() == before


def test_a_folder_made_halfway_is_made_anew(state):
    (state.folder / "issuer.json").unlink()
    again = IssuerState.create(state.folder, ISSUER, now=NOW)
    assert again.keys.ci.kid != state.keys.ci.kid
    assert IssuerState.load(state.folder).keys.ci.kid == again.keys.ci.kid


def test_rotation_is_seen_by_who_watches(state):
    watched = state.watched_keys()
    assert watched().ci.kid == state.keys.ci.kid
    rotated = state.rotate()
    assert watched().ci.kid == rotated.keys.ci.kid != state.keys.ci.kid
    assert watched() is watched()
    (state.folder / "signing-keys.json").write_bytes(b"broken")
    assert watched().ci.kid == rotated.keys.ci.kid


def test_a_renewed_certificate_has_the_same_authority(state):
    before = state.tls_cert.read_text()
    state.renew_certificate(now=NOW + 86_400)
    after = state.tls_cert.read_text()
    assert after != before
    assert after.endswith(state.authority.certificate_pem)


def test_no_issuer(tmp_path):
    with pytest.raises(IssuerStateError, match="no such file"):
        IssuerState.load(tmp_path)


@pytest.mark.parametrize("name", ["issuer.json", "signing-keys.json", "ca.pem", "ca.key"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{"])
def test_broken_files(state, name, content):
    (state.folder / name).write_bytes(content)
    with pytest.raises(MalformedIssuerState):
        IssuerState.load(state.folder)


@pytest.mark.parametrize(
    "issuer", ["", "gitlab.example", "ftp://h", "https://", "https://[", "https://h?x",
               "https://b\u00fccher"],
)  # fmt: skip
def test_what_is_no_issuer_s_url(tmp_path, issuer):
    with pytest.raises(IssuerStateError, match="is not the URL of an issuer"):
        IssuerState.create(tmp_path / "x", issuer, now=NOW)
    assert not (tmp_path / "x").exists()
