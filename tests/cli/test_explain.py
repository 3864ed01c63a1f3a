"""``valetkey explain`` in its three forms: 0 for what is allowed, 1 for what is refused."""

import itertools
import json
import re
import sqlite3
from pathlib import Path

import pytest

from cli.running import ROLE_ARN, assert_in_words, exchange
from support.processes import ACCOUNT, AUDIENCE, PROJECT, Site, trust_policy

HOST = "gitlab.forge.example"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"


@pytest.fixture
def explain(site):
    """Ask about a role of the home."""

    def command(*words):
        return site.valetkey("explain", *words)

    return command


@pytest.fixture
def token_file(site, tmp_path):
    def written(*words, **options):
        path = tmp_path / "token"
        path.write_text(site.token(*words, **options) + "\n")
        return str(path)

    return written


def test_a_refused_request(site, explain):
    status, request = exchange(site, site.token("--ref", "feature/x"))
    assert status == 403
    done = explain("--request", request)
    assert (done.code, done.errors) == (1, "")
    assert request in done.output
    assert points_at(done.output, "ref:main", "ref:")
    told = explain("--request", request, "--json")
    assert told.code == 1
    assert told.json["allowed"] is False
    assert request in told.output


def points_at(text, value, prefix):
    """Tell whether a caret stands under the character after ``prefix`` of a value."""
    lines = text.splitlines()
    for line, below in itertools.pairwise(lines):
        column = line.find(value)
        if column >= 0 and below.find("^") == column + len(prefix):
            return True
    return False


def test_a_granted_request(site, explain):
    status, request = exchange(site, site.token())
    assert status == 200
    assert explain("--request", request).code == 0
    assert explain("--request", request, "--json").json["allowed"] is True


def test_requests_that_no_record_is_of(explain, valetkey, home):
    done = explain("--request", "00000000-0000-0000-0000-000000000000")
    assert_in_words(done, 1, "not-recorded", "--home")
    assert_in_words(explain("--request", "'; drop table requests"), 1, "not-recorded")
    # A home whose server never ran has no log, and gets none by being asked.
    assert_in_words(valetkey("explain", "--request", "x"), 1, "has answered a request yet")
    assert not (home / "records.db").exists()


def test_no_home(valetkey):
    assert_in_words(valetkey("explain", "--request", "x"), 1, "home-missing")


def test_a_log_that_is_none(valetkey, home):
    (home / "records.db").write_bytes(b"no database" * 100)
    assert_in_words(valetkey("explain", "--request", "x"), 1, "the file is no database")


@pytest.mark.parametrize(
    ("minted", "code", "parts"),
    [
        ([], 0, ["allowed"]),
        (["--ref", "feature/x"], 1, ["ref:feature/x", "ref:main"]),
        (["--timeout", "-700"], 1, ["expired"]),
        (["--project-path", "lanterns/kiln-x"], 1, ["lanterns/kiln-x"]),
    ],
)
def test_a_token_against_a_role_with_the_issuer_alive(explain, token_file, minted, code, parts):
    words = ("--token-file", token_file(*minted), "--role-arn", ROLE_ARN)
    done = explain(*words)
    assert (done.code, done.errors) == (code, "")
    for part in parts:
        assert part in done.output
    told = explain(*words, "--json")
    assert told.code == code
    assert told.json["allowed"] is (code == 0)


def test_another_audience(explain, token_file):
    words = ("--token-file", token_file(aud="https://other.example"), "--role-arn", ROLE_ARN)
    done = explain(*words)
    assert done.code == 1
    assert "https://other.example" in done.output
    assert AUDIENCE in done.output


@pytest.mark.parametrize(
    ("arn", "part"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/nobody", "nobody"),
        ("arn:aws:iam:::role/kiln", "account"),
        ("kiln", "arn:aws:iam::ACCOUNT:role/NAME"),
    ],
)
def test_roles_that_are_not_there(explain, token_file, arn, part):
    done = explain("--token-file", token_file(), "--role-arn", arn)
    assert (done.code, part in done.output) == (1, True)


def test_nothing_is_recorded_or_granted_by_asking(site, explain, token_file):
    before = records(site)
    explain("--token-file", token_file(), "--role-arn", ROLE_ARN)
    assert records(site) == before


