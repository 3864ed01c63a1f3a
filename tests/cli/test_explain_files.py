"""``valetkey explain`` of files: claims, standard input, permission questions; no server at all."""

import base64
import io
import json

import pytest
from click.testing import CliRunner

from cli.running import ROLE_ARN
from support.tokens import header, jwk, jwks, rsa_key, sign
from valetkey.cli.explain import command
from valetkey.errors import ValetkeyError

ACCOUNT = "400000000019"
HOST = "gitlab.forge.example"
SUB = "project_path:lanterns/kiln:ref_type:branch:ref:main"
CLAIMS = {"iss": f"https://{HOST}", "aud": "https://vk.example.test", "sub": SUB}
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci/kiln"


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": statements}


def trust(**condition):
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            **({"Condition": condition} if condition else {}),
        }
    )


def allow(action, resource="*", **condition):
    more = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.fixture
def explain(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*words, stdin=None, code=None, **files):
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content, indent=2)
            (tmp_path / f"{name}.json").write_text(text)
        done = CliRunner().invoke(command, words, input=stdin, standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        assert code in {None, done.return_value}, done.output
        return done.output

    return run


ADMITS = trust(StringEquals={f"{HOST}:sub": SUB})
AGAINST = ("--trust-policy", "trust.json")


def test_claims_are_enough(explain):
    out = explain("--claims", "c.json", *AGAINST, c=CLAIMS, trust=ADMITS, code=0)
    assert out.startswith("allowed, if the signature is the issuer's")
    assert "times (the claims name no times)" in " ".join(out.split())


@pytest.mark.parametrize("what", ["--claims", "--trust-policy"])
def test_a_file_from_standard_input(explain, what):
    given = {"--claims": "c.json", "--trust-policy": "trust.json", what: "-"}
    stdin = json.dumps(CLAIMS if what == "--claims" else trust(StringEquals={f"{HOST}:sub": "x"}))
    words = [word for pair in given.items() for word in pair]
    out = explain(*words, stdin=stdin, c=CLAIMS, trust=ADMITS)
    assert ("standard input:1:" in out) is (what == "--trust-policy")


@pytest.mark.parametrize(("signer", "code"), [("first", 0), ("other", 1)])
def test_the_keys_from_standard_input(explain, signer, code):
    moment = 1_764_000_000
    signed = sign(rsa_key(signer), header(), CLAIMS | {"iat": moment, "exp": moment + 300})
    stdin = jwks(jwk(rsa_key("first"), header()["kid"]))
    words = ("--token-file", "c.json", *AGAINST, "--jwks", "-", "--at", str(moment))
    out = explain(*words, stdin=stdin, code=code, c=signed, trust=ADMITS)
    assert ("signature" in out.split("passed:")[1].split("\n\n")[0]) is (code == 0)


def test_an_issuer_that_would_write_policy_stays_one_value(explain):
    issuer = f'https://{HOST}", "AWS": "arn:aws:iam::400000000027:root'
    wide = trust()
    wide["Statement"][0]["Principal"] = {"AWS": "*"}
    out = explain("--claims", "c.json", *AGAINST, c=CLAIMS | {"iss": issuer}, trust=wide, code=1)
    written = next(line for line in out.splitlines() if "= help: write" in line)
    advised = json.loads("{" + written.partition("`")[2].rpartition("`")[0] + "}")
    assert list(advised["Principal"]) == ["Federated"]


def test_standard_input_that_is_no_text(explain, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff")))
    with pytest.raises(ValetkeyError, match="standard input is not UTF-8"):
        explain("--claims", "-", *AGAINST, stdin=b"\xff\xfe", trust=ADMITS)


TIMED = {**CLAIMS, "iat": 1_764_000_000, "exp": 1_764_000_300}
MOMENTS = [
    ("1764000100", 0),
    ("2025-11-24T16:01:40Z", 0),
    ("2025-11-24T16:01:40", 0),
    ("1764009999", 1),
    ("2024-01-01", 1),
]


@pytest.mark.parametrize(("at", "code"), MOMENTS)
def test_the_time_to_judge_by(explain, at, code):
    words = ("--claims", "c.json", *AGAINST, "--at", at)
    explain(*words, c=TIMED, trust=ADMITS, code=code)


@pytest.mark.parametrize(
    "claims",
    ['{"sub": "a", "sub": "b"}', "[]", "{", "", "null", '{"iss": 1}', '{"aud": "x"}'],
)
def test_claims_that_are_none_are_refused(explain, claims):
    out = explain("--claims", "c.json", *AGAINST, c=claims, trust=ADMITS, code=1)
    assert out.startswith("refused: ")


def test_session_tags_need_an_action_of_their_own(explain):
    tags = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["kiln"]}}}
    words = ("--claims", "c.json", *AGAINST)
    out = explain(*words, c={**CLAIMS, **tags}, trust=ADMITS, code=1)
    assert "add `sts:TagSession` to the actions" in out
    assert '+      "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]' in out
    more = json.loads(json.dumps(ADMITS))
    more["Statement"][0]["Action"] = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    explain(*words, c={**CLAIMS, **tags}, trust=more, code=0)


