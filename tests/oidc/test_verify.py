"""A token becomes claims, or is refused for what its issuer wrote in it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.tokens import CLIENT_IDS, ISSUER, NOW, claims, header, jwk, jwks, rsa_key, sign, token
from valetkey.oidc import (
    Check,
    KeySet,
    TokenRefused,
    UnknownKey,
    VerifiedClaims,
    parse_token,
    suppose,
    verify,
)
from valetkey.oidc.errors import NOT_VALIDATED

KEYS = KeySet.from_json(jwks(jwk(rsa_key(), "k-rs256")))
MOMENT = int(NOW)


def check(unverified_jwt: str, **options) -> VerifiedClaims:
    whole = {"client_ids": CLIENT_IDS, "issuer": ISSUER, "now": NOW} | options
    return verify(parse_token(unverified_jwt), KEYS, **whole)


def refused(unverified_jwt: str, **options) -> TokenRefused:
    with pytest.raises(TokenRefused) as caught:
        check(unverified_jwt, **options)
    error = caught.value
    assert error.status == 400
    assert error.refusal
    assert error.reason
    assert "\n" not in error.reason
    assert not error.reason.endswith(".")
    return error


def test_claims_come_out_whole():
    verified = check(token(nbf=MOMENT, ref="main"))
    assert verified.issuer == ISSUER
    assert verified.subject == "subject-alpha"
    assert verified.audience == "client-1"
    assert (verified.issued_at, verified.expires_at) == (MOMENT - 10, MOMENT + 900)
    assert (verified.kid, verified.alg) == ("k-rs256", "RS256")
    assert dict(verified.claims) == claims(nbf=MOMENT, ref="main")
    with pytest.raises(TypeError):
        verified.claims["sub"] = "another"  # type: ignore[index]
    with pytest.raises(AttributeError):
        verified.subject = "another"  # type: ignore[misc]


def test_only_verify_builds_verified_claims():
    with pytest.raises(TypeError, match="come from `verify` only"):
        VerifiedClaims(None, ISSUER, "s", "a", {}, 0, 0, "k", "RS256", "")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "iat", "exp"])
def test_required_claims(name: str):
    error = refused(token(**{name: ...}))
    assert (error.code, error.message) == (
        "InvalidIdentityToken",
        f"Missing a required claim: {name}",
    )
    assert error.check is (Check.ISSUER_PRESENT if name == "iss" else Check.REQUIRED_CLAIMS)


@pytest.mark.parametrize("iss", [None, 1, True, [ISSUER], {"iss": ISSUER}])
def test_an_issuer_is_a_string(iss):
    error = refused(token(iss=iss))
    assert (error.check, error.message) == (
        Check.ISSUER_PRESENT,
        "Missing a required claim: iss",
    )


@pytest.mark.parametrize(
    ("iss", "difference"),
    [
        (ISSUER + "/", "a trailing slash"),
        ("https://Issuer.example", "upper and lower case"),
        ("http://issuer.example", "their scheme, case or trailing slash"),
        ("issuer.example", "their scheme, case or trailing slash"),
        ("https://issuer.example:443", None),
        ("https://issuer.example.evil.example", None),
        ("https://issuer.exampl\u0435", None),
        ("", None),
    ],
)
def test_an_issuer_is_equal_to_the_character(iss: str, difference: str | None):
    error = refused(token(iss=iss))
    assert error.check is Check.ISSUER
    assert error.message == f"No OpenIDConnect provider found in your account for {iss}"
    assert error.help == (
        f"register the provider as `{iss}`: the two differ by {difference}"
        if difference
        else "this token is another issuer's"
    )
    assert check(token(iss=iss), issuer=iss).issuer == iss


@pytest.mark.parametrize(
    ("sub", "subject"), [("a", "a"), ("x" * 300, "x" * 300), (123, "123"), (-5, "-5"), (" ", " ")]
)
def test_subjects(sub, subject: str):
    assert check(token(sub=sub)).subject == subject


@pytest.mark.parametrize("sub", [None, "", True, False, 1.5, [], ["a"], {}])
def test_subjects_that_name_nobody(sub):
    error = refused(token(sub=sub))
    assert (error.code, error.check, error.message) == (
        "InvalidIdentityToken",
        Check.SUBJECT,
        NOT_VALIDATED,
    )


# --- times -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
@pytest.mark.parametrize(
    "value",
    [None, True, False, 1789123697.5, 1e9, "", "invalid", "1.5", " 1", "1 ", "+1", "1e9", "0x1",
     "\u0661", "1" * 16, 10**15, -(10**15), 10**400, [], [1], {}],
)  # fmt: skip
def test_times_are_whole_seconds(name: str, value):
    error = refused(token(**{name: value}))
    assert (error.code, error.check, error.message) == (
        "InvalidIdentityToken",
        Check.TIMESTAMPS,
        "Invalid timestamp in token claims.",
    )


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize("value", [MOMENT, str(MOMENT), 0, "0", -1, "-1", "007"])
def test_times_may_be_integers_in_strings(name: str, value):
    assert check(token(**{name: value}))


def test_the_end_of_the_leeway():
    assert check(token(exp=MOMENT - 299))
    assert check(token(iat=MOMENT + 300, nbf=MOMENT + 300))

    expired = refused(token(exp=MOMENT - 300))
    assert (expired.code, expired.check) == ("ExpiredTokenException", Check.EXPIRY)
    assert expired.message == (
        f"Token expired: current date/time {MOMENT - 300} must be before the expiration "
        f"date/time {MOMENT - 300}"
    )
    early = refused(token(nbf=MOMENT + 301))
    assert (early.code, early.check) == ("InvalidIdentityToken", Check.NOT_BEFORE)
    assert early.message == (
        f"Token not yet valid: current date/time {MOMENT + 300} must be after or equal to the "
        f"not-before date/time {MOMENT + 301}"
    )
    future = refused(token(iat=MOMENT + 301))
    assert (future.code, future.check) == ("InvalidIdentityToken", Check.ISSUED_AT)
    assert future.message == f"Token issued in the future: {MOMENT + 301}"
    assert future.reason == "`iat` is 301 s ahead of our clock, more than 300 s"


def test_the_leeway_is_a_setting():
    assert refused(token(exp=MOMENT), leeway=0).check is Check.EXPIRY
    assert check(token(exp=MOMENT + 1), leeway=0)
    assert refused(token(iat=MOMENT + 1), leeway=0).check is Check.ISSUED_AT


@pytest.mark.parametrize("exp", [0, -1, -(10**14), "-999999999999999"])
def test_times_long_ago_are_expired(exp):
    assert refused(token(exp=exp)).check is Check.EXPIRY


def test_a_far_end_is_the_issuers_business():
    assert check(token(exp=10**14)).expires_at == 10**14


@given(st.floats(0, 4e9), st.integers(-600, 600))
@settings(max_examples=60, deadline=None)
def test_no_moment_is_both_too_early_and_too_late(now, offset):
    at = math.floor(now) + offset
    unverified_jwt = token(iat=at, nbf=at, exp=at + 1)
    try:
        check(unverified_jwt, now=now)
        verdict = None
    except TokenRefused as error:
        verdict = error.check
    expected = Check.ISSUED_AT if offset > 300 else Check.EXPIRY if offset + 1 <= -300 else None
    assert verdict is expected


# --- audience ----------------------------------------------------------------------------------

TWO = "Token audience contains more than one audience while authorized party is not present"
EMPTY = "Claim is not allowed to be empty: aud"


@pytest.mark.parametrize("client_ids", [CLIENT_IDS, (), ("client-2",), ("",), ("client-1/",)])
@pytest.mark.parametrize(
    "value", ["client-1", "client-2", "client-9", "", "CLIENT-1", "client-1 ", "client-1,client-2"]
)
def test_a_string_and_an_array_of_it_get_the_same_verdict(value: str, client_ids):
    verdicts = []
    for aud in (value, [value]):
        try:
            verdicts.append(check(token(aud=aud), client_ids=client_ids).audience)
        except TokenRefused as error:
            verdicts.append((error.check, error.code, error.message, error.reason, error.help))
    assert verdicts[0] == verdicts[1]
    assert (verdicts[0] == value) is (value != "" and value in client_ids)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"aud": []}, EMPTY),
        ({"aud": [], "azp": "client-1"}, EMPTY),
        ({"aud": ["client-1", "client-2"]}, TWO),
        ({"aud": ["client-1", "client-1"]}, TWO),
        ({"aud": ["client-9", "client-1"]}, TWO),
        ({"aud": None}, NOT_VALIDATED),
        ({"aud": 1}, NOT_VALIDATED),
        ({"aud": True}, NOT_VALIDATED),
        ({"aud": {"client-1": "client-1"}}, NOT_VALIDATED),
        ({"aud": [["client-1"]]}, NOT_VALIDATED),
        ({"aud": [None]}, NOT_VALIDATED),
        ({"aud": ["client-1", 1]}, NOT_VALIDATED),
        ({"aud": 1, "azp": "client-1"}, NOT_VALIDATED),
        ({"azp": ""}, NOT_VALIDATED),
        ({"azp": None}, NOT_VALIDATED),
        ({"azp": 1}, NOT_VALIDATED),
        ({"azp": ["client-1"]}, NOT_VALIDATED),
        ({"azp": "client-9"}, NOT_VALIDATED),
    ],
)
def test_audiences_that_are_refused(changes, message: str):
    error = refused(token(**changes))
    assert (error.code, error.check, error.message) == (
        "InvalidIdentityToken",
        Check.AUDIENCE,
        message,
    )


def test_azp_replaces_aud():
    assert check(token(aud="client-9", azp="client-2")).audience == "client-2"
    assert check(token(aud=["client-9", "client-8"], azp="client-2")).audience == "client-2"


def test_no_client_ids_means_nobody():
    for aud in ("client-1", "", [""], ["client-1"]):
        assert refused(token(aud=aud), client_ids=()).check is Check.AUDIENCE
    assert "it has: none" in (refused(token(), client_ids=()).reason or "")


def test_the_reason_names_both_sides():
    error = refused(token(aud="client-1/"))
    assert error.reason == (
        "`aud` is `client-1/`, which is no client id of the provider "
        "(it has: `client-1`, `client-2`)"
    )
    assert error.help == "write `client-1` in the job: the two differ by a trailing slash"
    assert refused(token(aud="x")).help == (
        "add it to the provider's client ids, or ask for another audience in the job"
    )


# --- forgeries ---------------------------------------------------------------------------------

CLAIMED = [
    {},
    {"sub": "another"},
    {"sub": None},
    {"sub": ""},
    {"aud": "client-9"},
    {"aud": []},
    {"aud": ...},
    {"exp": 0},
    {"exp": ...},
    {"exp": "x"},
    {"iat": MOMENT + 9999},
    {"nbf": MOMENT + 9999},
    {"iss": "https://another.example"},
    {"https://aws.amazon.com/roles": 1},
    {"https://aws.amazon.com/tags": 1},
    {"SUB": "x"},
    {"x": "y" * 5000},
]


@pytest.mark.parametrize("forge", ["another key", "altered", "empty-handed"])
def test_all_forgeries_get_one_answer_whatever_they_claim(forge: str):
    answers = set()
    for changes in CLAIMED:
        if forge == "another key":
            text = sign(rsa_key("evil"), header(), claims(**changes))
        elif forge == "altered":
            head, payload, _ = token(**changes).split(".")
            text = f"{head}.{payload}.{token(jti='other').split('.')[2]}"
        else:
            text = token(**changes).rpartition(".")[0] + ".AAAA"
        error = refused(text)
        answers.add((error.code, error.status, error.message, error.check, error.reason))
    assert answers == {
        (
            "InvalidIdentityToken",
            400,
            NOT_VALIDATED,
            Check.SIGNATURE,
            "the signature is not that of key `k-rs256`",
        )
    }


def test_unknown_keys_get_one_answer_whatever_they_claim():
    answers = set()
    for changes in CLAIMED:
        with pytest.raises(UnknownKey) as caught:
            check(sign(rsa_key("evil"), header(kid="k-unknown"), claims(**changes)))
        answers.add((caught.value.code, caught.value.message, caught.value.reason))
    assert len(answers) == 1


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_altered_token_is_accepted(data):
    text = token()
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHabcdefgh0189-_.=+/"))
    altered = text[:at] + letter + text[at + 1 :]
    if altered == text:
        assert check(altered)
        return
    with pytest.raises(Exception, match=r".") as caught:
        check(altered)
    assert isinstance(caught.value, TokenRefused) or caught.type.__name__ == "MalformedToken"


def test_supposing_judges_all_but_the_signature():
    unsigned = parse_token(token())
    supposed = suppose(unsigned, client_ids=CLIENT_IDS, issuer=ISSUER, now=NOW)
    assert supposed.subject == "subject-alpha"
    with pytest.raises(TokenRefused, match="Token expired"):
        suppose(parse_token(token(exp=1)), client_ids=CLIENT_IDS, issuer=ISSUER, now=NOW)


def test_what_is_supposed_opens_nothing():
    supposed = suppose(parse_token(token()), client_ids=CLIENT_IDS, issuer=ISSUER, now=NOW)
    assert not isinstance(supposed, VerifiedClaims)
