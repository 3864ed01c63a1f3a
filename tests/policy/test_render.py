"""Canonical text of documents: it reads back as what it was made from."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.building import allow, document, text_of
from policy.test_fuzz import DOCUMENTS, LOOSE
from policy.test_refusals import REFUSED_ON_PURPOSE, moto
from support.vectors import own
from valetkey.diagnostics import Source
from valetkey.policy import (
    MalformedPolicy,
    PolicyDocument,
    PolicyType,
    TextRange,
    compile_policy,
    parse,
    render,
)

PLACES = ("range", "start", "end", "source")


def meaning(node: Any) -> Any:
    """Return a document, or a part of one, without its places in the text."""
    if isinstance(node, TextRange | Source):
        return None
    if is_dataclass(node):
        named = ((each.name, getattr(node, each.name)) for each in fields(node))
        return {
            name: meaning(value)
            for name, value in named
            if name not in PLACES and not name.endswith("_range")
        }
    return [meaning(each) for each in node] if type(node) is tuple else node


def read(text: str) -> PolicyDocument:
    return parse(Source("p", text))


def assert_reads_back(text: str) -> str:
    """Hold ``parse(render(parse(text)))`` to ``parse(text)``, return the canonical text."""
    first = read(text)
    rendered = render(first)
    assert meaning(read(rendered)) == meaning(first)
    assert render(read(rendered)) == rendered
    return rendered


def corpus() -> list[Any]:
    """Return every document of the project's own tables that loads."""
    found = [case["document"] for case in own("policy/accepted.json")["cases"]]
    for case in own("policy/decisions.json")["cases"]:
        for place in case["policies"].values():
            found += place if isinstance(place, list) else [place]
    found += [
        document(allow(Condition=case["condition"]))
        for case in own("policy/operators.json")["cases"]
    ]
    return [each for each in found if each is not None]


def test_every_document_of_the_corpus_reads_back() -> None:
    texts = {text_of(each) for each in corpus()}
    assert len(texts) > 400
    for text in texts:
        assert_reads_back(text)


@pytest.mark.parametrize("place", range(54))
def test_valid_document_of_moto_reads_back(place: int) -> None:
    text = text_of(moto("valid_policy_documents")[place])
    if place in REFUSED_ON_PURPOSE:
        with pytest.raises(MalformedPolicy):
            read(text)
    else:
        assert_reads_back(text)


@settings(max_examples=400)
@given(DOCUMENTS | LOOSE)
def test_any_document_that_reads_reads_back(value: Any) -> None:
    text = json.dumps(value)
    try:
        read(text)
    except MalformedPolicy:
        return
    assert_reads_back(text)


@given(st.text(), st.text(min_size=1))
def test_any_text_stays_what_it_is(text: str, key: str) -> None:
    made = {"Sid": text, "Condition": {"StringEquals": {key: [text, "b"]}, "Bool": {"a": True}}}
    back = read(assert_reads_back(json.dumps(document(allow(**made))))).statements[0]
    assert back.sid is not None
    assert back.sid.text == text
    assert [value.text for value in back.conditions[0].values] == [text, "b"]


def test_canonical_form() -> None:
    text = (
        '{"Statement": {"Resource": ["*"], "Action": ["s3:Get*", "s3:Put*"], "Effect": "Allow",'
        '"Condition": {"NumericEquals": {"a:b": [1.50, "2"]}, "Null": {"c:d": false}}},'
        '"Version": "2012-10-17"}'
    )
    assert (
        assert_reads_back(text)
        == """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:Get*", "s3:Put*"],
            "Resource": "*",
            "Condition": {
                "NumericEquals": {
                    "a:b": [1.50, "2"]
                },
                "Null": {
                    "c:d": false
                }
            }
        }
    ]
}"""
    )


def test_principals_and_what_is_empty() -> None:
    text = (
        '{"Id": "i", "Statement": [{"Sid": "", "Effect": "Deny", "NotPrincipal": {"AWS": ["a", "b"]'
        ', "Service": "c"}, "NotAction": [], "NotResource": [null], "Condition": {"Bool": {}}}]}'
    )
    rendered = assert_reads_back(text)
    assert '"AWS": ["a", "b"],' in rendered
    assert '"NotResource": [null]' in rendered
    assert '"Bool": {}' in rendered
    assert '"Principal": "*"' in assert_reads_back(
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}'
    )


def test_what_compiles_still_compiles() -> None:
    for case in own("policy/accepted.json")["cases"]:
        text = render(read(text_of(case["document"])))
        compile_policy(Source("p", text), PolicyType(case["type"]), name="p")
