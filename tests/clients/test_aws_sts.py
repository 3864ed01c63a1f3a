"""``aws sts``, with the texts that its users search for when a job fails."""

import re

import pytest

from clients.talking import DEPLOY, READER, assert_refused, role_arn, variables_of
from support.processes import ACCOUNT, AUDIENCE, SUBJECT

WEB_IDENTITY = "AssumeRoleWithWebIdentity"
DEPLOY_ARN = role_arn(DEPLOY)
WRONG_SECRET = (
    "The request signature we calculated does not match the signature you provided. Check your AWS"
    " Secret Access Key and signing method. Consult the service documentation for details."
)
NOT_VALIDATED = (
    "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity"
    " documentation for requirements."
)


@pytest.fixture(scope="module")
def exchange(site):
    """Run ``aws sts assume-role-with-web-identity`` without credentials."""

    def assume(token, *words, arn=DEPLOY_ARN, name="job-1", **variables):
        return site.aws(
            "sts", "assume-role-with-web-identity",
            "--role-arn", arn, "--role-session-name", name, "--web-identity-token", token, *words,
            env=site.env(**variables),
        )  # fmt: skip

    return assume


def test_a_token_becomes_credentials_that_work(site, exchange):
    done = exchange(site.token(), "--duration-seconds", "900")
    assert (done.code, done.errors) == (0, "")
    answer = done.json
    assert answer["SubjectFromWebIdentityToken"] == SUBJECT
    assert answer["Audience"] == AUDIENCE
    assert answer["Provider"] == site.provider_arn
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{DEPLOY}/job-1"
    assert answer["AssumedRoleUser"]["Arn"] == session
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")

    who = site.aws(
        "sts", "get-caller-identity", env=site.env(**variables_of(answer["Credentials"]))
    )
    assert who.json == {
        "UserId": answer["AssumedRoleUser"]["AssumedRoleId"],
        "Account": ACCOUNT,
        "Arn": session,
    }


TWO_AUDIENCES = (
    "Token audience contains more than one audience while authorized party is not present"
)
NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
NAME_PATTERN = (
    "1 validation error detected: Value '{}' at 'roleSessionName' failed to satisfy constraint:"
    r" Member must satisfy regular expression pattern: [\w+=,.@-]*"
)


@pytest.mark.parametrize(
    ("minted", "given", "error"),
    [
        (["--ref", "feature/x"], {}, f"(AccessDenied) {NOT_AUTHORIZED}"),
        ([], {"arn": role_arn("nobody")}, f"(AccessDenied) {NOT_AUTHORIZED}"),
        (
            ["--timeout", "-700"],
            {},
            "(ExpiredTokenException) Token expired: current date/time ",
        ),
        (
            ["--aud", "https://other.example"],
            {},
            f"(InvalidIdentityToken) {TWO_AUDIENCES}",
        ),
        # O-23: a variable of the CI that did not expand.
        (
            [],
            {"arn": "arn:aws:iam:::role/kiln-deploy"},
            "(ValidationError) Request ARN is invalid",
        ),
        # O-26: names that people and repositories have.
        *(
            ([], {"name": name}, f"(ValidationError) {NAME_PATTERN.format(name)}")
            for name in ("dependabot[bot]", "lanterns/kiln")
        ),
    ],
)
def test_a_refused_exchange_says_what_aws_says(site, exchange, minted, given, error):
    done = exchange(site.token(*minted), **given)
    assert (done.code, done.output) == (255, "")
    code, message = error.split(" ", 1)
    start = f"\nAn error occurred {code} when calling the {WEB_IDENTITY} operation: {message}"
    assert done.errors.startswith(start)