def test_claims_against_a_role_of_a_home(site, tmp_path):
    """The provider, its client ids and the trust policy are the home's own."""
    claims = {"iss": site.issuer, "aud": "https://elsewhere.example", "sub": SUB}
    path = tmp_path / "claims.json"
    path.write_text(json.dumps(claims))
    words = ("explain", "--claims", str(path), "--role-arn", ROLE_ARN)
    assert "no client id of the provider" in site.valetkey(*words).output
    for arn, iss, part in (
        (f"{ROLE_ARN}-not", site.issuer, "there is no role"),
        (ROLE_ARN, "https://elsewhere.example", "is not registered"),
    ):
        path.write_text(json.dumps({**claims, "iss": iss}))
        done = site.valetkey("explain", "--claims", str(path), "--role-arn", arn)
        assert (done.code, part in done.output) == (1, True), done


def test_decoded_claims_of_a_real_token_are_judged_by_the_home(site, tmp_path):
    payload = site.token().split(".")[1]
    path = tmp_path / "claims.json"
    path.write_bytes(base64.urlsafe_b64decode(payload + "=="))
    done = site.valetkey("explain", "--claims", str(path), "--role-arn", ROLE_ARN)
    assert done.code == 0, done
    assert "allowed, if the signature is the issuer's" in done.output
    assert "role there" in " ".join(done.output.split())


ASK = ("--action", "s3:GetObject", "--resource", "arn:aws:s3:::kiln/a")
READ = policy(allow("s3:Get*", "arn:aws:s3:::kiln/*"))


def test_a_permission_question(explain):
    assert "statement 1 allows" in explain("--policy", "p.json", *ASK, p=READ, code=0)
    explain("--policy", "p.json", *ASK, p=policy(allow("s3:Put*")), code=1)
    explain(
        "--policy", "p.json", "--policy", "q.json", *ASK, p=policy(allow("ec2:*")), q=READ, code=0
    )


def test_every_kind_of_policy_limits_or_grants(explain):
    files = {"p": policy(allow("*")), "none": policy(allow("ec2:*")), "read": READ}
    for option in ("--boundary", "--session-policy"):
        explain("--policy", "p.json", option, "read.json", *ASK, **files, code=0)
        explain("--policy", "p.json", option, "none.json", *ASK, code=1)
    granted = policy({**allow("s3:*"), "Principal": {"AWS": ACCOUNT}})
    words = (*ASK, "--principal", ROLE, "--resource-account", "400000000020")
    explain("--policy", "p.json", *words, code=1)
    explain("--policy", "p.json", *words, "--resource-policy", "r.json", r=granted, code=0)
    explain("--policy", "none.json", *words, "--resource-policy", "r.json", code=1)


def by(**condition):
    return policy(allow("*", "*", **condition))


