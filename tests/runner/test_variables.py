"""What variables a job has, which of them wins, and what it does not see."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from valetkey.diagnostics import Source
from valetkey.gitlabci import PREDEFINED, MalformedCiFile, UnsupportedCiFile, Variable
from valetkey.runner import (
    Commit,
    JobLeftOut,
    JobUnusable,
    Pipeline,
    file_exists,
    local_includes,
    read_commit,
)
from valetkey.runner.slug import environment_slug, slug

COMMIT = Commit("a" * 40, "Title\n\nBody of it", "Ann <ann@example.com>", "2026-11-25T00:00:00Z")
TAGGED = Pipeline(
    "acme/team/app",
    server_url="https://gitlab.example:8443",
    project_id=20,
    namespace_id=72,
    ref="v1.0",
    ref_type="tag",
    ref_protected=True,
    commit=COMMIT,
    pipeline_id=574,
    job_id=302,
    user_login="ann",
)


def printed(run: Any, text: str, **options: Any) -> dict[str, str]:
    """Run a job that prints its environment."""
    job = f'job: {{script: [\'env -0 | tr "\\n\\0" "~\\n"\'], {text}}}'
    ran = run(job, **options)
    assert ran.result.exit_code == 0, ran.log
    return dict(line.split("=", 1) for line in ran.lines if "=" in line)


def test_predefined_variables(run: Any) -> None:
    got = printed(run, "environment: review/x", pipeline=TAGGED)

    want = {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_SERVER_URL": "https://gitlab.example:8443",
        "CI_SERVER_HOST": "gitlab.example",
        "CI_SERVER_FQDN": "gitlab.example:8443",
        "CI_SERVER_PORT": "8443",
        "CI_API_V4_URL": "https://gitlab.example:8443/api/v4",
        "CI_PROJECT_ID": "20",
        "CI_PROJECT_PATH": "acme/team/app",
        "CI_PROJECT_NAME": "app",
        "CI_PROJECT_NAMESPACE": "acme/team",
        "CI_PROJECT_NAMESPACE_ID": "72",
        "CI_PROJECT_ROOT_NAMESPACE": "acme",
        "CI_PROJECT_PATH_SLUG": "acme-team-app",
        "CI_PROJECT_URL": "https://gitlab.example:8443/acme/team/app",
        "CI_PROJECT_DIR": str(run.directory),
        "CI_COMMIT_SHA": "a" * 40,
        "CI_COMMIT_SHORT_SHA": "a" * 8,
        "CI_COMMIT_TITLE": "Title",
        "CI_COMMIT_DESCRIPTION": "Body of it",
        "CI_COMMIT_TAG": "v1.0",
        "CI_COMMIT_REF_NAME": "v1.0",
        "CI_COMMIT_REF_SLUG": "v1-0",
        "CI_COMMIT_REF_PROTECTED": "true",
        "CI_PIPELINE_ID": "574",
        "CI_PIPELINE_SOURCE": "push",
        "CI_JOB_ID": "302",
        "CI_JOB_NAME": "job",
        "CI_JOB_STAGE": "test",
        "CI_JOB_STATUS": "running",
        "CI_JOB_STARTED_AT": "2023-11-14T22:13:20Z",
        "CI_JOB_TIMEOUT": "3600",
        "CI_JOB_URL": "https://gitlab.example:8443/acme/team/app/-/jobs/302",
        "CI_JOB_TOKEN": "[MASKED]",
        "CI_ENVIRONMENT_NAME": "review/x",
        "CI_ENVIRONMENT_TIER": "development",
        "CI_ENVIRONMENT_ACTION": "start",
        "GITLAB_USER_LOGIN": "ann",
    }
    assert {name: got.get(name) for name in want} == want
    assert "CI_COMMIT_BRANCH" not in got
    assert {n for n in got if n.startswith(("CI_", "GITLAB_"))} <= PREDEFINED


def test_a_branch_is_no_tag_and_a_merge_request_neither(run: Any) -> None:
    branch = printed(run, "stage: test")
    merge = printed(
        run,
        "rules: [{when: always}]",
        pipeline=Pipeline("acme/app", ref="topic", source="merge_request_event"),
    )

    assert (branch["CI_COMMIT_BRANCH"], "CI_COMMIT_TAG" in branch) == ("main", False)
    assert not {"CI_COMMIT_BRANCH", "CI_COMMIT_TAG"} & merge.keys()
    assert merge["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"] == "topic"


def test_precedence(run: Any) -> None:
    text = "variables: {A: file, B: file, C: file, D: file, E: file, CI_JOB_NAME: file}\njob:\n"
    text += "  variables: {B: job, C: job, D: job, E: job}\n"
    text += "  rules: [{if: $CI, variables: {C: rule, D: rule, E: rule}}]\n"
    text += "  script: ['echo $A $B $C $D $E $CI_JOB_NAME']\n"
    project = {"D": Variable("project"), "E": Variable("project")}
    ran = run(text, project_variables=project, given={"E": "run"})

    assert ran.lines == ["file job rule project run file"]


def test_values_are_expanded_as_gitlab_does(run: Any) -> None:
    got = printed(
        run,
        "variables: {A: '<$B>', B: '$CI_PROJECT_NAME', C: {value: '$B', expand: false},"
        " D: '$$B', E: '$NOPE.', T: 'Bearer $TOKEN'}, id_tokens: {TOKEN: {aud: a}}",
    )

    assert (got["A"], got["B"], got["C"], got["D"], got["E"]) == ("<app>", "app", "$B", "$B", ".")
    assert got["T"] == "Bearer [MASKED]"


def test_an_id_token_goes_before_any_variable_of_its_name(run: Any) -> None:
    ran = run(
        "job: {id_tokens: {T: {aud: a}}, variables: {T: job}, script: ['echo ${#T}']}",
        given={"T": "given"},
    )

    assert int(ran.lines[0]) > 100


def test_tokens_are_asked_for_by_name_and_audience(run: Any) -> None:
    text = "job: {script: s, id_tokens: {A: {aud: https://$HOST}, B: {aud: [x, '$HOST']}}}"
    ran = run(text.replace("script: s", "script: 'true'"), given={"HOST": "h.example"})

    assert ran.minted == [("A", "https://h.example"), ("B", ("x", "h.example"))]


def test_an_empty_audience_is_refused(run: Any) -> None:
    with pytest.raises(JobUnusable) as raised:
        run.prepared("job: {script: s, id_tokens: {A: {aud: $NOPE}}}")

    (finding,) = raised.value.diagnostics()
    assert finding.message == "audience `$NOPE` of ID token `A` is empty"
    assert finding.labels[0].span.text == "A"
    assert finding.help == ("variable `NOPE` is not set; give it with `--var NOPE=…`",)


def test_environment_and_timeout(run: Any) -> None:
    text = "job: {script: s, timeout: 10m, environment: {name: prod/$R, url: 'https://$R.example'}}"
    prepared = run.prepared(text, given={"R": "eu"})

    assert prepared.timeout == 600
    assert prepared.environment is not None
    assert prepared.environment.name == "prod/eu"
    assert prepared.environment.url == "https://eu.example"
    assert prepared.environment.tier == "production"
    with pytest.raises(JobUnusable, match="has no name"):
        run.prepared("job: {script: s, environment: $NOPE}")


def test_a_job_that_its_rules_leave_out(run: Any) -> None:
    with pytest.raises(JobLeftOut, match="none of its `rules` matches") as raised:
        run.prepared("job: {script: s, rules: [{if: $CI_COMMIT_TAG}]}")
    assert raised.value.diagnostics()[0].labels[0].span.text == "job"

    (run.directory / "Dockerfile").touch()
    assert run.prepared("job: {script: s, rules: [{exists: [Docker*]}]}").when == "on_success"
    with pytest.raises(UnsupportedCiFile):
        run.prepared("job: {script: s, rules: [{changes: [a]}]}")


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
def test_values_that_no_process_can_hold(run: Any, value: str) -> None:
    with pytest.raises(JobUnusable, match="variable `A` holds a character"):
        run.prepared("job: {script: s}", given={"A": value})
    escaped = value.encode("unicode_escape").decode()
    with pytest.raises(JobUnusable, match="a command holds a character"):
        run.prepared(f'job: {{script: "{escaped}"}}')


def test_variables_in_a_circle(run: Any) -> None:
    with pytest.raises(MalformedCiFile, match="circular variable reference"):
        run.prepared("job: {script: s, variables: {A: $B, B: $A}}")


ADMIN = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/home/admin",
    "AWS_ACCESS_KEY_ID": "AKIAADMIN",
    "AWS_SECRET_ACCESS_KEY": "admins",
    "AWS_SESSION_TOKEN": "admins",
    "AWS_PROFILE": "admin",
    "AWS_SHARED_CREDENTIALS_FILE": "/home/admin/keys",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/home/admin/token",
    "AWS_ROLE_ARN": "arn:aws:iam::1:role/admin",
    "VALETKEY_HOME": "/home/admin/valetkey",
    "GITHUB_TOKEN": "admins",
    "SSH_AUTH_SOCK": "/tmp/agent",
    "BASH_ENV": "/home/admin/.bashrc",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:8080",
    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:8081",
    "AWS_REGION": "eu-central-1",
    "AWS_CA_BUNDLE": "/etc/ca.pem",
    "LC_ALL": "C.UTF-8",
    "TERM": "xterm",
}


def test_the_callers_environment_stays_outside(run: Any) -> None:
    got = printed(run, "stage: test", environ=ADMIN)

    kept = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_REGION", "AWS_CA_BUNDLE", "LC_ALL"}
    assert {name for name in ADMIN if got.get(name) == ADMIN[name]} == kept | {"PATH", "TERM"}
    assert not [name for name, value in got.items() if "admin" in value]
    shells_own = {"PWD", "OLDPWD", "SHLVL", "_"}
    others = got.keys() - PREDEFINED - kept - shells_own
    assert others == {"HOME", "PATH", "TERM", "AWS_EC2_METADATA_DISABLED", "AWS_DEFAULT_REGION"}
    assert got["AWS_DEFAULT_REGION"] == "eu-central-1", "older clients know this name only"


def test_the_home_directory_is_empty_and_the_jobs_own(run: Any, tmp_path: Path) -> None:
    text = "job: {script: ['ls -A ~', 'mkdir ~/.aws && touch ~/.aws/config && echo made']}"
    ran = run(text, environ=ADMIN)
    other = run("job: {script: ['echo $HOME']}", options={"home": tmp_path})

    assert ran.lines == ["made"]
    assert other.lines == [str(tmp_path)]


def test_a_job_may_set_what_the_caller_has(run: Any) -> None:
    got = printed(run, "variables: {AWS_REGION: us-east-1, AWS_PROFILE: mine}", environ=ADMIN)

    assert (got["AWS_REGION"], got["AWS_PROFILE"]) == ("us-east-1", "mine")
    assert got["AWS_DEFAULT_REGION"] == "us-east-1"


def test_the_commit_comes_from_git(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        environ = {
            "PATH": "/usr/bin:/bin:/usr/local/bin",
            "HOME": str(tmp_path),
            "GIT_AUTHOR_NAME": "Ann",
            "GIT_AUTHOR_EMAIL": "ann@example.com",
            "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@example.com",
        }
        command = ["git", "-C", str(tmp_path), *arguments]
        subprocess.run(command, env=environ, check=True, capture_output=True)

    assert read_commit(tmp_path) is None
    git("init", "-b", "topic")
    assert read_commit(tmp_path) is None
    git("commit", "--allow-empty", "-m", "Title\n\nBody")
    commit = read_commit(tmp_path)

    assert commit is not None
    assert re.fullmatch("[0-9a-f]{40}", commit.sha)
    assert (commit.branch, commit.author) == ("topic", "Ann <ann@example.com>")
    assert (commit.message, commit.before_sha) == ("Title\n\nBody", "0" * 40)
    git("checkout", "--detach")
    detached = read_commit(tmp_path)
    assert detached is not None
    assert detached.branch is None


@pytest.mark.parametrize(
    ("name", "want"),
    [("Feature/X_1", "feature-x-1"), ("-a-", "a"), ("x" * 70, "x" * 63), ("é", "")],
)
def test_slugs(name: str, want: str) -> None:
    assert slug(name) == want


def test_slugs_of_environments() -> None:
    assert environment_slug("production") == "production"
    changed = environment_slug("review/Feature_X")
    assert re.fullmatch(r"review-feature-x-[0-9a-z]{6}", changed)
    assert environment_slug("review/feature-x") != changed
    assert environment_slug("1").startswith("env-1-")
    assert len(environment_slug("x" * 100)) == 24


def test_included_files_come_from_below_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "ci").mkdir(parents=True)
    (root / "ci/b.yml").write_text("b: {script: s}")
    (root / "ci/a.yml").write_text("a: {script: s}")
    (tmp_path / "outside.yml").write_text("x: {script: s}")
    (root / "link.yml").symlink_to(tmp_path / "outside.yml")
    (root / "binary.yml").write_bytes(b"\xff\xfe")
    read = local_includes(root)

    one, several = read("ci/a.yml"), read("ci/*.yml")
    assert isinstance(one, Source)
    assert isinstance(several, tuple)
    assert [source.name for source in several] == ["ci/a.yml", "ci/b.yml"]
    for name in ("../outside.yml", "link.yml", "nope.yml", "binary.yml", "ci", "x*.yml", "a\0b"):
        assert read(name) is None, name
    exists = file_exists(root)
    assert (exists("ci/*.yml"), exists("*.txt"), exists("**/a.yml")) == (True, False, True)
