"""What the demonstration looks like, on a terminal and in a pipe, and that it can fail."""

import io

import pytest
from rich.console import Console

from valetkey.cli.demonstration.parts import Done, Parts
from valetkey.cli.demonstration.stage import Stage
from valetkey.cli.demonstration.story import Story, tell

LONG = "word " * 60 + "end"


def stage(**options):
    return Stage(Console(file=io.StringIO(), highlight=False, **options))


def printed(shown):
    return shown.console.file.getvalue()


def test_lines_stay_whole_in_a_pipe():
    shown = stage(width=80)
    shown.title("a step")
    shown.output(f"first\n\n{LONG}")
    shown.command(["aws", "--query", "a b", LONG])
    assert f"  first\n  \n  {LONG}\n" in printed(shown)
    assert f"$ aws --query 'a b' '{LONG}'\n" in printed(shown)


def test_lines_fold_on_a_terminal_and_nothing_is_cut():
    shown = stage(width=60, force_terminal=True, color_system=None)
    shown.title("a step")
    shown.output(LONG)
    shown.output("x" * 200)
    lines = printed(shown).splitlines()
    assert max(map(len, lines)) <= 60
    assert printed(shown).count("word") == 60
    assert printed(shown).count("x") == 200


def test_colours_of_a_program_are_kept_on_a_terminal_and_gone_without():
    painted = "\x1b[31mrefused\x1b[0m"
    with_colour = stage(force_terminal=True, color_system="standard", width=60)
    with_colour.output(painted)
    assert "\x1b[31m" in printed(with_colour)
    without = stage(width=60)
    without.output(painted)
    assert printed(without) == "  refused\n"


@pytest.mark.parametrize(
    ("checks", "good"),
    [([True], True), ([True, True], True), ([True, False], False), ([], False)],
)
def test_a_step_is_good_if_it_was_checked_and_nothing_failed(checks, good):
    shown = stage(width=80)
    shown.title("first")
    shown.check("sure", passed=True)
    shown.title("second")
    for passed in checks:
        shown.check("perhaps", passed=passed, detail="why not")
    assert shown.summary(1.0) is good
    assert ("NOT everything went as it should" in printed(shown)) is not good
    assert ("why not" in printed(shown)) is (False in checks)


class Failing(Parts):
    """Parts of which nothing works: each program ends at once, and says something else."""

    def start(self, name, words, port):
        self.log(name).write_text("nothing happened\n")

    def run(self, words, extra=None):
        return Done(self.code, "nothing", "nothing")


@pytest.mark.parametrize("code", [0, 1])
def test_no_step_passes_where_nothing_happens(tmp_path, code):
    """Not even if every program says that all is well: what they print is looked at."""
    (tmp_path / "home").mkdir()
    parts = Failing(tmp_path)
    parts.code = code
    shown = stage(width=80)
    tell(Story(parts, shown, issuer_port=1, server_port=1))
    assert shown.summary(1.0) is False
    passed = {step.title for step in shown.steps if step.passed}
    assert passed == (
        {"It makes a role that one branch of one project may assume, and two secrets"}
        if code == 0
        else set()
    )
