"""A claim that is missing never matches; a name that was given away opens nothing.

Elsewhere: a recycled project name reproduced the `sub`; tokens of merge requests from forks named
the target project; `ForAllValues` passed where its claim was never sent.
"""

from typing import Any

import pytest

from support.edge import Edge
from support.federation import exchange, federate
from support.refusals import check_refused
from support.tokens import token

SUB = "project_path:acme/site:ref_type:branch:ref:main"
OURS = {
    "sub": SUB,
    "project_path": "acme/site",
    "project_id": "42",
    "namespace_id": "7",
    "ref_protected": "true",
    "job_project_id": "42",
    "user_login": "ada",
    "groups_direct": ["acme/deployers", "acme"],
}
KEY = "issuer.example"
PINNED = {
    "StringEquals": {
        f"{KEY}:sub": SUB,
        f"{KEY}:project_id": "42",
        f"{KEY}:namespace_id": "7",
        f"{KEY}:job_project_id": "42",
        f"{KEY}:ref_protected": "true",
    }
}
STRANGERS: dict[str, dict[str, Any]] = {
    "the name was given to another project": {"project_id": "4711"},
    "the group was given to others": {"namespace_id": "4711"},
    "a fork's merge request": {"job_project_id": "4711"},
    "no job project": {"job_project_id": ...},
    "no project id": {"project_id": ...},
    "a null": {"project_id": None},
    "an empty text": {"project_id": ""},
    "an empty list": {"project_id": []},
    "a list with the right one in it": {"project_id": ["4711", "42"]},
    "an object": {"project_id": {"42": "42"}},
    "a blank around": {"project_id": " 42"},
    "another numeral": {"project_id": "042"},
    "a fraction": {"project_id": 42.5},
    "not protected": {"ref_protected": "false"},
    "not protected, as a boolean": {"ref_protected": False},
    "protected, in capitals": {"ref_protected": "TRUE"},
    "the claim of another spelling": {"project_id": ..., "Project_Id ": "42"},
    "the claim's path": {"project_id": ..., "project": {"id": "42"}},
    "a longer subject": {"sub": SUB + "-2"},
    "a subject around ours": {"sub": f"x{SUB}"},
    "two lines": {"sub": f"{SUB}\nx"},
}


@pytest.mark.parametrize("stranger", STRANGERS)
async def test_what_is_not_exactly_ours_is_refused(shared_edge: Edge, stranger: str):
    await federate(shared_edge, PINNED)
    assert (await exchange(shared_edge, token(**OURS))).status == 200
    answer = await exchange(shared_edge, token(**{**OURS, **STRANGERS[stranger]}))
    check_refused(shared_edge, answer)


@pytest.mark.parametrize("right", [{"project_id": 42}, {"ref_protected": True}], ids=repr)
async def test_numbers_and_booleans_compare_by_their_json_text(
    shared_edge: Edge, right: dict[str, Any]
):
    await federate(shared_edge, PINNED)
    assert (await exchange(shared_edge, token(**{**OURS, **right}))).status == 200


CONDITIONS: list[tuple[str, dict[str, Any], bool, bool]] = [
    # operator on groups; passes with a foreign group; passes with none at all
    ("ForAnyValue:StringEquals", {f"{KEY}:groups_direct": "acme/deployers"}, False, False),
    ("ForAnyValue:StringLike", {f"{KEY}:groups_direct": "acme/*"}, False, False),
    ("StringLike", {f"{KEY}:user_login": "a*"}, True, True),
    ("StringLike", {f"{KEY}:group": "*"}, False, False),
    # As AWS: a test over nothing is true. `lint` is to say so.
    ("ForAllValues:StringEquals", {f"{KEY}:groups_direct": "acme/deployers"}, False, True),
    ("ForAllValues:StringEquals", {f"{KEY}:group": "acme/deployers"}, True, True),
]


@pytest.mark.parametrize(("operator", "test", "foreign", "none"), CONDITIONS)
async def test_sets_follow_aws(
    shared_edge: Edge, operator: str, test: dict[str, Any], *, foreign: bool, none: bool
):
    await federate(shared_edge, {operator: test})
    for groups, passes in ((["evil"], foreign), (..., none), ([], none)):
        answer = await exchange(shared_edge, token(**{**OURS, "groups_direct": groups}))
        if passes:
            assert answer.status == 200, answer.body
        else:
            check_refused(shared_edge, answer, "AccessDenied")
