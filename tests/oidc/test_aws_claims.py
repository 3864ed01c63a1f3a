"""The claims that AWS gives a meaning to."""

import pytest

from support.tokens import CLIENT_IDS, ISSUER, NOW, jwk, jwks, rsa_key, token
from valetkey.oidc import (
    Check,
    KeySet,
    SessionTags,
    TokenRefused,
    VerifiedClaims,
    check_role,
    parse_token,
    roles_claim,
    session_tags,
    source_identity,
    verify,
)
from valetkey.oidc.aws_claims import ROLES_CLAIM, SOURCE_IDENTITY_CLAIM, TAGS_CLAIM
from valetkey.oidc.errors import NOT_VALIDATED

KEYS = KeySet.from_json(jwks(jwk(rsa_key(), "k-rs256")))
ROLE = "arn:aws:iam::111122223333:role/example"
OTHER = "arn:aws:iam::111122223333:role/another"
NOT_PRESENT = "The target role ARN is not present in the roles claim of the identity token"
NONE_VALID = "The roles claim contains no valid role ARNs"
UNSUPPORTED = "The roles claim is not in a supported format"
BAD_TAGS = "Session tags passed in claim are not in correct format."
BAD_PRINCIPAL = "principal_tags passed in claim is not in correct format."
BAD_TRANSITIVE = "transitive_tag_keys passed in claim is not in correct format."
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
NOT_A_TAG = "The specified transitive tag key must be included in the requested tags."


def verified(**claims) -> VerifiedClaims:
    return verify(parse_token(token(**claims)), KEYS, client_ids=CLIENT_IDS, issuer=ISSUER, now=NOW)


def refused(call, *arguments) -> TokenRefused:
    with pytest.raises(TokenRefused) as caught:
        call(*arguments)
    assert (caught.value.code, caught.value.status) == ("InvalidIdentityToken", 400)
    assert caught.value.reason
    return caught.value


# --- roles -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        (None, None),
        (ROLE, (ROLE,)),
        (f" {ROLE} ", (ROLE,)),
        (f"{OTHER};{ROLE}", (OTHER, ROLE)),
        (f"{OTHER}; {ROLE};", (OTHER, ROLE)),
        (f";;{ROLE}", (ROLE,)),
        ([ROLE, ROLE], (ROLE, ROLE)),
        ([None, 1, {}, [OTHER], True, f" {ROLE}"], (ROLE,)),
        (["nonsense", ROLE], (ROLE,)),
        (["arn:aws-cn:iam::111122223333:role/a/b/c"], ("arn:aws-cn:iam::111122223333:role/a/b/c",)),
    ],
)
def test_roles(claim, roles):
    assert roles_claim(verified(**{ROLES_CLAIM: claim})) == roles


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("", NONE_VALID),
        (" ", NONE_VALID),
        (";", NONE_VALID),
        ([], NONE_VALID),
        ([None], NONE_VALID),
        ([f"{ROLE};{OTHER}"], NONE_VALID),
        (f"{OTHER},{ROLE}", NONE_VALID),
        ("*", NONE_VALID),
        ("arn:aws:iam::*:role/*", NONE_VALID),
        ("arn:aws:iam::111122223333:role/*", NONE_VALID),
        ("arn:aws:iam::111122223333:user/example", NONE_VALID),
        ("arn:aws:iam::11112222333:role/example", NONE_VALID),
        ("arn:aws:iam::111122223333:role/", NONE_VALID),
        (f"{ROLE}\nx", NONE_VALID),
        ("arn:aws:iam::١١١١٢٢٢٢٣٣٣٣:role/example", NONE_VALID),
        (123, UNSUPPORTED),
        (True, UNSUPPORTED),
        ({"role": ROLE}, UNSUPPORTED),
    ],
)
def test_roles_that_are_none(claim, message: str):
    error = refused(roles_claim, verified(**{ROLES_CLAIM: claim}))
    assert (error.check, error.message) == (Check.ROLES, message)
    assert refused(check_role, verified(**{ROLES_CLAIM: claim}), ROLE).message == message


def test_a_role_is_authorised_named_or_not_spoken_of():
    assert check_role(verified(), ROLE) is False
    assert check_role(verified(**{ROLES_CLAIM: None}), ROLE) is False
    assert check_role(verified(**{ROLES_CLAIM: [OTHER, ROLE]}), ROLE) is True
    error = refused(check_role, verified(**{ROLES_CLAIM: OTHER}), ROLE)
    assert (error.check, error.message) == (Check.ROLES, NOT_PRESENT)
    assert error.reason == f"the issuer allows `{OTHER}`, not `{ROLE}`"


@pytest.mark.parametrize("near", [ROLE.upper(), ROLE + "x", ROLE[:-1], ROLE + "/"])
def test_a_role_is_named_exactly(near: str):
    assert refused(check_role, verified(**{ROLES_CLAIM: [ROLE]}), near).message == NOT_PRESENT


# --- tags --------------------------------------------------------------------------------------


def nested(principal, **more):
    return {TAGS_CLAIM: {"principal_tags": principal, **more}}


def flat(**tags):
    return {f"{TAGS_CLAIM}/principal_tags/{key}": value for key, value in tags.items()}


