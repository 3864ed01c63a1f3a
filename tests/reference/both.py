"""One case in plain JSON, given to the engine and to the reference evaluator.

A case has the form of ``tests/vectors/policy/decisions.json``: ``policies`` by place,
``request`` with its ``requester``, ``context`` whose lists are keys with several values.
"""

import json
from typing import Any

from reference import evaluator
from reference.principals import Asked
from reference.statements import read
from valetkey.diagnostics import Source
from valetkey.policy import (
    CompiledPolicy,
    Context,
    Decision,
    Policies,
    PolicyType,
    Reason,
    Request,
    Requester,
    compile_policy,
    decide,
)

Case = dict[str, Any]


def text_of(document: Any) -> str:
    """Return a document's text; a text is a document already."""
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)


def compiled(document: Any, type: PolicyType, name: str) -> CompiledPolicy:
    """Compile a document for the engine."""
    return compile_policy(Source(name, text_of(document)), type, name=name)


def policies_of(given: Case) -> Policies:
    """Compile the policies of a case; they are named for their places."""
    kind = PolicyType.TRUST if "resource_trust" in given else PolicyType.RESOURCE
    resource = given.get("resource", given.get("resource_trust"))
    boundary, session = given.get("boundary"), given.get("session")
    return Policies(
        tuple(
            compiled(each, PolicyType.IDENTITY, f"identity-{place}")
            for place, each in enumerate(given.get("identity", []))
        ),
        None if boundary is None else compiled(boundary, PolicyType.BOUNDARY, "boundary"),
        None
        if session is None
        else tuple(
            compiled(each, PolicyType.SESSION, f"session-{place}")
            for place, each in enumerate(session)
        ),
        None if resource is None else compiled(resource, kind, "resource"),
    )


def request_of(case: Case) -> Request:
    """Build the request of a case for the engine."""
    asked, by = case["request"], case["request"]["requester"]
    values = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in case["context"].items()
    }
    return Request(
        asked["action"],
        asked["resource"],
        Context(values),
        Requester(by["kind"], tuple(by["names"]), by["account"], tuple(by.get("ids", ()))),
        asked["resource_account"],
    )


def documents_of(given: Case) -> evaluator.Documents:
    """Read the policies of a case for the reference evaluator."""

    def document(value: Any) -> Any:
        return None if value is None else read(text_of(value))

    def documents(values: Any) -> Any:
        return None if values is None else [document(each) for each in values]

    return evaluator.Documents(
        documents(given.get("identity", [])),
        document(given.get("boundary")),
        documents(given.get("session")),
        document(given.get("resource", given.get("resource_trust"))),
        trust="resource_trust" in given,
    )


def asked_of(case: Case) -> Asked:
    """Say the request of a case to the reference evaluator."""
    asked, by = case["request"], case["request"]["requester"]
    return Asked(
        asked["action"],
        asked["resource"],
        case["context"],
        by["kind"],
        list(by["names"]),
        by["account"],
        list(by.get("ids", [])),
        asked["resource_account"],
    )


def by_engine(case: Case, *, trace: bool = False) -> Decision:
    """Let the engine decide."""
    return decide(policies_of(case["policies"]), request_of(case), trace=trace)


def by_reference(case: Case) -> evaluator.Verdict:
    """Let the reference evaluator decide."""
    return evaluator.decide(documents_of(case["policies"]), asked_of(case))


def assert_agree(case: Case, decision: Decision, verdict: evaluator.Verdict) -> None:
    """Hold the two to each other: verdict, reason, and which statements deny."""
    shown = json.dumps(case, ensure_ascii=False)
    assert decision.allowed is verdict.allowed, shown
    assert decision.reason.value in verdict.reasons, shown
    if decision.reason is Reason.EXPLICIT_DENY:
        assert {(ref.policy, ref.index) for ref in decision.determining} == verdict.denying, shown
