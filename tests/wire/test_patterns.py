"""The models' patterns: whole values, ASCII classes, and never slow."""

import time

import pytest

from valetkey.wire.botocore_data import botocore_folder, read_model
from valetkey.wire.cache import OFFERED
from valetkey.wire.compile import compile_service
from valetkey.wire.patterns import matcher

ARN = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
TAG = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        (r"[\w+=,.@-]*", "a+b=c,d.e@f-g_9", True),
        (r"[\w+=,.@-]*", "", True),
        (r"[\w+=,.@-]*", "a\n", False),
        (r"[\w+=,.@-]*", "é", False),
        (r"[\w+=,.@-]*", "\u0661", False),
        (r"[\d]*", "12", True),
        (r"[\d]*", "\u0661", False),
        (r"a|b", "a", True),
        (r"a|b", "ab", False),
        (r"^[a-z]+$", "a\n", False),
        (TAG, "équipe 日本 9/x", True),
        (TAG, "a*b", False),
        (TAG, "a\nb", False),
        (ARN, "\u00e9\ufffd", True),
        (ARN, "\x01", False),
        # As on AWS: the pattern's last range is read as `\u1000`, `0-\u10FF` and `FF`.
        (ARN, "😀", False),
        (ARN, "\x7f", True),
    ],
)
def test_matches(pattern: str, value: str, matches: bool) -> None:
    assert bool(matcher(pattern)(value)) == matches


def test_no_pattern_is_slow() -> None:
    patterns = {
        shape.pattern
        for name, version in OFFERED
        for shape in compile_service(
            name, read_model(botocore_folder(), name, version)
        ).shapes.values()
        if shape.pattern
    }
    assert len(patterns) > 40
    units = ("a", "1", "/", "-", "/a", "a-", "a ", "o-", " ", ".", "v1.", "\u00e9")
    start = time.process_time()
    for pattern in patterns:
        match = matcher(pattern)
        for unit in units:
            match(unit * (20_000 // len(unit)) + "\0")
    assert time.process_time() - start < 5
