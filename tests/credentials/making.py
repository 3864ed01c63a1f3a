"""Sessions and randomness for the tests of this room."""

import hashlib
from typing import Any

from valetkey.credentials import KeyRing, Session, SessionKind

NOW = 1735786800.0
ACCOUNT = "400000000019"


class Counter:
    """A source of bytes that look random and are the same in every run."""

    def __init__(self, seed: str = "") -> None:
        self.seed = seed
        self.calls = 0

    def __call__(self, size: int) -> bytes:
        self.calls += 1
        return hashlib.shake_256(f"{self.seed}/{self.calls}".encode()).digest(size)


def ring(seed: str = "ring") -> KeyRing:
    return KeyRing.generate(Counter(seed), NOW)


def session(**fields: Any) -> Session:
    whole: dict[str, Any] = {
        "access_key_id": "ASIAWZIA2Q4JTAAAAAAA",
        "secret_key": "canary/Secret+00000000000000000000000000",
        "account": ACCOUNT,
        "kind": SessionKind.ROLE,
        "principal_arn": f"arn:aws:iam::{ACCOUNT}:role/ci/deploy",
        "principal_id": "AROAWZIA2Q4JTAAAAAAAA",
        "name": "job-42",
        "issued_at": NOW,
        "expires_at": NOW + 3600,
        "operation": "AssumeRoleWithWebIdentity",
    }
    return Session(**(whole | fields))


def full_session() -> Session:
    return session(
        parent="AKIAWZIA2Q4JTAAAAAAA",
        session_policies=('{"Version":"2012-10-17"}',),
        session_policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
        tags={"project": "kiln"},
        transitive_tag_keys=("project",),
        source_identity="job-42",
        provider=f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.forge.example",
        issuer="https://gitlab.forge.example",
        token_sha256="0" * 64,
        mfa_at=NOW - 5,
        context={
            "gitlab.forge.example:sub": "project_path:lanterns/kiln:ref_type:branch:ref:main",
            "valetkey:claim/groups_direct": ("lanterns", "wicks"),
            "valetkey:claim/none": (),
        },
    )
