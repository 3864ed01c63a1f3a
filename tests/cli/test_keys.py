"""``valetkey keys``: what was sealed before a rotation opens after it, and after a restart."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from cli.running import assert_in_words, client
from support.processes import ACCOUNT, Site, document


@pytest.fixture
def served(tmp_path):
    """Serve a home, without an issuer."""
    site = Site(tmp_path)
    site.initialise()
    site.start_server()
    yield site
    for name in list(site.processes):
        site.stop(name)


def test_sessions_and_secrets_outlive_rotations(served):
    iam, secrets, sts = (client(served, name) for name in ("iam", "secretsmanager", "sts"))
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=document(trust))
    secrets.create_secret(Name="s", SecretString="sealed under the first key")
    role = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "RoleSessionName": "early"}
    early = sts.assume_role(**role)["Credentials"]
    first = ring(served)
    assert [key["seals"] for key in first] == [True]

    for _ in range(2):
        rotated = served.valetkey("keys", "rotate")
        assert (rotated.code, rotated.output) == (0, "")
        assert "restart `valetkey serve`" in rotated.errors
    # A server that runs goes on with the key that it knows.
    assert who(served, early).endswith("assumed-role/r/early")
    assert served.stop("server") == 0
    served.start_server()

    after = ring(served)
    assert [key["seals"] for key in after] == [True, False, False]
    assert after[-1]["id"] == first[0]["id"]
    assert who(served, early).endswith("assumed-role/r/early")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "sealed under the first key"
    secrets.put_secret_value(SecretId="s", SecretString="sealed under the third key")
    late = sts.assume_role(**role | {"RoleSessionName": "late"})["Credentials"]
    assert who(served, late).endswith("assumed-role/r/late")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "sealed under the third key"
    again = served.valetkey("init")
    assert f"AWS_SECRET_ACCESS_KEY={served.admin['AWS_SECRET_ACCESS_KEY']}" in again.output
    for made in (iam, secrets, sts):
        made.close()


def ring(site):
    return json.loads(site.valetkey("keys", "list", "--json").output)


def who(site, granted):
    sts = client(site, "sts", **{k: v for k, v in granted.items() if k != "Expiration"})
    try:
        return sts.get_caller_identity()["Arn"]
    finally:
        sts.close()


def test_the_list_as_people_read_it(valetkey, home):
    valetkey("keys", "rotate")
    done = valetkey("keys", "list")
    assert done.code == 0
    newest, oldest = done.output.splitlines()
    assert newest.endswith("  seals and opens")
    assert oldest.endswith("  opens")
    keys = json.loads(valetkey("keys", "list", "--json").output)
    assert [key["id"] for key in keys] == [newest.split()[0], oldest.split()[0]]
    ring_file = json.loads((home / "keyring.json").read_text())
    # The list says which keys there are, not what they are.
    printed = done.output
    assert not any(str(value) in printed for value in secrets_in(ring_file))


def secrets_in(value):
    """Yield every long text in a document."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from secrets_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from secrets_in(inner)
    elif isinstance(value, str) and len(value) > 24:
        yield value


def test_two_rotations_at_once_lose_no_key(valetkey, home):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: valetkey("keys", "rotate"), range(3)))
    assert len(json.loads(valetkey("keys", "list", "--json").output)) == 4


@pytest.mark.parametrize("words", [("list",), ("rotate",)])
def test_no_state(valetkey, words):
    assert_in_words(valetkey("keys", *words), 1, "home-missing", "valetkey init")
