"""A permission question, without a server: may this caller do that, by these policies."""

from typing import Final

from valetkey.explain.explain import explain
from valetkey.explain.ladder import AUTHENTICATED
from valetkey.explain.model import Asked, Case, Explanation
from valetkey.policy import decide

_NO_SERVER: Final = "no server was asked"


def explain_permission(asked: Asked, *, now: float, caller: str | None = None) -> Explanation:
    """Decide a question and explain the answer; ``caller`` is how people call who asks.

    Each policy is called by its own name in what is said, so name it by its file.
    """
    decision = decide(asked.policies, asked.request, trace=True)
    texts = {policy.sha256: policy.source.text for policy in asked.policies.all()}
    request = asked.request
    return explain(
        Case(
            allowed=decision.allowed,
            time=now,
            documents=texts.get,
            operation=request.action.rpartition(":")[2],
            action=request.action,
            resource=request.resource,
            caller=caller,
            context=dict(request.context.items()),
            decision=decision,
            asked=asked,
            unchecked={AUTHENTICATED: _NO_SERVER},
        )
    )
