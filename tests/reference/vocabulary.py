"""The small world that random policies and requests are drawn from.

Few names, so that what a policy asks for and what a request has often meet.
"""

from typing import Any, Final

ACCOUNT: Final = "400000000019"
OTHER: Final = "400000000027"
PROVIDER: Final = f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.forge.example"
SERVICE: Final = "builds.amazonaws.com"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/deploy"
SESSION: Final = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/job-7"
USER: Final = f"arn:aws:iam::{ACCOUNT}:user/ann"
FEDERATED_USER: Final = f"arn:aws:sts::{ACCOUNT}:federated-user/ann-7"
ROOT: Final = f"arn:aws:iam::{ACCOUNT}:root"
ROLE_ID: Final = "AROAEXAMPLEROLE00001"
USER_ID: Final = "AIDAEXAMPLEUSER00001"
ZED: Final = f"arn:aws:iam::{OTHER}:user/zed"
ZED_ROLE: Final = f"arn:aws:iam::{OTHER}:role/deploy"
ZED_SESSION: Final = f"arn:aws:sts::{OTHER}:assumed-role/deploy/job-7"


def requester(kind: str, names: list[str], account: str | None, *ids: str) -> dict[str, Any]:
    """Say who asks, as ``tests/vectors/policy/decisions.json`` does."""
    return {"kind": kind, "names": names, "account": account, "ids": list(ids)}


REQUESTERS: Final = [
    requester("AWS", [USER], ACCOUNT, USER_ID),
    requester("AWS", [SESSION, ROLE], ACCOUNT, ROLE_ID),
    requester("AWS", [FEDERATED_USER, USER], ACCOUNT, USER_ID),
    requester("AWS", [ZED], OTHER, "AIDAEXAMPLEUSER00002"),
    requester("AWS", [ZED_SESSION, ZED_ROLE], OTHER, "AROAEXAMPLEROLE00002"),
    requester("AWS", [ROOT], ACCOUNT),
    requester("AWS", [FEDERATED_USER, ROOT], ACCOUNT),
    requester("AWS", [USER], None),
    requester("Federated", [PROVIDER], ACCOUNT),
    requester("Federated", ["accounts.google.com"], None),
    requester("Service", [SERVICE], None),
    requester("Anonymous", [], None),
]

PRINCIPALS: Final = {
    "AWS": [
        "*",
        ACCOUNT,
        OTHER,
        ROOT,
        f"arn:aws:iam::{OTHER}:root",
        f"arn:aws-cn:iam::{ACCOUNT}:root",
        USER,
        USER.replace("ann", "Ann"),
        ROLE,
        SESSION,
        SESSION.replace("job-7", "job-8"),
        FEDERATED_USER,
        USER_ID,
        ROLE_ID,
        ZED,
        ZED_ROLE,
        ZED_SESSION,
    ],
    "Federated": [PROVIDER, PROVIDER + "/group", "accounts.google.com"],
    "Service": [SERVICE, "events.amazonaws.com"],
    "CanonicalUser": ["79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"],
}

ACTIONS: Final = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage"]
ROLE_ACTIONS: Final = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
]
RESOURCES: Final = [
    "arn:aws:s3:::kiln/a",
    "arn:aws:s3:::kiln/a/ann",
    "arn:aws:s3:::kiln/a:b",
    "arn:aws:s3:::kiln",
    "arn:aws:s3:::kiln/${aws:username}",
    f"arn:aws:sqs:eu-west-1:{ACCOUNT}:kiln",
    f"arn:aws:iam::{ACCOUNT}:role/deploy",
    f"arn:aws:iam::{ACCOUNT}:user/a:role/deploy",
    "*",
]

SHORT: Final = ["arn:aws:s3", "arn:aws:sqs:eu-*", "arn:aws:sqs:*:kiln", "arn:aws:sqs"]
"""ARNs of a policy that lack fields."""
