"""Tables of the documentation that are made from the code; run it to print them."""

from collections.abc import Iterable

from valetkey.api import OPERATIONS
from valetkey.oidc import DIFFERENCES


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a Markdown table."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def token_differences() -> str:
    """Return where tokens are answered otherwise than AWS answers them."""
    rows = ((d.name, d.aws, d.valetkey, d.why) for d in DIFFERENCES)
    return table(("what", "AWS", "valetkey", "why"), rows)


def operations() -> str:
    """Return what is offered, and the action that each operation needs."""
    rows = (
        (service, name, f"`{operation.action}`" if operation.action else "-")
        for (service, name), operation in sorted(OPERATIONS.items())
    )
    return table(("service", "operation", "IAM action"), rows)


if __name__ == "__main__":
    print(token_differences(), operations(), sep="\n\n")
