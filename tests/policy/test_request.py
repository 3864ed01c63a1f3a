"""Contexts and who asks."""

import pytest

from valetkey.policy import AmbiguousKey, Context, Policies, PolicyType


def test_keys_ignore_case_and_keep_their_spelling() -> None:
    found = Context({"aws:SourceIp": "192.0.2.1", "aws:TagKeys": ("a", "b")})
    assert found.get("AWS:sourceip") == "192.0.2.1"
    assert found.get("aws:tagkeys") == ("a", "b")
    assert found.get("aws:gone") is None
    assert dict(found.items()) == {"aws:SourceIp": "192.0.2.1", "aws:TagKeys": ("a", "b")}
    assert len(found) == 2


def test_two_keys_that_differ_in_case_are_refused() -> None:
    with pytest.raises(AmbiguousKey, match="`h:sub` and `h:SUB`") as caught:
        Context({"h:sub": "project_path:lanterns/kiln", "h:SUB": "project_path:strangers/x"})
    assert "lanterns" not in str(caught.value)


def test_the_same_value_twice_is_no_doubt() -> None:
    assert Context({"h:sub": "a", "H:SUB": "a"}).get("h:sub") == "a"


def test_merged_replaces_and_leaves_the_original() -> None:
    first = Context({"a": "1", "b": "2"})
    second = first.merged({"B": "3", "c": ()})
    assert second == Context({"a": "1", "B": "3", "c": ()})
    assert first == Context({"a": "1", "b": "2"})


def test_a_single_value_is_not_a_list_of_one() -> None:
    assert Context({"a": "1"}) != Context({"a": ("1",)})
    assert Context({"a": ("1",)}).single("a") is None


def test_values_stay_out_of_tracebacks() -> None:
    assert repr(Context({"h:user_email": "ann@lanterns.example"})) == "Context(['h:user_email'])"


def test_policies_stand_in_their_places() -> None:
    from policy.building import allow, compiled, document, trusts  # noqa: PLC0415 - one test

    identity = compiled(document(allow()))
    trust = compiled(document(trusts({"AWS": "*"})), PolicyType.TRUST)
    with pytest.raises(ValueError, match="is no policy of a resource"):
        Policies(resource=identity)
    with pytest.raises(ValueError, match="among the caller's policies"):
        Policies(identity=(trust,))
