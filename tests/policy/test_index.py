"""The index of statements by action and resource prefix."""

import random

from hypothesis import given
from hypothesis import strategies as st

from policy.building import allow, both_ways, compiled, document, request
from valetkey.policy import Policies
from valetkey.policy.index import StatementIndex


def test_a_policy_of_a_thousand_statements_asks_few_of_them() -> None:
    policy = compiled(
        document(*(allow("s3:Get*", f"arn:aws:s3:::b-{n:04}/*") for n in range(1000)))
    )
    index = StatementIndex(policy.statements)
    found = index.candidates("s3:getobject", "arn:aws:s3:::b-0500/x")
    assert [statement.ref.index for statement in found] == [500]


def test_candidates_come_in_the_order_of_the_policy() -> None:
    policy = compiled(
        document(
            allow("s3:GetObject", "arn:aws:s3:::kiln/*"),
            allow("*"),
            allow("s3:Get*", ["arn:aws:s3:::kiln/*", "arn:aws:s3:::k*"]),
            allow("iam:*"),
            allow("s3:PutObject"),
        )
    )
    found = StatementIndex(policy.statements).candidates("s3:getobject", "arn:aws:s3:::kiln/a")
    assert [statement.ref.index for statement in found] == [0, 1, 2]


@given(st.integers(0, 10_000))
def test_prefixes_of_many_lengths_are_all_found(seed: int) -> None:
    # Not for secrets: the seed makes a policy of 80 resources with prefixes of many lengths.
    draw = random.Random(seed)
    names = ["".join(draw.choices("ab", k=draw.randrange(1, 60))) for _ in range(80)]
    policy = compiled(document(*(allow("s3:*", f"arn:aws:s3:::{name}*") for name in names)))
    target = draw.choice(names) + "b"
    decision = both_ways(
        Policies(identity=(policy,)), request("s3:GetObject", f"arn:aws:s3:::{target}")
    )
    expected = [place for place, name in enumerate(names) if target.startswith(name)]
    assert [ref.index for ref in decision.determining] == expected