TRANSITIVE = f"{TAGS_CLAIM}/transitive_tag_keys"


@pytest.mark.parametrize(
    ("claims", "tags", "transitive"),
    [
        ({}, {}, ()),
        ({TAGS_CLAIM: {}}, {}, ()),
        (nested({}), {}, ()),
        (nested({"Team": ["engineering"]}, transitive_tag_keys=["Team"]),
         {"Team": "engineering"}, ("Team",)),
        (nested({"a": [""], "b": ["Straße 1/2:_.=+-@"]}), {"a": "", "b": "Straße 1/2:_.=+-@"}, ()),
        (nested({"Team": ["x"]}, transitive_tag_keys=["team", "team"]), {"Team": "x"}, ("team",)),
        (flat(Team="engineering", Cost="1"), {"Team": "engineering", "Cost": "1"}, ()),
        (flat(Team="x") | {TRANSITIVE: ["Team"]}, {"Team": "x"}, ("Team",)),
        (flat(**{"a/b": "x"}), {"a/b": "x"}, ()),
        (nested({"a": ["1"]}) | flat(b="2") | {TRANSITIVE: ["a"]}, {"a": "1", "b": "2"}, ("a",)),
        (nested({"k" * 128: ["v" * 256]}), {"k" * 128: "v" * 256}, ()),
        (nested({f"k{n}": ["v"] for n in range(50)}), {f"k{n}": "v" for n in range(50)}, ()),
    ],
)  # fmt: skip
def test_tags(claims, tags, transitive):
    assert session_tags(verified(**claims)) == SessionTags(tags, transitive)


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({TAGS_CLAIM: None}, BAD_TAGS),
        ({TAGS_CLAIM: "Team=x"}, BAD_TAGS),
        ({TAGS_CLAIM: []}, BAD_TAGS),
        ({TAGS_CLAIM: {"principal_tag": {}}}, BAD_TAGS),
        ({f"{TAGS_CLAIM}/principal_tags": {"a": ["b"]}}, BAD_TAGS),
        ({f"{TAGS_CLAIM}s": {}}, BAD_TAGS),
        (nested(None), BAD_PRINCIPAL),
        (nested([]), BAD_PRINCIPAL),
        (nested({"Team": "engineering"}), BAD_PRINCIPAL),
        (nested({"Team": []}), BAD_PRINCIPAL),
        (nested({"Team": ["a", "b"]}), BAD_PRINCIPAL),
        (nested({"Team": [1]}), BAD_PRINCIPAL),
        (nested({"Team": None}), BAD_PRINCIPAL),
        (nested({"": ["x"]}), BAD_PRINCIPAL),
        (nested({"k" * 129: ["x"]}), BAD_PRINCIPAL),
        (nested({"k": ["v" * 257]}), BAD_PRINCIPAL),
        (nested({"a*": ["x"]}), BAD_PRINCIPAL),
        (nested({"a": ["x\n"]}), BAD_PRINCIPAL),
        (nested({"aws:x": ["x"]}), BAD_PRINCIPAL),
        (nested({"AWS:x": ["x"]}), BAD_PRINCIPAL),
        (nested({f"k{n}": ["v"] for n in range(51)}), BAD_PRINCIPAL),
        (flat(Team=["engineering"]), BAD_PRINCIPAL),
        (flat(Team=None), BAD_PRINCIPAL),
        (flat(Team=1), BAD_PRINCIPAL),
        ({f"{TAGS_CLAIM}/principal_tags/": "x"}, BAD_PRINCIPAL),
        (nested({"Team": ["a"], "team": ["b"]}), DUPLICATE),
        (nested({"Team": ["a"]}) | flat(team="b"), DUPLICATE),
        (nested({"Team": ["a"]}, transitive_tag_keys="Team"), BAD_TRANSITIVE),
        (nested({"Team": ["a"]}, transitive_tag_keys=None), BAD_TRANSITIVE),
        (nested({"Team": ["a"]}, transitive_tag_keys=["Team", 1]), BAD_TRANSITIVE),
        ({TRANSITIVE: "Team"}, BAD_TRANSITIVE),
        (nested({"Team": ["a"]}, transitive_tag_keys=["Cost"]), NOT_A_TAG),
        ({TRANSITIVE: ["Team"]}, NOT_A_TAG),
    ],
)
def test_tags_that_are_none(claims, message: str):
    error = refused(session_tags, verified(**claims))
    assert (error.check, error.message) == (Check.TAGS, message)


# --- source identity ---------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["source-alpha", "ab", "x" * 256, "ada+ci=1,2.3@x-y_z"])
def test_source_identities(value: str):
    assert source_identity(verified(**{SOURCE_IDENTITY_CLAIM: value})) == value


def test_without_a_source_identity():
    assert source_identity(verified()) is None


@pytest.mark.parametrize(
    "value",
    [None, "", "a", "x" * 257, "aws:x", "équipe", "a b", "ab\n", "a/b", 12, True, ["ab"], {}],
)
def test_source_identities_that_are_none(value):
    error = refused(source_identity, verified(**{SOURCE_IDENTITY_CLAIM: value}))
    assert (error.check, error.message) == (Check.SOURCE_IDENTITY, NOT_VALIDATED)
