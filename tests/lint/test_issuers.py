"""What lint takes an issuer for, by its name and by the subjects expected of it."""

import pytest

from valetkey.lint.claims import IDENTITY, PEOPLE, says_whose
from valetkey.lint.issuers import Platform, issuer_of, platform_of_subject
from valetkey.oidc.issuers import github, gitlab

GITLAB, GITHUB = Platform.GITLAB, Platform.GITHUB


@pytest.mark.parametrize(
    ("host", "subjects", "platform", "named", "shared"),
    [
        ("gitlab.com", (), GITLAB, True, True),
        ("gitlab.forge.example", (), GITLAB, True, False),
        ("GitLab.Forge.Example/git", (), GITLAB, True, False),
        ("gitlab-ci.forge.example:8443", ("repo:acme/api:*",), GITLAB, True, False),
        ("git.forge.example", ("project_path:acme/api:*",), GITLAB, False, False),
        ("git.forge.example", ("", "x", "project-path:acme/api:*"), GITLAB, False, False),
        ("git.forge.example", ("repo:acme/api:pull_request",), GITHUB, False, False),
        ("git.forge.example", (), None, False, False),
        ("git.forge.example", ("system:serviceaccount:prod:deployer",), None, False, False),
        ("token.actions.githubusercontent.com", (), GITHUB, True, True),
        ("token.actions.acme.ghe.com", (), GITHUB, True, False),
        ("github.com/enterprises/acme", (), GITHUB, True, False),
        ("ghes.forge.example/_services/token", (), GITHUB, True, False),
        ("agent.buildkite.com", ("organization:acme:pipeline:x",), None, False, True),
        ("", ("",), None, False, False),
    ],
)
def test_issuer(host, subjects, platform, named, shared):
    issuer = issuer_of(host, subjects)
    assert (issuer.platform, issuer.named, issuer.shared) == (platform, named, shared)


@pytest.mark.parametrize(
    ("host", "claim", "sent", "on_aws"),
    [
        ("gitlab.com", "sub", True, True),
        ("gitlab.com", "Project_ID", True, True),
        ("gitlab.com", "project_path", True, False),
        ("gitlab.forge.example", "project_id", True, False),
        ("gitlab.forge.example", "aud", True, True),
        ("gitlab.forge.example", "job_config.url", True, False),
        ("gitlab.forge.example", "https://aws.amazon.com/source_identity", True, False),
        ("gitlab.forge.example", "subject", False, False),
        ("token.actions.githubusercontent.com", "repository_id", True, True),
        ("token.actions.githubusercontent.com", "repository_owner", True, False),
        ("token.actions.githubusercontent.com", "repo_property_team", True, False),
        ("token.actions.githubusercontent.com", "project_path", False, False),
        ("id.forge.example", "anything", True, True),
    ],
)
def test_claims(host, claim, sent, on_aws):
    issuer = issuer_of(host)
    assert (issuer.sends(claim), issuer.aws_offers(claim)) == (sent, on_aws)


@pytest.mark.parametrize(
    ("host", "claim", "meant"),
    [
        ("gitlab.forge.example", "subject", "sub"),
        ("gitlab.forge.example", "branch", "ref"),
        ("gitlab.forge.example", "repo", None),
        ("gitlab.forge.example", "project_pth", "project_path"),
        ("token.actions.githubusercontent.com", "repo", "repository"),
        ("id.forge.example", "audience", "aud"),
        ("id.forge.example", "xyzzy", None),
    ],
)
def test_meant(host, claim, meant):
    assert issuer_of(host).meant(claim) == meant


def test_what_is_always_there():
    issuer = issuer_of("gitlab.forge.example")
    assert issuer.always_sends("SUB")
    assert issuer.always_sends("ref_protected")
    assert not issuer.always_sends("environment")
    assert issuer_of("id.forge.example").always_sends("aud")
    assert not issuer_of("id.forge.example").always_sends("email")


def test_a_subject_without_a_label_is_nobodys():
    assert platform_of_subject("acme/api") is None


@pytest.mark.parametrize(
    "subject", ["project:acme:pipeline:x", "projects:acme", "project", "paths:acme/api"]
)
def test_a_subject_that_is_only_a_little_alike_is_nobodys(subject: str):
    assert platform_of_subject(subject) is None


@pytest.mark.parametrize("label", ["project_pth", "projectpath", "project-id", "Project_path"])
def test_a_label_with_a_slip_is_gitlabs(label: str):
    assert platform_of_subject(f"{label}:acme/api") is GITLAB


@pytest.mark.parametrize(
    ("host", "claim", "may", "known"),
    [
        ("id.forge.example", "anything", True, False),
        ("id.forge.example", "sub", True, True),
        ("id.forge.example", "aud", False, False),
        ("id.forge.example", "iss", False, False),
        ("id.forge.example", "amr", False, False),
        ("gitlab.forge.example", "user_login", True, True),
        ("gitlab.forge.example", "Groups_Direct", True, True),
        ("gitlab.forge.example", "ref_protected", False, False),
        ("token.actions.githubusercontent.com", "actor", True, True),
        ("token.actions.githubusercontent.com", "groups", False, False),
    ],
)
def test_whose_a_token_is(host: str, claim: str, may: bool, known: bool):
    assert (issuer_of(host).may_say_whose(claim), says_whose(claim)) == (may, known)


def test_for_whom_a_token_was_made():
    assert issuer_of("www.amazon.com").audiences == ("app_id",)
    assert "aud" in issuer_of("id.forge.example").audiences


def test_claims_that_say_whose_job_it_is_are_known():
    known = gitlab.CLAIMS.keys() | github.CLAIMS.keys()
    assert known >= PEOPLE
    others = {"organization_id", "organization_slug", "pipeline_slug", "email", "azp"}
    assert known | others | {"oid", "appid", "client_id"} >= IDENTITY
