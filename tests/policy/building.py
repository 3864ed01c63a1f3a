"""Short ways to the policies and requests that tests ask about."""

import json
from typing import Any

from valetkey.diagnostics import Source
from valetkey.policy import (
    CompiledPolicy,
    Context,
    Decision,
    MalformedPolicy,
    Policies,
    PolicyType,
    Request,
    Requester,
    compile_policy,
    decide,
)

ACCOUNT = "400000000019"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/ann"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/deploy"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/job-7"
PROVIDER_ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.forge.example"
WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"

ANN = Requester("AWS", (USER_ARN,), ACCOUNT, ("AIDAEXAMPLEUSER00001",))
JOB = Requester("AWS", (SESSION_ARN, ROLE_ARN), ACCOUNT, ("AROAEXAMPLEROLE00001",))
WEB = Requester("Federated", (PROVIDER_ARN,), ACCOUNT)


def text_of(document: Any) -> str:
    """Return a document as JSON; a string is a document already."""
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a document of the current version."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """Return an Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """Return a Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trusts(principal: Any, action: Any = WEB_IDENTITY, **more: Any) -> dict[str, Any]:
    """Return a statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def compiled(
    document: Any, type: PolicyType = PolicyType.IDENTITY, name: str = "policy"
) -> CompiledPolicy:
    """Compile a document given as JSON or as values."""
    return compile_policy(Source(name, text_of(document)), type, name=name)


def refused(document: Any, type: PolicyType = PolicyType.IDENTITY) -> MalformedPolicy:
    """Return the refusal of a document."""
    try:
        compiled(document, type)
    except MalformedPolicy as refusal:
        return refusal
    raise AssertionError(f"accepted: {text_of(document)[:300]}")


def context(values: dict[str, Any]) -> Context:
    """Return a context; lists are multi-valued keys."""
    return Context(
        {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    )


def request(
    action: str = "s3:GetObject",
    resource: str = "arn:aws:s3:::kiln/a",
    *,
    values: dict[str, Any] | None = None,
    by: Requester = ANN,
    owner: str | None = ACCOUNT,
) -> Request:
    """Return a request."""
    return Request(action, resource, context(values or {}), by, owner)


def both_ways(policies: Policies, asked: Request) -> Decision:
    """Decide with and without a trace, hold the two to each other, return the traced one."""
    plain = decide(policies, asked)
    traced = decide(policies, asked, trace=True)
    assert plain.trace is None
    assert traced.trace is not None
    assert (plain.allowed, plain.reason, plain.determining, plain.denied_by) == (
        traced.allowed,
        traced.reason,
        traced.determining,
        traced.denied_by,
    )
    return traced


def asked_of(statement: dict[str, Any], asked: Request) -> Decision:
    """Decide by one identity statement."""
    return both_ways(Policies(identity=(compiled(document(statement)),)), asked)
