"""What the demonstration looks like, and its account of what went as it should."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

WIDEST = 100
"""Columns of running text; what programs print is as wide as the terminal."""


@dataclass
class Step:
    """A step of the story, with the checks made in it."""

    title: str
    checks: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Return whether every check of the step passed, and there was one."""
        return bool(self.checks) and all(passed for _, passed in self.checks)


@dataclass
class Stage:
    """A console, and the steps shown on it so far."""

    console: Console = field(default_factory=lambda: Console(highlight=False))
    steps: list[Step] = field(default_factory=list)

    def title(self, text: str) -> None:
        """Begin a step of the story."""
        self.steps.append(Step(text))
        self.rule(f"{len(self.steps)}. {text}")

    def rule(self, text: str) -> None:
        """Draw a line with a heading."""
        self.console.print()
        heading = Rule(f"[bold]{text}", align="left", characters="─")
        self.console.print(heading, width=min(self.console.width, WIDEST))

    def say(self, text: str) -> None:
        """Tell the reader something."""
        self.console.print(Text(text, style="dim"), width=min(self.console.width, WIDEST))

    def command(self, words: Sequence[str], *, instead: str | None = None) -> None:
        """Show a command as one would type it, or what is to be shown ``instead``."""
        shown = instead or " ".join(map(shlex.quote, words))
        self._print(Text.assemble(("$ ", "dim"), (shown, "bold cyan")))

    def output(self, text: str) -> None:
        """Show what a command printed."""
        if text.strip():
            self._print(Text.from_ansi(text.rstrip()), indent=2)

    def check(self, what: str, passed: bool, detail: str = "") -> None:
        """Note whether something went as it should; where it did not, show the detail."""
        self.steps[-1].checks.append((what, passed))
        self._print(Text.assemble("  ", _mark(passed=passed), what))
        if not passed:
            self.output(detail)

    def summary(self, seconds: float) -> bool:
        """Show how each step went, and return whether all of them went as they should."""
        self.rule("Summary")
        for number, step in enumerate(self.steps, 1):
            self._print(Text.assemble("  ", _mark(passed=step.passed), f"{number}. {step.title}"))
            for what, passed in step.checks:
                if not passed:
                    self._print(Text.assemble("      ", _mark(passed=False), what))
        checks = [passed for step in self.steps for _, passed in step.checks]
        good = all(step.passed for step in self.steps)
        verdict = "everything went as it should" if good else "NOT everything went as it should"
        counted = f"{sum(checks)} of {len(checks)} checks in {seconds:.0f} s"
        self.console.print()
        self._print(Text(f"  {verdict}: {counted}", style="bold green" if good else "bold red"))
        return good

    def _print(self, shown: Text, *, indent: int = 0) -> None:
        if self.console.is_terminal:
            self.console.print(Padding(shown, (0, 0, 0, indent)), overflow="fold")
            return
        # Nobody sees columns in a pipe, and whoever searches in it wants whole lines.
        for line in shown.split("\n", allow_blank=True):
            self.console.print(" " * indent, line, sep="", soft_wrap=True)


def _mark(*, passed: bool) -> Text:
    return Text("✔ ", style="bold green") if passed else Text("✘ ", style="bold red")
