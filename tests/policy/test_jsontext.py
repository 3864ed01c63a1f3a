"""The JSON reader: what it takes, where it points, and that it always answers."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.building import allow, compiled, refused
from valetkey.diagnostics import Source
from valetkey.policy import MalformedPolicy, PolicyType, parse
from valetkey.policy.jsonnodes import (
    Array,
    Boolean,
    Node,
    Null,
    Number,
    Object,
    Text,
)
from valetkey.policy.jsontext import MAX_CHARACTERS, MAX_STRING, JsonFlaw, parse_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=20,
)


def plain(node: Node) -> Any:
    """Return what the standard parser would have returned."""
    match node:
        case Text() | Boolean():
            return node.value
        case Number():
            return json.loads(node.written)
        case Null():
            return None
        case Array():
            return [plain(item) for item in node.items]
        case Object():
            return {member.name.value: plain(member.value) for member in node.members}
        case _:
            raise AssertionError(node)


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_reads_what_the_standard_parser_reads(value: Any, indent: int | None, ascii: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii)
    assert plain(parse_json(Source("t", text))) == value


@given(VALUES)
def test_every_range_holds_its_value(value: Any) -> None:
    source = Source("t", "  " + json.dumps(value) + "\n")
    pending = [parse_json(source)]
    while pending:
        node = pending.pop()
        assert plain(node) == json.loads(source.text[node.start : node.end])
        match node:
            case Array():
                pending += node.items
            case Object():
                pending += [part for each in node.members for part in (each.name, each.value)]


@given(st.text(max_size=60) | st.text('{}[]",:\\ue1.-nt \n', max_size=40))
def test_takes_nothing_that_the_standard_parser_refuses(text: str) -> None:
    node = flaw = None
    try:
        node = parse_json(Source("t", text))
    except JsonFlaw as caught:
        flaw = caught
    if node is not None:
        assert plain(node) == json.loads(text)
    if flaw is not None:
        assert all(label.span.start <= len(text) for label in flaw.labels)


@given(st.text(max_size=80))
def test_any_text_is_a_policy_or_malformed(text: str) -> None:
    for kind in PolicyType:
        with suppress(MalformedPolicy):
            parse(Source("t", text), kind)
            pytest.fail("accepted as a policy")


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"Statement":[', '[[{"a":'])
def test_deep_nesting_is_refused_cleanly(opening: str) -> None:
    assert "levels deep" in (refused(opening * 9_000).reason or "")
    assert refused(opening * 100_000).message == "Syntax errors in policy."


def test_a_text_of_a_mebibyte_is_refused_by_size() -> None:
    begun = time.process_time()
    refusal = refused('{"Id":"' + "a" * (1 << 20) + '"}')
    assert f"{MAX_CHARACTERS} are allowed" in (refusal.reason or "")
    assert time.process_time() - begun < 1


def test_no_pattern_is_longer_than_a_policy_that_is_kept() -> None:
    """Compiling one costs memory by the square: 50,000 letters and a `?` took half a gigabyte."""
    letters = "".join(map(chr, range(0x100, 0xD000)))
    assert f"{MAX_STRING} are allowed" in (refused('{"Id":"' + letters + '?"}').reason or "")
    compiled({"Version": "2012-10-17", "Id": letters[:MAX_STRING], "Statement": [allow()]})


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement":[' + '{"Efect":1},' * 9_000 + "{}]}",
        '{"Statement":{"Action":"' + "${" * 60_000 + '"}}',
        '{"Statement":{"Condition":{"StringLike":{"a":"' + "${a" * 40_000 + '"}}}}',
        "[" * 63 + " " * 130_000,
        '"' + "\\" * 130_000,
        '"' + "\\ud83d\\ude00" * 10_000 + '"',
        "{" + ",".join(f'"{n}":0' for n in range(13_000)) + "}",
    ],
    ids=["flaws", "dollars", "variables", "blanks", "backslashes", "pairs", "members"],
)
def test_hostile_texts_are_refused_in_time(text: str) -> None:
    begun = time.process_time()
    assert refused(text).diagnostics()
    assert time.process_time() - begun < 3


def test_lone_surrogates_from_python_are_refused() -> None:
    assert "surrogate" in (refused('{"Sid":"\ud800"}').reason or "")
