"""JSON that two readers could understand differently is refused."""

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from support.vectors import own
from valetkey.oidc.strictjson import MAX_DEPTH, NotStrictJson, json_text, load_json, quoted

TABLE = own("oidc/strict_json.json")


def depth(value) -> int:
    """Return how many levels a value has."""
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0) if isinstance(value, list | dict) else 0


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)  # fmt: skip


@pytest.mark.parametrize("text", TABLE["accepted"].values(), ids=TABLE["accepted"])
def test_accepts(text: str):
    assert load_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(("text", "reason"), TABLE["refused"].values(), ids=TABLE["refused"])
def test_refuses(text: str, reason: str):
    with pytest.raises(NotStrictJson) as caught:
        load_json(text.encode())
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("data", "reason"), TABLE["refused_hex"].values(), ids=TABLE["refused_hex"]
)
def test_refuses_bytes(data: str, reason: str):
    with pytest.raises(NotStrictJson) as caught:
        load_json(bytes.fromhex(data))
    assert str(caught.value) == reason


@pytest.mark.parametrize("digits", [5_000, 10_000, 100_000])
def test_refuses_numbers_of_any_length_cleanly(digits: int):
    with pytest.raises(NotStrictJson, match="a number in it is too large"):
        load_json(b'{"exp":1' + b"0" * digits + b"}")


@pytest.mark.parametrize("digits", [20, 400, 4_299])
@pytest.mark.parametrize("sign", ["", "-"])
def test_reads_long_integers_exactly(sign: str, digits: int):
    text = sign + "9" * digits
    value = load_json(text.encode())
    assert json_text(value) == str(value) == text


@pytest.mark.parametrize("sign", ["", "-"])
def test_refuses_integers_that_could_not_be_written_again(sign: str):
    with pytest.raises(NotStrictJson, match="a number in it is too large"):
        load_json((sign + "9" * 4_301).encode())


@given(VALUES, st.sampled_from([None, 2]), st.booleans())
@settings(deadline=None)
def test_reads_what_json_writes(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    if depth(value) > MAX_DEPTH:
        with pytest.raises(NotStrictJson, match="nested deeper"):
            load_json(text.encode())
        return
    assert load_json(text.encode()) == value


@given(st.dictionaries(TEXTS, st.integers(-9, 9), min_size=1), st.data())
@settings(deadline=None)
def test_refuses_every_repeated_member(members, data):
    pairs = list(members.items())
    again = data.draw(st.sampled_from(pairs))
    pairs.insert(data.draw(st.integers(0, len(pairs))), again)
    text = ",".join(f"{json.dumps(name)}:{value}" for name, value in pairs)
    with pytest.raises(NotStrictJson, match="is there more than once"):
        load_json(f"{{{text}}}".encode())


@given(st.binary() | st.text('{}[]",:\\u0019.eE-a ').map(str.encode))
@example(b'{"a":"\\')
@example(b'"\\')
@settings(deadline=None)
def test_any_bytes_give_a_value_or_one_error(data):
    try:
        value = load_json(data)
    except NotStrictJson:
        return
    assert load_json(json_text(value).encode()) == value


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'["' + b'\\"' * 500_000,
        b"[" * 40 + b'"' + b"\\" * 1_000_001,
        b"[" * 20 + b'"\\"' * 300_000,
    ],
    ids=["arrays", "objects", "string without end", "backslashes", "quotes"],
)
def test_hostile_texts_cost_little(data: bytes):
    started = time.process_time()
    with pytest.raises(NotStrictJson):
        load_json(data)
    # A megabyte: a few hundredths of a second when linear, hours when not.
    assert time.process_time() - started < 2


def test_depth_counts_levels_not_brackets():
    load_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    load_json(b"[" + b",".join([b"[]"] * 1000) + b"]")


def test_quotes_stay_on_one_line_and_short():
    assert quoted("a\nb\x1b[31m") == "`a\\nb\\x1b[31m`"
    assert quoted(["a", True, None]) == '`["a",true,null]`'
    assert len(quoted("x" * 20_000)) < 210
