"""A run of lint from within: what no command line can bring about."""

import io
import os
import shutil
from collections.abc import Iterator

import pytest

from valetkey.cli.lint_choice import Codes
from valetkey.cli.lint_files import Target, targets, write
from valetkey.cli.linting import Options, Run
from valetkey.diagnostics import Diagnostic, Severity
from valetkey.lint import CiRule, CiSubject, Edit, Facts, Finding

CI = "job:\n  script: [make]\n"


def options(*rules: CiRule, **given: object) -> Options:
    codes = frozenset({rule.code for rule in rules})
    known = codes | {"ci-yaml", "policy-json", "lint-not-text"}
    asked = {"kind": None, "stdin_name": None, "fix": True, "diff": False, "form": "text"}
    return Options(
        **{
            **asked,
            "config": None,
            "facts": Facts(),
            "codes": Codes(known, codes, rules, frozenset()),
            **given,
        }
    )  # type: ignore[arg-type]


def check(subject: CiSubject) -> Iterator[Finding]:
    at = subject.source.text.index("[make]")
    yield RULE.finding("m", subject.source.span(at, at + 6), edits=(Edit(at, at + 6, "[make"),))


RULE = CiRule(code="CI900", name="breaks", severity=Severity.ERROR, page="", check=check)


def test_refusals_are_held_against_an_edit_also_where_only_a_rule_is_selected(tmp_path):
    path = tmp_path / ".gitlab-ci.yml"
    path.write_text(CI)
    report = Run(options(RULE)).over((str(path),), io.TextIOWrapper(io.BytesIO()))
    assert path.read_text() == CI
    assert [each.code for each in report.findings] == ["CI900"]


@pytest.mark.parametrize("data", [b"\xff\xfe", b" " * 1_100_000], ids=["bytes", "large"])
def test_standard_input_that_can_t_be_read_comes_back_as_it_was(data, capfdbinary):
    run = Run(options())
    report = run.over(("-",), io.TextIOWrapper(io.BytesIO(data)))
    run.write(report, None)
    output, errors = capfdbinary.readouterr()
    assert output == data
    assert b"error[lint-" in errors


def test_a_folder_that_can_t_be_read_is_told(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.json").write_text("{}")
    found = targets((str(tmp_path),), None)
    first = next(found)
    shutil.rmtree(tmp_path / "b")  # listed already, and gone when it is looked into
    rest = list(found)
    assert isinstance(first, Target)
    (told,) = [each for each in rest if isinstance(each, Diagnostic)]
    assert told.code == "lint-unreadable"
    assert f"folder `{tmp_path / 'b'}` can't be read: no such file or directory" in told.message
    assert [each.name for each in rest if isinstance(each, Target)] == [
        str(tmp_path / "c" / "p.json")
    ]


@pytest.mark.parametrize("error", [None, PermissionError()], ids=["may", "may not"])
def test_a_file_keeps_its_owner_where_that_may_be_said(tmp_path, monkeypatch, error):
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(0o640)
    asked = []

    def fchown(_: int, user: int, group: int) -> None:
        asked.append((user, group))
        if error is not None:
            raise error

    monkeypatch.setattr(os, "fchown", fchown)
    write(path, "new")
    found = path.stat()
    assert (path.read_text(), found.st_mode & 0o777) == ("new", 0o640)
    assert asked == [(found.st_uid, found.st_gid)]
