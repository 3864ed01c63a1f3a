"""Pages of simulations, and what no request may ask for: work is bounded on every path."""

import asyncio
import json
import time
from typing import Any

import pytest

from api.making import iam, iam_arn, make_role, make_user, policy, refusal
from api.simulated import entry, read, results
from support.edge import Edge

ALL = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
OPERATION = "SimulateCustomPolicy"
TOO_MUCH = (
    400,
    "InvalidInput",
    (
        "The policies, the resources and the context values are too many or too long to be"
        " simulated together."
    ),
)


async def page(edge: Edge, **parameters: Any) -> tuple[list[str], str | None]:
    """Return the actions of a page, and the marker of the next one."""
    answer = await edge.query("iam", OPERATION, **{"PolicyInputList": [ALL], **parameters})
    assert answer.status == 200, answer.body
    said = read(OPERATION, answer)
    assert said["IsTruncated"] is ("Marker" in said)
    return [each["EvalActionName"] for each in said["EvaluationResults"]], said.get("Marker")


async def test_a_page_counts_actions(shared_edge: Edge):
    actions = [f"s3:Action{number}" for number in range(7)]
    asked = {"ActionNames": actions, "ResourceArns": ["arn:aws:s3:::a", "arn:aws:s3:::b"]}
    found: list[str] = []
    marker, pages = None, 0
    while pages == 0 or marker is not None:
        more = {} if marker is None else {"Marker": marker}
        names, marker = await page(shared_edge, **asked, **more, MaxItems=3)
        found, pages = found + names, pages + 1
    assert (found, pages) == (actions, 3)


async def test_a_hundred_without_a_number(shared_edge: Edge):
    actions = [f"s3:Action{number}" for number in range(150)]
    first, marker = await page(shared_edge, ActionNames=actions)
    rest, end = await page(shared_edge, ActionNames=actions, Marker=marker)
    assert (first + rest, len(first), end) == (actions, 100, None)


async def test_pages_go_on_where_the_request_changed(shared_edge: Edge):
    """As on AWS a marker is a place among the actions, whatever they are by now."""
    actions = ["s3:PutObject", "iam:GetUser", "s3:GetObject"]
    _, marker = await page(shared_edge, ActionNames=actions, MaxItems=1)
    assert await page(shared_edge, ActionNames=actions, MaxItems=2, Marker=marker) == (
        ["iam:GetUser", "s3:GetObject"],
        None,
    )
    assert await page(shared_edge, ActionNames=["s3:DeleteObject"], Marker=marker) == ([], None)


@pytest.mark.parametrize(
    "marker", ["x", "YWN0aW9u", "YWN0aW9uIC0x", "YWN0aW9uIDk5OTk5OTk5OTk5OTk5", "\u00e9"]
)
async def test_a_marker_that_is_none_of_ours(shared_edge: Edge, marker: str):
    answer = await shared_edge.query(
        "iam", OPERATION, PolicyInputList=[ALL], ActionNames=["s3:GetObject"], Marker=marker
    )
    assert refusal(answer) == (400, "InvalidInput", "Invalid marker for pagination.")


