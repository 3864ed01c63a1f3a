"""The question behind a decision, asked again: of the same policies, or of one that is changed.

The evaluator is enforcement's own. What is put together from a record counts only where it gives
the recorded answer; otherwise nothing is asked, and nothing suggested.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.diagnostics import Source
from valetkey.errors import ValetkeyError
from valetkey.explain.model import Asked, Case
from valetkey.policy import (
    CompiledPolicy,
    Context,
    Decision,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
)
from valetkey.policy.decision import PolicyTrace

_UNIQUE_ID: Final = re.compile(r"A[A-Z0-9]{15,}(?::.*)?", re.ASCII | re.DOTALL)
_IN_PRINCIPAL: Final = frozenset({PolicyType.TRUST, PolicyType.RESOURCE})


def question(case: Case) -> Asked | None:
    """Return the question that was decided, or None where it can't be told for certain."""
    if case.asked is not None:
        return case.asked
    decision = case.decision
    if decision is None or not decision.trace or case.action is None or case.resource is None:
        return None
    try:
        asked = _again(case, decision.trace)
    except (ValetkeyError, ValueError):
        return None
    again = decide(asked.policies, asked.request) if asked is not None else None
    if again is None or (again.allowed, again.reason) != (decision.allowed, decision.reason):
        return None
    return asked


def with_policy(asked: Asked, sha256: str, text: str) -> Asked | None:
    """Return the question with one policy's text exchanged; None where the text is no policy."""
    try:
        changed = [_changed(policy, sha256, text) for policy in asked.policies.all()]
    except (ValetkeyError, ValueError):
        return None
    return replace(asked, policies=_sorted(changed, asked.policies))


def answer(asked: Asked) -> Decision:
    """Ask the evaluator."""
    return decide(asked.policies, asked.request)


def _changed(policy: CompiledPolicy, sha256: str, text: str) -> CompiledPolicy:
    if policy.sha256 != sha256:
        return policy
    return compile_policy(Source(policy.source.name, text), policy.type, name=policy.name)


def _again(case: Case, traces: Sequence[PolicyTrace]) -> Asked | None:
    texts = [case.documents(trace.sha256) for trace in traces]
    if any(text is None for text in texts):
        return None
    policies = [
        compile_policy(Source(trace.policy, text or ""), trace.type, name=trace.policy)
        for trace, text in zip(traces, texts, strict=True)
    ]
    requester = _requester(case, traces)
    if requester is None:
        return None
    context = Context({k: v if isinstance(v, str) else tuple(v) for k, v in case.context.items()})
    arn = parse_arn(case.resource or "")
    owner = arn.account if arn is not None and arn.account else requester.account
    request = Request(case.action or "", case.resource or "", context, requester, owner)
    return Asked(_sorted(policies, None), request)


def _requester(case: Case, traces: Sequence[PolicyTrace]) -> Requester | None:
    account = case.context.get("aws:PrincipalAccount")
    named = [
        element.got
        for trace in traces
        if trace.type in _IN_PRINCIPAL
        for statement in trace.statements
        for element in statement.elements
        if element.name in {"Principal", "NotPrincipal"}
    ]
    principal = case.context.get("aws:PrincipalArn")
    known = (
        named[0]
        if named
        else tuple(name for name in (case.caller, principal) if isinstance(name, str))
    )
    names = tuple(name for name in known if not _UNIQUE_ID.fullmatch(name))
    ids = tuple(name for name in known if _UNIQUE_ID.fullmatch(name))
    if not names:
        return None
    if not isinstance(account, str):
        arn = parse_arn(names[0])
        account = arn.account if arn and ACCOUNT_ID.fullmatch(arn.account) else None
    return Requester("Federated" if case.is_web_identity else "AWS", names, account, ids)


def _sorted(policies: Sequence[CompiledPolicy], like: Policies | None) -> Policies:
    """Return policies in their places; ``like`` tells of an empty list of session policies."""
    session = tuple(one for one in policies if one.type is PolicyType.SESSION)
    empty = like.session if like is not None and not like.session else None
    return Policies(
        identity=tuple(one for one in policies if one.type is PolicyType.IDENTITY),
        boundary=next((one for one in policies if one.type is PolicyType.BOUNDARY), None),
        session=session or empty,
        resource=next((one for one in policies if one.type in _IN_PRINCIPAL), None),
    )
