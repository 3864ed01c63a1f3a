"""What the demonstration looks like, and its account of what went as it should."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text


@dataclass
class Stage:
    """A console, and the checks made on it so far."""

    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    checks: list[tuple[str, bool]] = field(default_factory=list)
    number: int = 0

    def title(self, text: str) -> None:
        """Begin a step of the story."""
        self.number += 1
        self.console.print()
        self.console.print(Rule(f"[bold]{self.number}. {text}", align="left", characters="─"))

    def say(self, text: str) -> None:
        """Tell the reader something."""
        self.console.print(Text(text, style="dim"))

    def command(self, arguments: Sequence[str], *, secret: Sequence[str] = ()) -> None:
        """Show a command as one would type it; secrets are left out."""
        shown = " ".join(
            "[…]" if argument in secret else shlex.quote(argument) for argument in arguments
        )
        self.console.print(Text(f"$ {shown}", style="bold cyan"))

    def output(self, text: str) -> None:
        """Show what a command printed."""
        if text.strip():
            indented = "\n".join(f"  {line}" for line in text.rstrip().splitlines())
            self.console.print(Text.from_ansi(indented))

    def check(self, what: str, passed: bool, detail: str = "") -> None:
        """Note whether something went as it should."""
        self.checks.append((what, passed))
        mark = Text("✔ ", style="bold green") if passed else Text("✘ ", style="bold red")
        self.console.print(Text.assemble("  ", mark, what))
        if not passed and detail:
            self.output(detail)

    def summary(self) -> bool:
        """Show all checks, and return whether all of them passed."""
        self.title("Summary")
        table = Table(show_header=False, box=None, padding=(0, 1, 0, 2))
        for what, passed in self.checks:
            mark = Text("as it should", style="green") if passed else Text("NOT so", style="bold red")
            table.add_row(Text(what, overflow="fold"), mark)
        self.console.print(table)
        return bool(self.checks) and all(passed for _, passed in self.checks)
