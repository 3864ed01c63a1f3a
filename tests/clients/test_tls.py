"""The server itself over TLS under a private CA: ``AWS_CA_BUNDLE`` is all that a client needs."""

import json

import pytest

from clients.talking import DEPLOY, role_arn
from support.processes import Site


@pytest.fixture(scope="module")
def secure(site):
    """Serve the same home once more, over TLS, with the issuer's certificate for loopback."""
    issuer = site.home / "issuer"
    served = Site(site.folder, issuer_port=site.issuer_port, admin=site.admin, tls=True)
    pair = ("--tls-cert", str(issuer / "tls.pem"), "--tls-key", str(issuer / "tls.key"))
    served.start_server(*pair)
    yield served
    served.stop("server")


def test_the_aws_cli_with_a_ca_bundle(secure):
    env = secure.admin_env(AWS_CA_BUNDLE=secure.ca)
    assert secure.aws("sts", "get-caller-identity", env=env).code == 0


def test_no_client_talks_to_a_stranger(secure, tmp_path):
    done = secure.aws("sts", "get-caller-identity", env=secure.admin_env())
    assert (done.code, done.output) == (255, "")
    assert "SSL validation failed" in done.errors

    (tmp_path / "token").write_text(secure.token())
    words = ["--role-arn", role_arn(DEPLOY), "--web-identity-token-file", str(tmp_path / "token")]
    done = secure.valetkey("credentials", *words)
    assert (done.code, done.output) == (1, "")
    assert "certificate" in done.errors.lower()
    done = secure.valetkey("credentials", *words, env=secure.env(AWS_CA_BUNDLE=secure.ca))
    assert done.code == 0, done.errors
    assert json.loads(done.output)["Version"] == 1
