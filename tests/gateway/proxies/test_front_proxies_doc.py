"""What docs/front-proxies.md says of operations and payload modes is what the code does."""

from pathlib import Path

import pytest

from gateway.proxies.test_authorize import ANY, HASHED, MODES, TRAILERS
from support.tables import table
from valetkey.gateway.authorize import _check_operation
from valetkey.gateway.proxied_headers import TAKEN_AWAY, NeedsStream
from valetkey.gateway.s3 import OPERATIONS, AnsweredBy, S3Request
from valetkey.sigv4 import Streaming

PAGE = (Path(__file__).parents[3] / "docs" / "front-proxies.md").read_text()
LITERAL = "a hash in hex"
WHY = {
    "decided by its body": "what it does stands in its body, which is read and checked",
    "answered by valetkey": "valetkey answers it itself",
}
WANTED = {
    "": "straight to the store",
    "trailers": "straight to the store if its upstream has `trailers = true`, else the stream",
    "hashed": 'straight to the store if its upstream has `payload = "hashed"`, else the stream',
    "never": "the stream",
}


def test_operations():
    assert operations() in PAGE


def operations() -> str:
    """Return which operations need the stream, by why."""
    found: dict[str, list[str]] = {}
    for operation in OPERATIONS.values():
        if operation.by is AnsweredBy.NOBODY:
            continue
        try:
            _check_operation(S3Request(operation=operation, bucket="b"))
        except NeedsStream as needed:
            [why] = [text for part, text in WHY.items() if part in (needed.reason or "")]
            found.setdefault(why, []).append(operation.name)
    rows = ((why, ", ".join(sorted(names))) for why, names in found.items())
    return table(("why", "operations that need valetkey's own stream"), rows)


def test_payload_modes():
    assert payload_modes() in PAGE


def payload_modes() -> str:
    """Return the way of each payload mode, as it is tested."""
    ways: dict[str, dict[str, str]] = {}
    for mode, store, way in MODES:
        [named] = [name for name, one in SETTINGS.items() if one is store]
        shown = mode if mode.startswith(("UNSIGNED", "STREAMING")) else LITERAL
        ways.setdefault(shown, {})[named] = way
    rows = []
    for mode, by in ways.items():
        needed = next(
            (name for name in ("", "trailers", "hashed") if by.get(name) == "store"), None
        )
        rows.append(
            (
                mode if mode == LITERAL else f"`{mode}`",
                WANTED[needed if needed is not None else "never"],
            )
        )
    return table(("`x-amz-content-sha256`", "way of the body"), rows)


SETTINGS = {"": ANY, "trailers": TRAILERS, "hashed": HASHED}


def test_no_mode_is_left_out():
    assert {str(mode) for mode in Streaming} <= {mode for mode, _, _ in MODES}


@pytest.mark.parametrize("name", sorted(TAKEN_AWAY))
def test_headers_that_are_taken_away(name: bytes):
    assert f"`{name.decode()}`" in PAGE


if __name__ == "__main__":
    print(payload_modes(), operations(), sep="\n\n")
