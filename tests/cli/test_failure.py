"""How a command ends, whatever happens in it: an exit code, words, and never a traceback."""

import click
import pytest

from valetkey.cli.failure import TRACEBACK, run
from valetkey.errors import AwsError, ValetkeyError


@pytest.fixture
def end(capsys):
    """Run a command that does one thing; return its exit code and what it said."""

    def command(action):
        @click.command()
        def failing():
            return action()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["valetkey"])
            code = run(failing)
        said = capsys.readouterr()
        assert said.out == ""
        return code, said.err

    return command


def raising(error):
    def action():
        raise error

    return action


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (0, 0), (1, 1), (7, 7)])
def test_what_a_command_returns_is_its_exit_code(end, returned, code):
    assert end(lambda: returned) == (code, "")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ValetkeyError("no such thing", help="make one"), 1, "error[error]: no such thing"),
        (click.UsageError("not like that"), 2, "not like that"),
        (click.ClickException("no"), 1, "no"),
        (FileNotFoundError(2, "No such file or directory", "/x"), 1, "directory: `/x`"),
        (OSError("strange"), 1, "error[system]: strange"),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(3), 1, ""),
        (SystemExit(0), 0, ""),
        (SystemExit(), 0, ""),
    ],
)
def test_failures_are_told_in_words(end, error, code, said):
    ended, told = end(raising(error))
    assert ended == code
    assert said in told
    assert "Traceback" not in told


def test_an_answer_of_aws_is_told_with_its_reason(end):
    error = AwsError("AccessDenied", "Not authorized", 403, reason="`a` is not `b`", help="say b")
    told = end(raising(error))[1]
    assert told == "error[AccessDenied]: `a` is not `b`\n  = help: say b\n"


@pytest.mark.parametrize("kind", [KeyError, ValueError, RecursionError, AssertionError])
def test_a_fault_of_our_own_is_told_without_what_it_holds(end, kind, monkeypatch):
    """The text of an exception may be anything, a secret too."""
    code, told = end(raising(kind("canary")))
    assert code == 1
    assert f"`{kind.__name__}` at `test_failure.py:" in told
    assert "canary" not in told
    assert "Traceback" not in told
    monkeypatch.setenv(TRACEBACK, "1")
    assert "Traceback" in end(raising(kind("canary")))[1]


def test_any_character_can_be_printed_anywhere(valetkey, home, tmp_path):
    """A policy may hold what a terminal can't show; that is no reason to fail."""
    (tmp_path / "no-token.txt").write_text("no token, ☃")
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated":'
        ' "arn:aws:iam::001122334455:oidc-provider/h.example"}, "Action":'
        ' "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"h.example:sub": "☃"}}}]}'
    )
    (tmp_path / "trust.json").write_text(trust)
    words = ("explain", "--token-file", "no-token.txt", "--trust-policy", "trust.json")
    done = valetkey(*words, PYTHONIOENCODING="latin-1", PYTHONUTF8="1")
    assert done.code == 1
    assert "error[internal]" not in done.all
    (tmp_path / "token").write_text(
        valetkey(
            "issuer", "token", "--aud", "a", "--home", "other", "--url", "https://h.example"
        ).output
    )
    words = ("explain", "--token-file", "token", "--trust-policy", "trust.json")
    done = valetkey(*words, PYTHONIOENCODING="latin-1", PYTHONUTF8="1")
    assert (done.code, done.errors) == (1, "")
    assert "\\u2603" in done.output