def padded(characters: int, pattern: str = "s3:?*{:05}*") -> str:
    """Return a policy of about so many characters, all of them patterns."""
    count = characters // (len(pattern.format(0)) + len('"",'))
    statement = {
        "Effect": "Allow",
        "Action": [pattern.format(number) for number in range(count)],
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": statement}
    return json.dumps(document, separators=(",", ":"))


async def test_a_page_ends_where_its_work_is_done(shared_edge: Edge):
    """Fewer results than asked for, and a marker: IAM says that this may be."""
    actions = [f"s3:Action{number}" for number in range(28)]
    asked = {"PolicyInputList": [padded(100_000)], "ActionNames": actions}
    found: list[str] = []
    marker, sizes = None, []
    while not sizes or marker is not None:
        more = {} if marker is None else {"Marker": marker}
        names, marker = await page(shared_edge, **asked, **more)
        found, sizes = found + names, [*sizes, len(names)]
    assert found == actions
    assert len(sizes) > 1
    assert min(sizes) > 0


LONG_POLICY = padded(100_000)
TOO_LARGE: dict[str, dict[str, Any]] = {
    "long values": {"ContextEntries": [entry("a:key", "x" * 8000)]},
    "many values": {"ContextEntries": [entry("a:key", *["x" * 100] * 80, kind="stringList")]},
    "many resources": {"ResourceArns": [f"arn:aws:s3:::bucket-{number}" for number in range(60)]},
    "long resources": {"ResourceArns": ["arn:aws:s3:::" + "x" * 2000] * 2},
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_more_than_a_page_may_cost(shared_edge: Edge, name: str):
    answer = await shared_edge.query(
        "iam",
        OPERATION,
        PolicyInputList=[LONG_POLICY],
        ActionNames=["s3:GetObject"],
        **TOO_LARGE[name],
    )
    assert refusal(answer) == TOO_MUCH


async def test_more_statements_than_an_answer_may_name(shared_edge: Edge):
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    many = json.dumps({"Version": "2012-10-17", "Statement": [statement] * 1000})
    asked = {"PolicyInputList": [many], "ActionNames": ["s3:GetObject"]}
    resources = [f"arn:aws:s3:::b{number}" for number in range(51)]
    answer = await shared_edge.query("iam", OPERATION, **asked, ResourceArns=resources)
    assert refusal(answer) == TOO_MUCH
    (found,) = await results(shared_edge, OPERATION, **asked, ResourceArns=resources[:3])
    assert len(found["matched"]) == 1000


@pytest.mark.parametrize("place", ["PolicyInputList", "PermissionsBoundaryPolicyInputList"])
async def test_policies_too_long_together(shared_edge: Edge, place: str):
    asked = {"PolicyInputList": [padded(70_000)], "ActionNames": ["s3:GetObject"]}
    more = [padded(70_000)]
    asked[place] = [*asked[place], *more] if place in asked else more
    answer = await shared_edge.query("iam", OPERATION, **asked)
    assert answer.code == "InvalidInput"
    assert "characters together, and the limit is 131072." in (answer.message or "")


async def test_context_keys_of_policies_too_long_together(shared_edge: Edge):
    documents = [padded(70_000)] * 2
    answer = await shared_edge.query(
        "iam", "GetContextKeysForCustomPolicy", PolicyInputList=documents
    )
    assert answer.code == "InvalidInput"


async def test_others_are_answered_meanwhile(edge: Edge):
    """A simulation is decided beside the loop that answers everybody else."""
    slow = edge.query(
        "iam",
        OPERATION,
        PolicyInputList=[padded(120_000)],
        ActionNames=[f"s3:Action{number}" for number in range(8)],
    )
    simulating = asyncio.create_task(slow)
    answered = 0
    while not simulating.done():
        assert (await edge.query("sts", "GetCallerIdentity")).status == 200
        answered += 1
        await asyncio.sleep(0)
    assert (await simulating).status == 200
    assert answered > 1


async def test_the_dearest_page_is_affordable(shared_edge: Edge):
    """Patterns that go over a long value character by character, as many as are taken."""
    patterns = [f"*?{number:05}*" for number in range(3000)]
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": {"StringLike": {"a:key": patterns}},
    }
    before = time.process_time()
    answer = await shared_edge.query(
        "iam",
        OPERATION,
        PolicyInputList=[policy(statement)],
        ActionNames=["s3:GetObject"] * 100,
        ContextEntries=[entry("a:key", "x" * 2000)],
    )
    assert answer.status == 200, answer.body
    assert time.process_time() - before < 60, "seconds of CPU; about 1 where this was written"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("ActionNames", "ActionNames cannot be null or empty."),
        ("Neither", None),
    ],
)
async def test_empty_lists(shared_edge: Edge, name: str, wanted: str | None):
    asked: dict[str, Any] = {"PolicyInputList": [ALL], "ActionNames": ["s3:GetObject"]}
    empty = {"ResourceArns": "", "ContextEntries": "", "PermissionsBoundaryPolicyInputList": ""}
    asked |= empty | ({} if wanted is None else {name: ""})
    answer = await shared_edge.query("iam", OPERATION, **asked)
    if wanted is None:
        assert answer.status == 200, answer.body
    else:
        assert refusal(answer) == (400, "InvalidInput", wanted)


async def test_an_entry_that_says_nothing_is_passed_over(shared_edge: Edge):
    unknown = {"ContextEntries.member.1.Unknown": "x"}
    asked = {"PolicyInputList": [ALL], "ActionNames": ["s3:GetObject"], **unknown}
    (found,) = await results(shared_edge, OPERATION, **asked)
    assert found["decision"] == "allowed"


async def test_a_policy_that_can_be_kept_no_longer(edge: Edge):
    """All that a role can hold at once is simulated on a resource of some length."""
    await make_role(edge, "full")
    await make_user(edge, "nobody")
    for number in range(10):
        document = padded(6000, f"service{number}:Action{{:05}}*")
        made = await iam(edge, "CreatePolicy", PolicyName=f"p{number}", PolicyDocument=document)
        await iam(edge, "AttachRolePolicy", RoleName="full", PolicyArn=made.text(".//Arn"))
    found = await results(
        edge,
        "SimulatePrincipalPolicy",
        PolicySourceArn=iam_arn("role/full"),
        ActionNames=["service9:Action00007"],
        ResourceArns=["arn:aws:s3:::" + "x" * 300],
    )
    assert [each["decision"] for each in found] == ["allowed"]
