"""An issuer, a role that trusts it, and the exchange of tokens, over the wire."""

import json
from collections.abc import Mapping
from typing import Any

from support.edge import ACCOUNT, Answer, Edge
from support.tokens import CLIENT_IDS, ISSUER, NOW, jwk, jwks, rsa_key
from valetkey.oidc import KeySet

ROLE_NAME = "example"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{ROLE_NAME}"
ASSUME = "sts:AssumeRoleWithWebIdentity"
NOT_AUTHORIZED = f"Not authorized to perform {ASSUME}"
KEYS = KeySet.from_json(jwks(jwk(rsa_key(), "k-rs256", use="sig", alg="RS256")))


def key_of(issuer: str) -> str:
    """Return what condition keys and ARNs call an issuer."""
    return issuer.partition("://")[2]


def provider_arn(issuer: str = ISSUER) -> str:
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{key_of(issuer)}"


def trust(condition: Mapping[str, Any] | None = None, issuer: str = ISSUER) -> str:
    """Return a trust policy for an issuer's tokens, under a condition if one is given."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn(issuer)},
        "Action": ASSUME,
    }
    if condition:
        statement["Condition"] = dict(condition)
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


async def done(edge: Edge, service: str, action: str, **parameters: Any) -> Answer:
    """Ask as the administrator, and expect no refusal."""
    answer = await edge.query(service, action, **parameters)
    assert answer.status == 200, answer.body
    return answer


async def register(
    edge: Edge, issuer: str = ISSUER, client_ids: tuple[str, ...] = CLIENT_IDS
) -> None:
    """Register an issuer, unless it is; its keys are the first RSA key from now on."""
    edge.now[0] = NOW
    edge.source.sets[issuer] = KEYS
    if edge.wiring.store.directory().provider(ACCOUNT, key_of(issuer)) is None:
        await done(
            edge,
            "iam",
            "CreateOpenIDConnectProvider",
            Url=issuer,
            ClientIDList=list(client_ids),
            ThumbprintList=["0" * 40],
        )


async def make_role(edge: Edge, document: str, name: str = ROLE_NAME, longest: int = 3600) -> None:
    """Make a role, or give the one that is there another trust policy."""
    if edge.wiring.store.directory().role(ACCOUNT, name) is None:
        await done(edge, "iam", "CreateRole", RoleName=name, AssumeRolePolicyDocument=document)
    else:
        await done(edge, "iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document)
    await done(edge, "iam", "UpdateRole", RoleName=name, MaxSessionDuration=longest)


async def federate(edge: Edge, condition: Mapping[str, Any] | None = None) -> None:
    """Register the issuer, and make the role that trusts it under a condition."""
    await register(edge)
    await make_role(edge, trust(condition))


async def exchange(edge: Edge, token: str, **parameters: Any) -> Answer:
    """Ask for the role's credentials with a token."""
    given = {"RoleArn": ROLE, "RoleSessionName": "job", "WebIdentityToken": token, **parameters}
    return await edge.query("sts", "AssumeRoleWithWebIdentity", key=None, **given)
