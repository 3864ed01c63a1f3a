"""SimulateCustomPolicy answers as AWS's simulator was recorded to, case by case."""

from typing import Any

import pytest

from api.simulated import results
from support.edge import Edge
from support.vectors import own

CASES = own("api/simulation.json")["cases"]


def sent(request: dict[str, Any]) -> dict[str, Any]:
    """Return a request as clients send it: an empty list as an empty value."""
    return {name: "" if value == [] else value for name, value in request.items()}


@pytest.mark.parametrize(
    "case", [case for case in CASES if "results" in case], ids=lambda case: case["id"]
)
async def test_answers(shared_edge: Edge, case: dict[str, Any]):
    found = await results(shared_edge, "SimulateCustomPolicy", **sent(case["request"]))
    assert found == case["results"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if "error" in case], ids=lambda case: case["id"]
)
async def test_refuses(shared_edge: Edge, case: dict[str, Any]):
    answer = await shared_edge.query("iam", "SimulateCustomPolicy", **sent(case["request"]))
    assert (answer.status, [answer.code, answer.message]) == (400, case["error"])
