import base64
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.vectors import own, vectors
from valetkey.issuer import Environment, Job, MalformedJob, Project, User, claims

TABLE = own("issuer/tokens.json")
ISSUER = "https://gitlab.example.test"
NOW = 1_795_568_878.25


def job_of(row) -> Job:
    return msgspec.convert({**TABLE["base"], **row.get("job", {})}, Job)


@pytest.mark.parametrize("row", TABLE["tokens"], ids=[row["name"] for row in TABLE["tokens"]])
def test_gitlab_s_own_tokens(row):
    """The same job gives the same bytes, order and types included."""
    folder = vectors("gitlab-tokens")
    token = (folder / f"{row['name']}.txt").read_text().strip()
    payload = token.split(".")[1]
    wanted = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    seen = json.loads(wanted)
    assert seen == json.loads((folder / f"{row['name']}.claims.json").read_text())["claims"]
    made = claims(
        job_of(row), row.get("aud", TABLE["aud"]), now=float(seen["iat"]), jti=seen["jti"]
    )
    assert msgspec.json.encode(made) == wanted


def test_every_token_of_gitlab_s_is_in_the_table():
    files = vectors("gitlab-tokens").glob("token*.txt")
    assert {row["name"] for row in TABLE["tokens"]} == {path.stem for path in files}
    assert len(TABLE["tokens"]) == 13


@pytest.mark.parametrize(
    ("components", "subject"),
    [
        (("project_path",), "project_path:acme/api"),
        (("project_path", "ref_type"), "project_path:acme/api:ref_type:branch"),
        (("project_path", "ref"), "project_path:acme/api:ref:feature/x"),
        (("project_id", "ref_type", "ref"), "project_id:20:ref_type:branch:ref:feature/x"),
        (
            ("project_path", "ref_type", "ref", "ref_protected"),
            "project_path:acme/api:ref_type:branch:ref:feature/x:ref_protected:true",
        ),
        # Without an environment these have no value, and go with their labels.
        (("project_path", "environment_protected", "deployment_tier"), "project_path:acme/api"),
        (("job_project_id", "ref"), "job_project_id:20:ref:feature/x"),
    ],
)
def test_subjects(components, subject):
    job = Job(
        issuer=ISSUER,
        project=Project(path="acme/api"),
        ref="feature/x",
        sub_components=components,
    )
    assert claims(job, "a", now=NOW, jti="j")["sub"] == subject


def test_an_environment_in_the_subject():
    job = Job(
        issuer=ISSUER,
        environment=Environment(name="review/x", tier="development"),
        sub_components=("project_path", "environment_protected", "deployment_tier"),
    )
    assert claims(job, "a", now=NOW, jti="j")["sub"] == (
        "project_path:group/project:environment_protected:false:deployment_tier:development"
    )


@pytest.mark.parametrize(
    ("components", "message"),
    [
        ((), "the subject needs a component"),
        (("ref", "project_path"), "`ref` can't be the first element of the sub claim"),
        (
            ("project_path", "user_login"),
            "`user_login` is not an allowed sub claim component",
        ),
    ],
)
def test_components_that_gitlab_refuses(components, message):
    with pytest.raises(MalformedJob) as refused:
        claims(Job(issuer=ISSUER, sub_components=components), "a", now=NOW, jti="j")
    assert refused.value.message == message
    assert refused.value.help


def test_a_fork_never_speaks_for_its_parent():
    job = Job(
        issuer=ISSUER,
        project=Project(path="acme/api", id=20, namespace_id=72),
        source_project=Project(path="mallory/api", id=666, namespace_id=99),
    )
    made = claims(job, "a", now=NOW, jti="j")
    assert made["sub"] == "project_path:mallory/api:ref_type:branch:ref:main"
    assert (made["project_id"], made["job_project_id"]) == ("666", "20")
    assert made["ci_config_ref_uri"] == (
        "gitlab.example.test/acme/api//.gitlab-ci.yml@refs/heads/main"
    )


def test_without_user_runner_and_timeout():
    made = claims(Job(issuer=ISSUER, user=None, runner=None, timeout=None), "a", now=NOW, jti="j")
    assert (made["user_id"], made["user_login"], made["user_access_level"]) == ("", None, None)
    assert "runner_id" not in made
    assert (made["iat"], made["nbf"], made["exp"]) == (1795568878, 1795568873, 1795569178)


@pytest.mark.parametrize(("count", "shown"), [(0, True), (200, True), (201, False)])
def test_direct_groups_are_left_out_above_two_hundred(count, shown):
    groups = tuple(f"g{number}" for number in range(count))
    made = claims(Job(issuer=ISSUER, user=User(direct_groups=groups)), "a", now=NOW, jti="j")
    assert ("groups_direct" in made) is shown


@pytest.mark.parametrize(
    ("issuer", "server_url", "place"),
    [
        ("https://h", None, "h/group/project"),
        ("https://h:8443", None, "h:8443/group/project"),
        ("https://h/gitlab", None, "h/gitlab/group/project"),
        ("https://public.example", "https://inner.example", "inner.example/group/project"),
    ],
)
def test_where_the_configuration_stands(issuer, server_url, place):
    made = claims(Job(issuer=issuer, server_url=server_url), "a", now=NOW, jti="j")
    assert made["ci_config_ref_uri"] == f"{place}//.gitlab-ci.yml@refs/heads/main"
    assert made["iss"] == issuer


def test_the_later_claims_appear_when_told():
    made = claims(Job(issuer=ISSUER, job_source="push"), "a", now=NOW, jti="j")
    assert list(made).index("job_source") == list(made).index("ci_config_sha") + 1
    assert "job_source" not in claims(Job(issuer=ISSUER), "a", now=NOW, jti="j")


@given(aud=st.one_of(st.text(), st.lists(st.text(), min_size=1)))
def test_the_audience_is_kept_as_given(aud):
    assert claims(Job(issuer=ISSUER), aud, now=NOW, jti="j")["aud"] == aud
