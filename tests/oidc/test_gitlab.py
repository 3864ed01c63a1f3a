"""What is known of GitLab's tokens."""

import pytest

from support.tokens import claims
from valetkey.oidc.issuers import Control, JsonType, Standing, gitlab, recognise
from valetkey.oidc.issuers.table import SubjectPart, fits

ISSUER = "https://gitlab.example.com"
REQUIRED = {
    name: claim.example
    for name, claim in gitlab.CLAIMS.items()
    if claim.standing is Standing.REQUIRED
}
FACTS = {
    # facts of GitLab's code and documentation, 1.2 and 1.3
    JsonType.INTEGER: {"iat", "nbf", "exp", "runner_id"},
    JsonType.STRINGS: {"groups_direct"},
    JsonType.STRING_OR_STRINGS: {"aud"},
    JsonType.OBJECTS: {"user_identities"},
    JsonType.OBJECT: {"job_config"},
}


def test_every_claim_is_there_once_with_its_type():
    assert len(gitlab.CLAIMS) == 45
    assert len({claim.name for claim in gitlab.CLAIMS.values()}) == 45
    for json_type, names in FACTS.items():
        assert {c.name for c in gitlab.CLAIMS.values() if c.type is json_type} == names


@pytest.mark.parametrize("claim", gitlab.CLAIMS.values(), ids=gitlab.CLAIMS)
def test_every_claim_has_an_example_of_its_type_and_a_reason(claim):
    assert fits(claim.type, claim.example)
    assert claim.why
    assert not claim.why.endswith(".")
    assert claim.standing in Standing
    assert claim.control in Control


@pytest.mark.parametrize(
    "name", ["project_id", "namespace_id", "user_id", "job_project_id", "runner_id"]
)
def test_ids_are_the_platforms(name: str):
    assert gitlab.CLAIMS[name].control is Control.PLATFORM


@pytest.mark.parametrize("name", ["aud", "ref", "environment", "user_login", "pipeline_source"])
def test_what_a_contributor_can_choose_is_marked(name: str):
    assert gitlab.CLAIMS[name].control is Control.CONTRIBUTOR


@pytest.mark.parametrize(
    ("sub", "parts"),
    [
        (
            "project_path:acme/payments/api:ref_type:branch:ref:feature/x",
            [
                ("project_path", "acme/payments/api", 0),
                ("ref_type", "branch", 31),
                ("ref", "feature/x", 47),
            ],
        ),
        ("project_path:g/p", [("project_path", "g/p", 0)]),
        ("project_path:g/p:ref:main", [("project_path", "g/p", 0), ("ref", "main", 17)]),
        (
            "project_id:20:ref_type:tag:ref:v1",
            [("project_id", "20", 0), ("ref_type", "tag", 14), ("ref", "v1", 27)],
        ),
        (
            "project_path:g/p:ref_type:branch:ref:main:ref_protected:true",
            [
                ("project_path", "g/p", 0),
                ("ref_type", "branch", 17),
                ("ref", "main", 33),
                ("ref_protected", "true", 42),
            ],
        ),
        (
            "job_project_id:5:environment_protected:false:deployment_tier:staging",
            [
                ("job_project_id", "5", 0),
                ("environment_protected", "false", 17),
                ("deployment_tier", "staging", 45),
            ],
        ),
        ("source_project_path:g/p", [("source_project_path", "g/p", 0)]),
    ],
)
def test_subjects(sub: str, parts):
    parsed = gitlab.parse_subject(sub)
    assert parsed == tuple(SubjectPart(*part) for part in parts)
    for part in parsed:
        assert sub[part.start :].startswith(f"{part.label}:{part.value}")
    assert ":".join(f"{part.label}:{part.value}" for part in parsed) == sub


@pytest.mark.parametrize(
    "sub",
    [
        "",
        "job_81234",
        "project_path",
        "project_path:",
        "project_path:g/p:",
        "project_path:g/p:ref",
        "project_path:g/p:ref:",
        "ref:main:project_path:g/p",
        "project_path:g/p:environment:prod",
        "project_path:g/p:ref:main:ref:dev",
        "PROJECT_PATH:g/p",
        "repo:lanterns/kiln:ref:refs/heads/main",
        "system:serviceaccount:ns:name",
        "organization:o:pipeline:p:ref:refs/heads/main:commit:c:step:s",
    ],
)
def test_what_is_no_subject_of_gitlabs(sub: str):
    assert gitlab.parse_subject(sub) is None


def test_impossible_values_of_a_subject():
    assert "mr" not in gitlab.SUBJECT_VALUES["ref_type"]
    assert gitlab.SUBJECT_VALUES["ref_type"] == {"branch", "tag"}
    assert set(gitlab.SUBJECT_VALUES) < gitlab.SUBJECT_LABELS
    assert "ref" not in gitlab.FIRST_LABELS
    assert "project_id" in gitlab.FIRST_LABELS


def test_recognises_its_shape():
    assert gitlab.recognise(ISSUER, REQUIRED)
    assert recognise(ISSUER, REQUIRED) is gitlab
    assert not gitlab.recognise("https://gitlab.example.org", REQUIRED)
    assert recognise("https://issuer.example", claims()) is None
    assert recognise("https://issuer.example", {}) is None


@pytest.mark.parametrize("name", REQUIRED)
def test_does_not_recognise_less_than_its_shape(name: str):
    assert not gitlab.recognise(ISSUER, {k: v for k, v in REQUIRED.items() if k != name})
    assert not gitlab.recognise(ISSUER, REQUIRED | {name: None})
    assert not gitlab.recognise(ISSUER, REQUIRED | {name: True})
    assert not gitlab.recognise(ISSUER, REQUIRED | {name: {}})


def test_unknown_claims_are_named_in_order():
    assert gitlab.unknown_claims(REQUIRED | {"zeta": 1, "alpha": 2}) == ("zeta", "alpha")
    assert gitlab.unknown_claims(REQUIRED) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ref_protected", True),
        ("project_id", 20),
        ("runner_id", "1"),
        ("runner_id", True),
        ("runner_id", 1.5),
        ("groups_direct", "acme"),
        ("groups_direct", ["acme", 1]),
        ("user_identities", {"provider": "github"}),
        ("user_identities", ["github"]),
        ("job_config", []),
        ("aud", 1),
        ("aud", [1]),
        ("iat", "1795568878"),
    ],
)
def test_mismatches_of_type_are_reported(name: str, value):
    (mismatch,) = gitlab.type_mismatches(REQUIRED | {name: value})
    assert (mismatch.name, mismatch.wanted, mismatch.got) == (
        name,
        gitlab.CLAIMS[name].type,
        value,
    )


def test_a_null_is_absent_not_mistyped():
    assert gitlab.type_mismatches({"user_access_level": None}) == ()


def test_the_shared_issuer_is_named():
    assert set(gitlab.SHARED_ISSUERS) == {"https://gitlab.com"}
