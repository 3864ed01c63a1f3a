"""``valetkey issuer``: what it serves, mints, exports and rotates."""

import base64
import json
import stat
import subprocess

import pytest

from cli.running import assert_in_words, exchange
from support.ports import free_port
from support.processes import environment, start, stop, wait_until_answers


def claims_of(token):
    return decoded(token.split(".")[1])


def decoded(segment):
    return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


def test_the_facts_of_the_job_are_in_the_token(valetkey, home):
    done = valetkey(
        "issuer", "token", "--aud", "a", "--aud", "b", "--project-path", "lanterns/infra/kiln",
        "--project-id", "77", "--ref", "v1", "--ref-type", "tag", "--pipeline-source", "schedule",
        "--environment", "production/eu", "--timeout", "600",
    )  # fmt: skip
    assert (done.code, done.output.count("\n"), done.errors) == (0, 1, "")
    claims = claims_of(done.output)
    assert claims["aud"] == ["a", "b"]
    assert claims["sub"] == "project_path:lanterns/infra/kiln:ref_type:tag:ref:v1"
    assert claims["iss"] == "https://localhost:8929"
    assert claims["exp"] - claims["iat"] == 600
    wanted = {
        "project_id": "77",
        "namespace_path": "lanterns/infra",
        "ref_path": "refs/tags/v1",
        "ref_protected": "false",
        "pipeline_source": "schedule",
        "environment": "production/eu",
        "deployment_tier": "production",
    }
    assert {name: claims[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("words", "protected"),
    [
        ((), "true"),
        (("--ref", "feature/x"), "false"),
        (("--ref", "main", "--ref-type", "tag"), "false"),
        (("--ref", "feature/x", "--protected"), "true"),
        (("--unprotected",), "false"),
    ],
)
def test_which_refs_are_protected(valetkey, home, words, protected):
    done = valetkey("issuer", "token", "--aud", "a", *words)
    assert claims_of(done.output)["ref_protected"] == protected


def test_each_token_has_an_id_of_its_own(valetkey, home):
    first, second = (valetkey("issuer", "token", "--aud", "a").output for _ in range(2))
    assert claims_of(first)["jti"] != claims_of(second)["jti"]


def test_a_first_token_makes_the_issuer_for_its_owner_only(valetkey, tmp_path):
    url = "https://gitlab.forge.example/kiln"
    token = valetkey("issuer", "token", "--aud", "a", "--url", url).output
    assert claims_of(token)["iss"] == url
    folder = tmp_path / "home" / "issuer"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert claims_of(valetkey("issuer", "token", "--aud", "a").output)["iss"] == url
    other = valetkey("issuer", "token", "--aud", "a", "--url", "https://other.example")
    assert_in_words(other, 1, "issuer-state", f"is `{url}`, not `https://other.example`")


def test_export_writes_what_a_web_server_needs(valetkey, tmp_path):
    token = valetkey("issuer", "token", "--aud", "a", "--url", "https://h.example").output
    done = valetkey("issuer", "export", "public")
    assert done.code == 0
    written = {line.removeprefix("public") for line in done.output.splitlines()}
    assert "/.well-known/openid-configuration" in written
    discovery = json.loads((tmp_path / "public/.well-known/openid-configuration").read_text())
    assert discovery["issuer"] == "https://h.example"
    path = discovery["jwks_uri"].removeprefix("https://h.example")
    assert path in written
    keys = json.loads((tmp_path / "public" / path.lstrip("/")).read_text())["keys"]
    assert decoded(token.split(".")[0])["kid"] in [key["kid"] for key in keys]
    assert all(set(key) <= {"kty", "kid", "use", "alg", "n", "e"} for key in keys)


def test_rotation_is_served_at_once_and_old_tokens_end(site):
    """As GitLab rotates: the old key is gone, so what it signed is no longer good."""
    before, kid = site.token(), decoded(site.token().split(".")[0])["kid"]
    assert exchange(site, before)[0] == 200
    done = site.valetkey("issuer", "rotate")
    assert (done.code, done.output) == (0, "")
    new = done.errors.split()[1]
    assert new != kid
    assert decoded(site.token().split(".")[0])["kid"] == new
    served = subprocess.run(
        ["curl", "-s", "--cacert", site.ca, f"{site.issuer}/oauth/discovery/keys"],
        capture_output=True,
        check=False,
    )
    if served.returncode == 0:
        assert new in served.stdout.decode()


def test_serving_over_plain_http_and_elsewhere(tmp_path):
    """A URL with ``http`` is for loopback; ``--listen`` wins over its port."""
    port = free_port()
    env = environment(tmp_path, VALETKEY_HOME=str(tmp_path / "home"))
    words = ["issuer", "serve", "--url", "http://localhost:1", "--listen", f"127.0.0.1:{port}"]
    log = tmp_path / "log"
    process = start(["valetkey", *words], env, log)
    try:
        url = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
        wait_until_answers(url, process, log)
        assert f"http://localhost:1 on port {port}" in log.read_text()
        assert "CA " not in log.read_text()
    finally:
        assert stop(process) == 0
    assert log.read_text().endswith("stopped\n")


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("token",), 2, "Missing option '--aud'"),
        (("token", "--aud", ""), 2, "an audience is not empty"),
        (("token", "--aud", "a", "--url", "https://h:99999"), 2, "has a port that is none"),
        (("token", "--aud", "a", "--url", "gitlab.example"), 1, "is not the URL of an issuer"),
        (("token", "--aud", "a", "--url", "https://[::1"), 2, "has a port that is none"),
        (("token", "--aud", "a", "--project-path", ""), 2, "write it as GROUP/PROJECT"),
        (("token", "--aud", "a", "--project-path", "kiln"), 2, "write it as GROUP/PROJECT"),
        (("serve", "--listen", "nowhere"), 2, "write it as HOST:PORT"),
        (("serve", "--listen", "h:99999"), 2, "write it as HOST:PORT"),
        (("serve", "--listen", "192.0.2.1:1"), 1, "can't listen on `192.0.2.1:1`"),
        (("export", "x"), 1, "make an issuer with `valetkey issuer serve`"),
        (("rotate",), 1, "make an issuer with `valetkey issuer serve`"),
    ],
)
def test_what_is_refused(valetkey, words, code, part):
    assert_in_words(valetkey("issuer", *words), code, part)


@pytest.mark.parametrize("name", ["issuer.json", "signing-keys.json", "ca.pem", "ca.key"])
@pytest.mark.parametrize("content", [None, b"{}", b"\xff"])
def test_a_broken_folder(valetkey, home, name, content):
    path = home / "issuer" / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    done = valetkey("issuer", "rotate")
    assert_in_words(done, 1, "error[issuer-state", str(path.with_suffix("")))
