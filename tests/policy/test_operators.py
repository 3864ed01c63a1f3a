"""Names of operators."""

import pytest

from valetkey.policy import BASES, Qualifier, parse_operator, similar_operator


@pytest.mark.parametrize("name", BASES)
def test_every_operator_with_every_qualifier_and_suffix(name: str) -> None:
    for qualifier in Qualifier:
        for suffix in ("", "IfExists"):
            written = f"{qualifier}{name}{suffix}"
            operator = parse_operator(written)
            if name == "Null" and written != "Null":
                assert operator is None
                continue
            assert operator is not None
            assert (operator.written, operator.name) == (written, name)
            assert operator.qualifier is qualifier
            assert operator.if_exists is bool(suffix)


@pytest.mark.parametrize(
    ("written", "similar"),
    [
        ("StringNotEqulas", "StringNotEquals"),
        ("stringlike", "StringLike"),
        ("ForAnyValues:StringLike", "ForAnyValue:StringLike"),
        ("forallvalues:StringLike", "ForAllValues:StringLike"),
        ("ForAnyValue::StringEqualsIfExists", "ForAnyValue:StringEqualsIfExists"),
        ("StringEqualIfExists", "StringEqualsIfExists"),
        ("IPAddress", "IpAddress"),
        ("Matches", None),
        ("ForSomething:StringLike", None),
        ("x" * 100_000, None),
    ],
)
def test_similar(written: str, similar: str | None) -> None:
    assert parse_operator(written) is None
    assert similar_operator(written) == similar