def test_forged_and_foreign_tokens_get_the_one_sentence(site, exchange):
    token = site.token()
    forged = token[:-20] + ("A" * 20 if token[-20:] != "A" * 20 else "B" * 20)
    for refused in (forged, site.token(aud="https://other.example")):
        done = exchange(refused)
        assert_refused(done, "InvalidIdentityToken", WEB_IDENTITY, NOT_VALIDATED)
    not_even = "The ID Token provided is not a valid JWT. (You may see this error if you sent an"
    done = exchange("not-a-token")
    assert_refused(done, "InvalidIdentityToken", WEB_IDENTITY, f"{not_even} Access Token)")


def test_session_names_that_aws_takes(site, exchange):
    done = exchange(site.token(), name="kiln+dev=1,2.3@x-y_z")
    assert done.json["AssumedRoleUser"]["Arn"].endswith(f"{DEPLOY}/kiln+dev=1,2.3@x-y_z")


def test_made_up_keys_beside_the_token_do_not_matter(site, exchange):
    """O-25: the call is unsigned, whatever lies about in the environment."""
    done = exchange(
        site.token(),
        AWS_ACCESS_KEY_ID="AKIAMADEUP",
        AWS_SECRET_ACCESS_KEY="x",
        AWS_SESSION_TOKEN="y",
    )
    assert done.code == 0
    assert done.json["SubjectFromWebIdentityToken"] == SUBJECT


def test_an_unregistered_issuer(site, exchange, tmp_path):
    """A token of an issuer that nobody registered: nothing is fetched, and the URL is named."""
    other = site.env(VALETKEY_HOME=str(tmp_path))
    url = "https://gitlab.nowhere.example"
    token = site.valetkey("issuer", "token", "--url", url, "--aud", "a", env=other).output.strip()
    assert_refused(
        exchange(token),
        "InvalidIdentityToken",
        WEB_IDENTITY,
        f"No OpenIDConnect provider found in your account for {url}",
    )


def test_assume_role_goes_on_from_a_session(site, granted):
    env = site.env(**variables_of(granted()))
    words = ["--role-session-name", "chained", "--role-arn"]
    done = site.aws("sts", "assume-role", *words, role_arn(READER), env=env)
    assert done.code == 0, done.errors
    chained = site.env(**variables_of(done.json["Credentials"]))
    who = site.aws("sts", "get-caller-identity", env=chained)
    assert who.json["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{READER}/chained"

    refused = site.aws("sts", "assume-role", *words, role_arn(DEPLOY), env=chained)
    assert_refused(
        refused,
        "AccessDenied",
        "AssumeRole",
        f"User: {who.json['Arn']} is not authorized to perform: sts:AssumeRole on resource:"
        f" {role_arn(DEPLOY)}",
    )


@pytest.mark.parametrize(
    ("variables", "code", "message"),
    [
        (
            {"AWS_SECRET_ACCESS_KEY": "x" * 40},
            "SignatureDoesNotMatch",
            WRONG_SECRET,
        ),
        (
            {"AWS_ACCESS_KEY_ID": "AKIAAAAAAAAAAAAAAAAA"},
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        (
            {"AWS_SESSION_TOKEN": "left over from another shell"},
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
    ],
)
def test_wrong_credentials(site, variables, code, message):
    done = site.aws("sts", "get-caller-identity", env=site.admin_env(**variables))
    assert_refused(done, code, "GetCallerIdentity", message)


def test_whose_key_is_this(site):
    done = site.aws(
        "sts", "get-access-key-info", "--access-key-id", site.admin["AWS_ACCESS_KEY_ID"]
    )
    assert done.json == {"Account": ACCOUNT}


def test_the_request_id_of_a_refusal_leads_to_its_reason(site, exchange):
    """What the client shows with ``--debug`` is what the operator asks ``explain`` for."""
    done = exchange(site.token("--ref", "feature/x"), "--debug")
    found = re.search(r"<RequestId>([0-9a-f-]{36})</RequestId>", done.errors)
    assert found, done.errors[-2000:]
    why = site.valetkey("explain", "--request", found[1])
    assert why.code == 1
    assert "ref:feature/x" in why.output
    assert "ref:main" in why.output
