"""What the rules over CI files say of shells, tried on bash.

Scripts run as GitLab's runner runs them: by `eval` at the end of a pipe, with `errexit` and
`pipefail`. The `aws` that they find is one that is always refused, or one that always answers.
"""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from support.documents import PROJECT, sections
from valetkey.diagnostics import Source
from valetkey.gitlabci import parse
from valetkey.lint.shell import loss, read, settings

REFUSED = "#!/bin/sh\necho 'An error occurred (AccessDenied)' >&2\nexit 254\n"
ANSWERED = "#!/bin/sh\nprintf 'AKIAFAKE\\tfakesecret\\tfaketoken\\n'\n"


class Run(NamedTuple):
    code: int
    output: str

    @property
    def went_on(self) -> bool:
        return "went on" in self.output


@pytest.fixture(params=[REFUSED], ids=["refused"])
def aws(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return fake(tmp_path, request.param)


def fake(folder: Path, script: str) -> Path:
    program = folder / "aws"
    program.write_text(script, encoding="utf-8")
    program.chmod(0o755)
    return folder


def run(script: str, path: Path, **variables: str) -> Run:
    done = subprocess.run(
        ["bash", "-c", 'set -eo pipefail; : | eval "$1"\nexit 0', "job", script],
        env={"PATH": f"{path}{os.pathsep}{os.environ['PATH']}", "HOME": str(path), **variables},
        cwd=path,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return Run(done.returncode, done.stdout + done.stderr)


LOST = [
    'export $(printf "A=%s" $(aws x))',
    "export X=$(aws x)",
    "readonly X=$(aws x)",
    "declare X=$(aws x)",
    "f() { local X=$(aws x); }; f",
    "eval $(aws x)",
    'eval "$(aws x)"',
    "set -- $(aws x)",
    ": $(aws x)",
    "echo $(aws x)",
    "X=$(printf '%s' $(aws x))",
    "read -r A B <<< $(aws x)",
    "cat <<E\n$(aws x)\nE",
    "source <(aws x)",
    "for i in $(aws x); do echo; done",
    "aws x && true",
    "aws x && true && true",
    "if true; then aws x && true; fi",
    "X=$(aws x) && export Y=$X",
    "X=$(aws x && true; true)",
    "aws x || true",
    "aws x || echo failed",
    "aws x || :",
    "X=$(aws x; true)",
    "X=$( { aws x; true; } )",
    "A=$(aws x) B=$(true)",
    "A=$(aws x)$(true)",
    "X=$(aws x) true",
    "set +o pipefail; aws x | cat",
    "set +e; aws x",
    "set +e; aws x; set -e",
]
KEPT = [
    "X=$(aws x)",
    'X="$(aws x)"',
    "X=`aws x`",
    "X=${Y:-$(aws x)}",
    "A=($(aws x))",
    "A=1 B=$(aws x) C=2",
    "export X; X=$(aws x)",
    "X=$(aws x | cat)",
    "X=$(aws x && true)",
    "aws x",
    "aws x | cat",
    "(aws x; true)",
    "(aws x && true)",
    "{ aws x; true; }",
    "{ aws x; true; } | cat",
    "aws x || exit 1",
    "aws x && true || exit 1",
    "aws x || true && exit 1",
    "f() { aws x; true; }; f",
    "if aws x; then echo; else exit 1; fi",
    "read -r A B < <(aws x)",
    "set +e\nset -e\naws x",
]


def found(script: str) -> bool:
    """Return whether the shell module says that the failure of `aws` is lost."""
    parsed = read(script)
    assert parsed.understood
    pairs = zip(parsed.commands, settings(parsed), strict=True)
    (call,) = [(command, now) for command, now in pairs if command.name == "aws"]
    return loss(parsed, *call) is not None


@pytest.mark.parametrize("script", LOST)
def test_a_lost_failure(script: str, aws: Path):
    script += "\necho went on"
    assert run(script, aws).went_on
    assert found(script)


@pytest.mark.parametrize("script", KEPT)
def test_a_failure_that_counts(script: str, aws: Path):
    script += "\necho went on"
    ran = run(script, aws)
    assert not ran.went_on
    assert ran.code != 0
    assert not found(script)


def script_of(job: str) -> str:
    text = (PROJECT / "examples/gitlab/.gitlab-ci.yml").read_text(encoding="utf-8")
    return "\n".join(c.text for c in parse(Source("x", text)).jobs[job].script[:-1])


VARIABLES = {"ROLE_ARN": "arn:aws:iam::400000000019:role/kiln", "GITLAB_OIDC_TOKEN": "a.b.c"}


class TestTheDocumentedJob:
    def test_the_one_liner_goes_on_with_three_empty_variables(self, aws: Path):
        script = script_of("assume role") + '\necho "went on with <$AWS_SESSION_TOKEN>"'
        ran = run(script, aws, **VARIABLES)
        assert ran.code == 0
        assert "went on with <>" in ran.output

    def test_the_two_steps_stop(self, aws: Path):
        script = script_of("assume role, in two steps") + "\necho went on"
        ran = run(script, aws, **VARIABLES)
        assert ran.code != 0
        assert not ran.went_on

    @pytest.mark.parametrize("job", ["assume role", "assume role, in two steps"])
    def test_both_set_the_three_where_the_role_is_given(self, job: str, tmp_path: Path):
        script = script_of(job) + "\nenv | grep -c '^AWS_'"
        ran = run(script, fake(tmp_path, ANSWERED), **VARIABLES)
        assert ran == (0, "3\n")


def test_the_pages_form_that_fails(aws: Path):
    """The form that `refusal_swallowed` gives under Instead, and its twin in the document."""
    document = PROJECT / "tests/lint/rules/ci/refusal_swallowed.md"
    section = next(one for one in sections(document) if "assigned first" in one.title)
    (block,) = section.all("yaml")
    job = parse(Source("x", block.body)).jobs["assume role"]
    script = "\n".join(command.text for command in job.script)
    assert run(script, aws, ROLE_ARN="r", ID_TOKEN="t").code != 0


class TestWhatElseTheRulesSay:
    def test_read_at_the_end_of_a_pipe_sets_nothing(self, tmp_path: Path):
        script = 'aws x | read -r AWS_ACCESS_KEY_ID B C\necho "<$AWS_ACCESS_KEY_ID>"'
        assert run(script, fake(tmp_path, ANSWERED)).output == "<>\n"

    def test_a_here_string_sets_what_is_read(self, tmp_path: Path):
        script = 'c=$(aws x)\nread -r AWS_ACCESS_KEY_ID B C <<< "$c"\necho "<$AWS_ACCESS_KEY_ID>"'
        assert run(script, fake(tmp_path, ANSWERED)).output == "<AKIAFAKE>\n"

    def test_parentheses_keep_what_is_set_in_them(self, tmp_path: Path):
        script = '(export AWS_SESSION_TOKEN=x)\necho "<$AWS_SESSION_TOKEN>"'
        assert run(script, tmp_path).output == "<>\n"

    def test_what_is_not_exported_does_not_arrive(self, tmp_path: Path):
        told = fake(tmp_path, '#!/bin/sh\necho "<$AWS_SESSION_TOKEN>"\n')
        script = "AWS_SESSION_TOKEN=x\naws s3 ls\nexport AWS_SESSION_TOKEN\naws s3 ls"
        assert run(script, told).output == "<>\n<x>\n"

    def test_a_variable_of_the_job_is_exported_already(self, tmp_path: Path):
        told = fake(tmp_path, '#!/bin/sh\necho "<$AWS_SESSION_TOKEN>"\n')
        script = "AWS_SESSION_TOKEN=x\naws s3 ls"
        assert run(script, told, AWS_SESSION_TOKEN="").output == "<x>\n"

    def test_an_empty_variable_without_quotes_is_no_argument(self, tmp_path: Path):
        counting = fake(tmp_path, '#!/bin/sh\necho "$#"\n')
        script = 'aws --role-arn $ROLE_ARN --x\naws --role-arn "$ROLE_ARN" --x'
        assert run(script, counting).output == "2\n3\n"

    def test_xtrace_prints_what_is_exported(self, tmp_path: Path):
        script = 'c=$(aws x)\nset -x\nexport $(printf "A=%s AWS_SECRET_ACCESS_KEY=%s C=%s" $c)'
        assert "fakesecret" in run(script, fake(tmp_path, ANSWERED)).output

    def test_base64_of_a_token_does_not_hold_the_token(self, tmp_path: Path):
        ran = run('echo "$ID_TOKEN" | base64', tmp_path, ID_TOKEN="header.claims.signature")
        assert ran.code == 0
        assert "signature" not in ran.output
        back = run(f"echo {ran.output.strip()} | base64 -d", tmp_path)
        assert back.output == "header.claims.signature\n"
