"""Every code that a finding can have has a page, and no page is of a code that none has."""

import re

from support.documents import PROJECT
from valetkey.lint import all_rules
from valetkey.lint.refusals import REFUSALS
from valetkey.policy.flaws import Kind


def written(folder: str, pattern: str) -> set[str]:
    files = (PROJECT / "src" / "valetkey").glob(folder)
    return {code for file in files for code in re.findall(pattern, file.read_text())}


def test_codes_of_the_policy_language():
    assert {code for code in REFUSALS if code.startswith("policy-")} == {str(kind) for kind in Kind}


def test_codes_of_the_ci_file():
    raised = written("gitlabci/*.py", r'"(ci-[a-z-]+)"')
    # What only a run of a job meets.
    raised -= {"ci-no-effect", "ci-unknown-job"}
    assert {code for code in REFUSALS if code.startswith("ci-")} == raised


def test_codes_of_lint_itself():
    said = written("lint/**/*.py", r'Diagnostic\(\s*"(lint-[a-z-]+)"')
    said |= written("lint/*.py", r'_nothing\(source, "(lint-[a-z-]+)"\)')
    said |= written("cli/lint_files.py", r'_finding\("(lint-[a-z-]+)"')
    assert {code for code in REFUSALS if code.startswith("lint-")} == said - {"lint-config"}


def test_pages():
    for code, page in REFUSALS.items():
        assert page.code == code
        for text in (page.summary, page.what, page.instead):
            assert text.endswith("."), code
            assert "\n" not in text
    assert not {rule.code for rule in all_rules()} & set(REFUSALS)
