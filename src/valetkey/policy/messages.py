"""The sentence with which AWS refuses a caller (IAM guide, *access denied error messages*)."""

from typing import Final

from valetkey.policy.decision import Decision, PolicyType, Reason

_IMPLICIT: Final[dict[Reason, str]] = {
    Reason.NO_IDENTITY_ALLOW: "no identity-based policy allows",
    Reason.NO_BOUNDARY_ALLOW: "no permissions boundary allows",
    Reason.NO_SESSION_ALLOW: "no session policy allows",
    Reason.NO_RESOURCE_ALLOW: "no resource-based policy allows",
    Reason.NO_TRUST_ALLOW: "no role trust policy allows",
}
# AWS's guide once shows "a sessions policy"; the parsers of 2026 expect the singular.
_EXPLICIT: Final[dict[PolicyType, str]] = {
    PolicyType.IDENTITY: "an identity-based policy",
    PolicyType.BOUNDARY: "a permissions boundary",
    PolicyType.SESSION: "a session policy",
    PolicyType.RESOURCE: "a resource-based policy",
    PolicyType.TRUST: "the role trust policy",
}


def denied_message(
    decision: Decision, *, caller_arn: str, action: str, resource: str | None = None
) -> str:
    """Say why a caller may not do something, in AWS's words.

    ``resource`` is left out where the action has none; AWS leaves it out for a trust policy as
    well. Raises ValueError for a decision that allows.
    """
    if decision.allowed:
        raise ValueError("the decision allows; there is nothing to refuse with")
    by = decision.denied_by or PolicyType.IDENTITY
    where = "" if resource is None or by is PolicyType.TRUST else f" on resource: {resource}"
    if decision.reason is Reason.EXPLICIT_DENY:
        because = f"with an explicit deny in {_EXPLICIT[by]}"
    else:
        because = f"because {_IMPLICIT[decision.reason]} the {action} action"
    return f"User: {caller_arn} is not authorized to perform: {action}{where} {because}"
