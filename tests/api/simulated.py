"""Answers of the policy simulator in few words, for tables and tests."""

import functools
from typing import Any

import botocore.session
from botocore.parsers import create_parser

from support.edge import Answer, Edge


@functools.cache
def _shape(operation: str) -> Any:
    model = botocore.session.Session().get_service_model("iam")
    return model.operation_model(operation).output_shape


def read(operation: str, answer: Answer) -> dict[str, Any]:
    """Return what botocore makes of an answer."""
    response = {"status_code": answer.status, "headers": {}, "body": answer.body}
    said: dict[str, Any] = create_parser("query").parse(response, _shape(operation))
    said.pop("ResponseMetadata")
    return said


async def results(edge: Edge, operation: str, **parameters: Any) -> list[dict[str, Any]]:
    """Ask, expect no refusal, and return the results in few words."""
    answer = await edge.query("iam", operation, **parameters)
    assert answer.status == 200, answer.body
    return [short(result) for result in read(operation, answer)["EvaluationResults"]]


def short(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result in few words: nothing of it is left out."""
    left = dict(result)
    found = {"action": left.pop("EvalActionName"), **_common(left, "EvalDecision")}
    if "ResourceSpecificResults" in left:
        specific = [dict(each) for each in left.pop("ResourceSpecificResults")]
        found["resources"] = [_common(each, "EvalResourceDecision") for each in specific]
        assert not any(specific), "everything was taken out"
    assert not left, "everything was taken out"
    return found


def _common(left: dict[str, Any], decision: str) -> dict[str, Any]:
    found = {
        "on": left.pop("EvalResourceName"),
        "decision": left.pop(decision),
        "matched": [_statement(each) for each in left.pop("MatchedStatements")],
        "missing": left.pop("MissingContextValues"),
    }
    if "PermissionsBoundaryDecisionDetail" in left:
        detail = left.pop("PermissionsBoundaryDecisionDetail")
        found["boundary"] = detail["AllowedByPermissionsBoundary"]
    if "EvalDecisionDetails" in left:
        found["details"] = left.pop("EvalDecisionDetails")
    return found


def _statement(statement: dict[str, Any]) -> str:
    start, end = (
        f"{statement[name]['Line']}:{statement[name]['Column']}"
        for name in ("StartPosition", "EndPosition")
    )
    return f"{statement['SourcePolicyId']} ({statement['SourcePolicyType']}) {start}-{end}"


def entry(key: str, *values: str, kind: str = "string") -> dict[str, Any]:
    """Return a context entry."""
    return {"ContextKeyName": key, "ContextKeyValues": list(values), "ContextKeyType": kind}
