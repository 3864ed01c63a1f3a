"""The tables of lint's codes in docs/lint.md; run it to print them, with --write to put them in."""

import re
import sys
from pathlib import Path

from valetkey.lint import all_rules, page_of
from valetkey.lint.refusals import REFUSALS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "lint.md"
COMMAND = "PYTHONPATH=src python tests/support/lint_table.py --write"
_BETWEEN = r"(<!-- {0}: made by tests/support/lint_table.py -->\n)(?:.*\n)*?(<!-- end {0} -->)"


def rules() -> str:
    """Return the table of the rules."""
    return _table((rule.code, str(rule.severity), page_of(rule).summary) for rule in all_rules())


def refusals() -> str:
    """Return the table of the other codes."""
    return _table((each.code, str(each.severity), each.summary) for each in REFUSALS.values())


def renewed(text: str) -> str:
    """Return a document with its tables as the code has them."""
    for name, table in (("rules", rules()), ("refusals", refusals())):
        pattern = re.compile(_BETWEEN.format(name))
        if not pattern.search(text):
            raise ValueError(f"there are no marks for the table of {name}")
        text = pattern.sub(lambda found, made=table: f"{found[1]}\n{made}\n\n{found[2]}", text)
    return text


def _table(rows) -> str:
    lines = ["| code | severity | what it finds |", "| --- | --- | --- |"]
    lines += [f"| `{code}` | {severity} | {_cell(text)} |" for code, severity, text in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    if "--write" in sys.argv:
        DOCUMENT.write_text(renewed(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(rules(), refusals(), sep="\n\n")
