"""The example file, run with an `aws` that answers as a server would."""

from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/gitlab/.gitlab-ci.yml"
KEY_ID, SECRET, SESSION = (
    "ASIAQ3EGRIAJNRTZKQ4D",
    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "F+/" * 90,
)
AWS = f"""#!/bin/sh
case "$1 $2 $4" in
"sts assume-role-with-web-identity arn:aws:iam::1:role/no")
  echo "An error occurred (AccessDenied): Not authorized" >&2; exit 254 ;;
"sts assume-role-with-web-identity "*)
  printf '{KEY_ID}\\t{SECRET}\\t{SESSION}\\n' ;;
"sts get-caller-identity "*)
  [ "$AWS_SECRET_ACCESS_KEY" = "{SECRET}" ] && [ "$AWS_SESSION_TOKEN" = "{SESSION}" ] || exit 255
  echo "I am $AWS_ACCESS_KEY_ID" ;;
"secretsmanager get-secret-value mine") echo hunter2 ;;
"secretsmanager get-secret-value "*)
  echo "An error occurred (AccessDeniedException)" >&2; exit 254 ;;
*) exit 252 ;;
esac
"""


@pytest.fixture
def example(run: Any, tmp_path: Path) -> Any:
    (tmp_path / "aws").write_text(AWS)
    (tmp_path / "aws").chmod(0o700)

    def runs(name: str, role: str) -> Any:
        given = {"ROLE_ARN": f"arn:aws:iam::1:role/{role}", "SECRET_ID": "mine"}
        return run(
            EXAMPLE.read_text(),
            name=name,
            given={**given, "OTHER_SECRET_ID": "other"},
            environ={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        )

    return runs


def test_the_job_of_the_documentation(example: Any) -> None:
    ran = example("assume role", "yes")

    assert ran.minted == [("GITLAB_OIDC_TOKEN", "https://valetkey.example")]
    assert ran.lines == ["I am [MASKED]"]
    assert ran.log.endswith("Job succeeded\n")


def test_a_secret_is_read_and_another_refused(example: Any) -> None:
    ran = example("read secret", "yes")

    assert ran.result.exit_code == 0
    assert [line.split()[0] for line in ran.lines] == ["I", ran.lines[1][:64], "An", "refused,"]
    assert "hunter2" not in ran.log


def test_a_refusal_in_one_line_is_noticed_late(example: Any) -> None:
    ran = example("assume role", "no")

    assert ran.result.exit_code == 255, "of the command after the one that was refused"
    assert "$ aws sts get-caller-identity" in ran.log


def test_a_refusal_in_two_steps_ends_the_job(example: Any) -> None:
    ran = example("assume role, in two steps", "no")

    assert ran.result.exit_code == 254
    assert "$ aws sts get-caller-identity" not in ran.log
    assert example("assume role, in two steps", "yes").lines == ["I am [MASKED]"]