CONTEXTS = [
    (by(IpAddress={"aws:SourceIp": "192.0.2.0/24"}), ["aws:SourceIp=192.0.2.1"], 0),
    (by(IpAddress={"aws:SourceIp": "192.0.2.0/24"}), [], 1),
    (by(StringEquals={"aws:TagKeys": "a"}), ["aws:TagKeys=a"], 0),
    (
        by(**{"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}),
        ["aws:TagKeys=a", "aws:TagKeys=b"],
        0,
    ),
    (
        by(**{"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}),
        ["aws:TagKeys=a", "aws:TagKeys=b"],
        1,
    ),
    (by(StringEquals={"x:y": "a=b"}), ["x:y=a=b"], 0),
    (by(StringEquals={"x:y": ""}), ["x:y="], 0),
    (by(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}), [], 1),
    (
        by(DateLessThan={"aws:CurrentTime": "2020-01-01T00:00:00Z"}),
        ["AWS:currenttime=2019-01-01T00:00:00Z"],
        0,
    ),
]


@pytest.mark.parametrize(("document", "pairs", "code"), CONTEXTS)
def test_context_keys(explain, document, pairs, code):
    words = [word for pair in pairs for word in ("--context", pair)]
    explain("--policy", "p.json", *ASK, *words, p=document, code=code)


def test_context_keys_from_a_file(explain):
    document = by(
        StringEquals={"x:text": "a"},
        Bool={"x:truth": "true"},
        NumericEquals={"x:number": "5"},
        **{"ForAnyValue:StringEquals": {"x:many": "b"}},
    )
    context = {"x:text": "a", "x:truth": True, "x:number": 5, "x:many": ["a", "b"]}
    words = ("--policy", "p.json", *ASK, "--context-file", "c.json")
    explain(*words, p=document, c=context, code=0)
    explain(*words, "--context", "x:text=b", code=1)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("{", "it is not JSON"),
        ('{"aws:SourceIp": "192.0.2.1", "aws:SourceIp": "192.0.2.2"}', "aws:SourceIp"),
        ("[]", "is no JSON object"),
        ("[" * 100_000, "can't be taken as JSON"),
        ('{"x:y": {"z": 1}}', "`x:y` has a value that is no string"),
        ('{"x:y": [null]}', "`x:y` has a value that is no string"),
        ('{"x:y": "a", "X:Y": "b"}', "differ only in case"),
    ],
)
def test_context_files_that_hold_something_else(explain, content, part):
    with pytest.raises(ValetkeyError, match=part):
        explain("--policy", "p.json", *ASK, "--context-file", "c.json", p=READ, c=content)


PRINCIPALS = [
    (f"arn:aws:iam::{ACCOUNT}:user/ada", {"aws:username": "ada", "aws:PrincipalType": "User"}),
    (f"arn:aws:iam::{ACCOUNT}:user/team/ada", {"aws:username": "ada"}),
    (ROLE, {"aws:PrincipalArn": ROLE, "aws:PrincipalType": "AssumedRole"}),
    (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/kiln/job",
        {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/kiln"},
    ),
    (f"arn:aws:iam::{ACCOUNT}:root", {"aws:PrincipalType": "Account"}),
    (f"arn:aws:sts::{ACCOUNT}:federated-user/ada", {"aws:PrincipalType": "FederatedUser"}),
]


@pytest.mark.parametrize(("principal", "keys"), PRINCIPALS)
def test_the_keys_of_who_asks(explain, principal, keys):
    words = ("--policy", "p.json", "--session-policy", "p.json", *ASK, "--principal", principal)
    document = by(StringEquals={"aws:PrincipalAccount": ACCOUNT, **keys})
    explain(*words, p=document, code=0)
    (key, value), *_ = keys.items()
    other = policy(allow("*"), {**allow("*", "*", StringEquals={key: value}), "Effect": "Deny"})
    explain(*words, p=other, code=1)


def test_the_root_user_needs_no_policy(explain):
    explain(*ASK, "--principal", f"arn:aws:iam::{ACCOUNT}:root", code=0)
    explain(*ASK, "--principal", f"arn:aws:iam::{ACCOUNT}:user/ada", code=1)


def test_the_session_of_a_token(explain):
    """What a session keeps of its token's claims are condition keys of its requests."""
    document = by(
        StringEquals={"valetkey:claim/ref": "main", f"{HOST}:sub": SUB},
    )
    words = ("--policy", "p.json", *ASK, "--claims", "c.json")
    explain(*words, p=document, c={**CLAIMS, "ref": "main"}, code=0)
    explain(*words, c={**CLAIMS, "ref": "dev"}, code=1)


def test_a_policy_that_is_none(explain):
    with pytest.raises(ValetkeyError, match=r"[Ss]yntax"):
        explain("--policy", "p.json", *ASK, p='{"Version": "2012-10-17"')
    with pytest.raises(ValetkeyError, match="holds a token"):
        explain("--policy", "p.json", *ASK, p="eyJhbGciOiJSUzI1NiJ9.e30.AA")


def test_json_and_the_whole_of_it(explain):
    words = ("--policy", "p.json", *ASK)
    short = json.loads(explain(*words, "--json", p=READ, code=0))
    whole = json.loads(explain(*words, "--json", "--all", code=0))
    assert (short["version"], short["policies"]) == (1, None)
    assert whole["policies"][0]["statements"][0]["matched"] is True
    assert "└─ statement 1, Allow: matched" in explain(*words, "--all", code=0)
