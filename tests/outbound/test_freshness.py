import pytest

from valetkey.outbound.exchange import Answer
from valetkey.outbound.freshness import fresh_seconds

CASES = (
    ([], None),
    ([("Cache-Control", "max-age=86400, public, must-revalidate, no-transform=true")], 86400),
    ([("cache-control", "max-age=0, private, must-revalidate")], 0),
    ([("cache-control", 'public, MAX-AGE="60"')], 60),
    ([("cache-control", "no-store")], 0),
    ([("cache-control", "no-cache, max-age=60")], 0),
    ([("cache-control", "max-age=60"), ("cache-control", "max-age=30")], 30),
    ([("cache-control", "max-age=60"), ("age", "20")], 40),
    ([("cache-control", "max-age=60"), ("age", "90")], 0),
    ([("cache-control", "max-age=60"), ("age", "soon")], 60),
    ([("cache-control", "max-age=-1")], None),
    ([("cache-control", "max-age=1e9")], None),
    ([("cache-control", "max-age=99999999999999")], None),
    ([("cache-control", "max-age=\u0663")], None),
    ([("cache-control", "s-maxage=60, x-max-age=5")], None),
    ([("expires", "0")], None),
)


@pytest.mark.parametrize(("headers", "seconds"), CASES)
def test_what_an_answer_says(headers, seconds):
    assert fresh_seconds(Answer(200, tuple(headers), b"")) == seconds