def records(site):
    """Count the records; this process has no other connection to the database."""
    connection = sqlite3.connect(f"file:{site.home}/records.db?mode=ro", uri=True)
    try:
        tables = connection.execute("select name from sqlite_master where type = 'table'")
        names = [name for (name,) in tables.fetchall()]
        return {n: connection.execute(f"select count(*) from {n}").fetchone()[0] for n in names}
    finally:
        connection.close()


def test_with_the_keys_in_a_file_the_issuer_may_be_down(site, tmp_path, valetkey):
    """A home whose server and issuer do not run, and the issuer's keys as exported."""
    public = tmp_path / "public"
    assert site.valetkey("issuer", "export", str(public)).code == 0
    (keys,) = [path for path in public.rglob("*") if '"keys"' in text_of(path)]
    token = tmp_path / "token"
    token.write_text(site.token())
    trust = tmp_path / "trust.json"
    trust.write_text(site.trust())
    words = ("explain", "--token-file", str(token), "--trust-policy", str(trust))
    assert valetkey(*words, "--jwks", str(keys)).code == 0

    text = token.read_text()
    token.write_text(text[:-6] + ("AAAAAA" if text[-6:] != "AAAAAA" else "BBBBBB"))
    forged = valetkey(*words, "--jwks", str(keys))
    assert forged.code == 1
    assert "signature" in forged.output
    # Without keys nothing is known of the signature, and that is said.
    supposed = valetkey(*words)
    assert supposed.code == 0
    assert "signature (no keys were given)" in " ".join(supposed.output.split())


def text_of(path):
    return path.read_text() if path.is_file() else ""


def test_the_issuer_is_down(tmp_path):
    """What AWS calls the verification key is told with its reason, and nothing hangs."""
    site = Site(tmp_path)
    site.initialise()
    site.start_server()
    try:
        token = tmp_path / "token"
        token.write_text(site.token("--url", site.issuer))
        create = site.aws(
            "iam", "create-open-id-connect-provider", "--url", site.issuer,
            "--client-id-list", json.dumps([AUDIENCE]), "--thumbprint-list", "0" * 40,
        )  # fmt: skip
        assert create.code == 0, create.errors
        role = ("iam", "create-role", "--role-name", "kiln")
        assert site.aws(*role, "--assume-role-policy-document", site.trust()).code == 0
        done = site.valetkey("explain", "--token-file", str(token), "--role-arn", ROLE_ARN)
        assert done.code == 1
        assert site.issuer in done.output
        assert re.search("refused|can't be reached|no connection|connect", done.output)
        # With the keys as the issuer would serve them, it need not be asked.
        assert site.valetkey("issuer", "export", str(tmp_path / "public")).code == 0
        keys = str(tmp_path / "public" / "oauth" / "discovery" / "keys")
        words = ("--token-file", str(token), "--role-arn", ROLE_ARN, "--jwks", keys)
        assert site.valetkey("explain", *words).code == 0
    finally:
        site.stop("server")


@pytest.fixture
def policy_file(tmp_path):
    def written(**condition):
        path = tmp_path / "trust.json"
        path.write_text(trust_policy(PROVIDER, condition))
        return str(path)

    return written


@pytest.fixture
def minted(valetkey, tmp_path):
    def written():
        words = ("--url", f"https://{HOST}", "--aud", AUDIENCE, "--project-path", PROJECT)
        path = tmp_path / "token"
        path.write_text(valetkey("issuer", "token", *words).output)
        return str(path)

    return written


def test_a_token_against_a_policy_needs_no_home(valetkey, minted, policy_file, tmp_path):
    sub = f"{HOST}:sub"
    admits = {"StringEquals": {sub: f"project_path:{PROJECT}:ref_type:branch:ref:main"}}
    words = ("--token-file", minted(), "--trust-policy", policy_file(**admits))
    elsewhere = {"VALETKEY_HOME": str(tmp_path / "nowhere")}
    done = valetkey("explain", *words, **elsewhere)
    assert (done.code, done.errors) == (0, "")
    assert not (tmp_path / "nowhere").exists()
    assert valetkey("explain", *words, "--json", **elsewhere).json["allowed"] is True

    # O-02: the star is literal under StringEquals.
    star = {"StringEquals": {sub: f"project_path:{PROJECT}:*"}}
    words = ("--token-file", minted(), "--trust-policy", policy_file(**star))
    done = valetkey("explain", *words, **elsewhere)
    assert done.code == 1
    assert "StringLike" in done.output


