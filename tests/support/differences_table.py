"""The table of ``docs/gateway-differences.md``, made from the twice-run table's list.

``python tests/support/differences_table.py --write`` writes it.
"""

import json
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
LIST = PROJECT / "tests" / "gateway" / "twice" / "differences.json"
PAGE = PROJECT / "docs" / "gateway-differences.md"
_BEGIN, _END = "<!-- differences -->\n", "<!-- end of differences -->\n"


def table() -> str:
    """Return the rows; steps that differ for one reason stand together."""
    groups: dict[str, list[str]] = {}
    reason = ""
    for one in json.loads(LIST.read_text())["differences"]:
        reason = reason if one["reason"] == "As above." else one["reason"]
        case, number, operation = one["step"].split(" ")
        what = ", ".join(one["differs"])
        groups.setdefault(reason, []).append(f"`{operation}` ({case}, step {number}): {what}")
    rows = [f"| {'; '.join(steps)} | {reason} |" for reason, steps in groups.items()]
    return "\n".join(["| operation, and what differs | why |", "|---|---|", *rows, ""])


def page(written: str) -> str:
    """Return the page with its table made anew."""
    before, _, rest = written.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{table()}{_END}{after}"


if __name__ == "__main__" and "--write" in sys.argv:
    PAGE.write_text(page(PAGE.read_text()))
