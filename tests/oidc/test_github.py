"""GitHub Actions' tokens: claims by name, and the forms of subjects."""

import pytest

from valetkey.oidc.issuers import SubjectPart, github
from valetkey.oidc.issuers.table import fits

ISSUER = "https://token.actions.githubusercontent.com"


@pytest.mark.parametrize(
    ("subject", "parts"),
    [
        (
            "repo:acme/api:ref:refs/heads/main",
            (SubjectPart("repo", "acme/api", 0), SubjectPart("ref", "refs/heads/main", 14)),
        ),
        (
            "repo:acme@7700123/api@880045601:ref:refs/tags/v1",
            (
                SubjectPart("repo", "acme@7700123/api@880045601", 0),
                SubjectPart("ref", "refs/tags/v1", 32),
            ),
        ),
        (
            "repo:acme/api:environment:prod:eu",
            (SubjectPart("repo", "acme/api", 0), SubjectPart("environment", "prod:eu", 14)),
        ),
        (
            "repo:acme/api:pull_request",
            (SubjectPart("repo", "acme/api", 0), SubjectPart("pull_request", "", 14)),
        ),
    ],
)
def test_subject(subject, parts):
    assert github.parse_subject(subject) == parts
    for part in parts:
        assert subject.startswith(part.label, part.start)


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "repo:",
        "repo:acme:ref:refs/heads/main",
        "repo:acme/:ref:refs/heads/main",
        "repo:acme/api/x:ref:refs/heads/main",
        "repo:acme/api",
        "repo:acme/api:ref:main",
        "repo:acme/api:ref:",
        "repo:acme/api:pull_request:1",
        "repo:acme/api:environment:",
        "repo:acme/api:refs:x",
        "project_path:acme/api:ref_type:branch:ref:main",
    ],
)
def test_no_subject(subject):
    assert github.parse_subject(subject) is None


def test_repository():
    found = github.repository_of("repo:acme@7700123/api@880045601:environment:prod")
    assert found is not None
    assert found.plain == "acme/api"
    assert found.form == "environment"
    assert github.repository_of("organization:acme") is None


def test_examples_have_their_types():
    for name, claim in github.CLAIMS.items():
        assert name == claim.name
        assert fits(claim.type, claim.example)
    assert github.SUBJECT_VALUES.keys() <= github.CLAIMS.keys()


def test_recognise():
    claims = {name: claim.example for name, claim in github.CLAIMS.items()}
    assert github.recognise(ISSUER, claims)
    assert not github.recognise("https://gitlab.com", claims)
    assert not github.recognise(ISSUER, claims | {"repository_id": 880045601})
    assert not github.recognise(ISSUER, {"iss": ISSUER, "sub": claims["sub"]})
