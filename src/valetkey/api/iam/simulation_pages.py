"""A page of a simulation's results: as many actions as are asked for, and as time allows.

IAM may answer fewer results than ``MaxItems`` although there are more (API reference). So a page
ends where its work is done: no request keeps a worker busy for longer than that.
"""

import base64
import binascii
import re

from valetkey.api.iam.entities import Request
from valetkey.api.iam.failures import invalid_input
from valetkey.api.iam.shapes import EvaluationResult, SimulatePolicyResponse
from valetkey.api.iam.simulation_questions import Simulation
from valetkey.api.iam.simulation_results import Writer
from valetkey.api.paging import DEFAULT_SIZE

MOST_WORK = 2**28
"""How many characters of policies times characters of text a page may cost."""

MOST_STATEMENTS = 50_000
"""How many matched statements a page may name."""

_MARKER = re.compile(r"action ([0-9]{1,9})", re.ASCII)


def page(simulated: Simulation, request: Request) -> SimulatePolicyResponse:
    """Return the results after ``Marker``, at most ``MaxItems`` and at least one.

    Raises ``InvalidInput`` for a marker that is none of ours, and for a simulation of which not
    even one action can be answered.
    """
    start, size = _start(request.get("Marker")), request.get("MaxItems", DEFAULT_SIZE)
    work = simulated.work()
    if work > MOST_WORK or simulated.statements() * len(simulated.resources) > MOST_STATEMENTS:
        raise invalid_input(
            "The policies, the resources and the context values are too many or too long to be"
            " simulated together."
        )
    writer = Writer(simulated.policies.all(), simulated.missing())
    results: list[EvaluationResult] = []
    listed = 0
    for action in simulated.actions[start : start + size]:
        if results and ((len(results) + 1) * work > MOST_WORK or listed > MOST_STATEMENTS):
            break
        judged = [simulated.judge(action, resource) for resource in simulated.resources]
        results.append(writer.result(action, judged))
        listed += sum(len(each.matched) for each in judged)
    return _marked(results, start + len(results), len(simulated.actions))


def _marked(results: list[EvaluationResult], following: int, count: int) -> SimulatePolicyResponse:
    answer: SimulatePolicyResponse = {
        "EvaluationResults": results,
        "IsTruncated": following < count,
    }
    if following < count:
        answer["Marker"] = base64.urlsafe_b64encode(f"action {following}".encode()).decode()
    return answer


def _start(marker: str | None) -> int:
    """Return the number of the first action of a page; pages go on also where the rest changed."""
    if marker is None:
        return 0
    try:
        text = base64.b64decode(marker.encode(), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    found = _MARKER.fullmatch(text)
    if found is None:
        raise invalid_input("Invalid marker for pagination.")
    return int(found[1])