def test_what_is_said_of_the_provider(valetkey, minted, policy_file):
    admits = {"StringLike": {f"{HOST}:sub": "project_path:*"}}
    words = ("--token-file", minted(), "--trust-policy", policy_file(**admits))
    assert valetkey("explain", *words, "--audience", AUDIENCE).code == 0
    other = valetkey("explain", *words, "--audience", "https://other.example")
    assert (other.code, "https://other.example" in other.output) == (1, True)
    slash = valetkey("explain", *words, "--provider-url", f"https://{HOST}/")
    assert slash.code == 1
    assert "slash" in slash.output


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"no token", "segment"),
        (b"a.b.c", "refused"),
        (b"", "refused"),
        (b"$ID_TOKEN", "variable that did not expand"),
    ],
)
def test_texts_that_are_no_token_are_explained(valetkey, policy_file, tmp_path, content, part):
    (tmp_path / "token").write_bytes(content)
    policy = policy_file(StringLike={f"{HOST}:sub": "*"})
    done = valetkey("explain", "--token-file", "token", "--trust-policy", policy)
    assert (done.code, done.errors) == (1, "")
    assert part in done.output


def test_files_that_hold_something_else(valetkey, minted, policy_file, tmp_path):
    token, policy = minted(), policy_file(StringLike={f"{HOST}:sub": "*"})
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.json").write_text('{"Version": "2012-10-17",\n "Statement": [}\n')

    binary = valetkey("explain", "--token-file", "binary", "--trust-policy", policy)
    assert_in_words(binary, 1, "`binary` is not UTF-8 text")
    binary = valetkey("explain", "--token-file", token, "--trust-policy", "binary")
    assert_in_words(binary, 1, "`binary` is not UTF-8 text")
    broken = valetkey("explain", "--token-file", token, "--trust-policy", "broken.json")
    assert_in_words(broken, 1, "broken.json:2:")
    keys = valetkey("explain", "--token-file", token, "--trust-policy", policy, "--jwks", policy)
    assert_in_words(keys, 1, "the key set has no array `keys`")


def test_a_token_given_for_the_policy_is_not_quoted(valetkey, minted):
    token = minted()
    done = valetkey("explain", "--token-file", token, "--trust-policy", token)
    assert_in_words(done, 1, "holds a token, not a policy")
    header, payload, signature = Path(token).read_text().strip().split(".")
    for part in (header, payload[:40], signature[:20], signature[-20:]):
        assert part not in done.all


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((), "give --request; or --token-file or"),
        (("--token-file", "t"), "give --request; or --token-file or"),
        (("--role-arn", "r"), "give --request; or --token-file or"),
        (("--token-file", "t", "--role-arn", "r", "--trust-policy", "t"), "give --request; or"),
        (("--token-file", "t", "--claims", "t", "--role-arn", "r"), "not both"),
        (("--claims", "-", "--trust-policy", "-"), "only one file may be -"),
        (("--policy", "t"), "give --action"),
        (("--action", "s3:GetObject", "--role-arn", "r"), "not both at once"),
        (("--action", "s3:GetObject", "--context", "x"), "`x` is no condition key"),
        (("--action", "s3:GetObject", "--principal", "x"), "`x` is no principal"),
        (("--action", "s3:GetObject", "--at", "noon"), "`noon` is no time"),
        (("--request", "x", "--token-file", "t"), "--request stands alone"),
        (("--request", "x", "--role-arn", "r"), "--request stands alone"),
        (("--token-file", "nowhere", "--role-arn", "r"), "'nowhere' does not exist"),
        (("--token-file", "t", "--trust-policy", "nowhere"), "'nowhere' does not exist"),
        (("--token-file", ".", "--role-arn", "r"), "is a directory"),
        (("--requst", "x"), "Did you mean '--request'"),
    ],
)
def test_usage(valetkey, tmp_path, words, part):
    (tmp_path / "t").write_text("t")
    assert_in_words(valetkey("explain", *words), 2, part)


def test_colour_is_for_terminals_and_who_asks(site, explain):
    _, request = exchange(site, site.token("--ref", "feature/x"))
    words = ("explain", "--request", request)
    assert "\x1b[" not in explain(*words[1:]).output
    assert "\x1b[" in site.valetkey(*words, env=site.env(FORCE_COLOR="1")).output
    both = site.env(FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[" not in site.valetkey(*words, env=both).output
