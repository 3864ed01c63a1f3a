"""Amazon resource names: ``arn:partition:service:region:account:resource``."""

import re
from typing import NamedTuple

ACCOUNT_ID = re.compile(r"[0-9]{12}", re.ASCII)
_ARN_FIELDS = 6


class Arn(NamedTuple):
    """The six fields of an ARN; ``resource`` may hold colons and slashes of its own."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn | None:
    """Split an ARN into its fields, or return None where the text has no ARN's shape."""
    fields = text.split(":", _ARN_FIELDS - 1)
    if len(fields) != _ARN_FIELDS or fields[0] != "arn":
        return None
    return Arn(*fields[1:])


def iam_arn(account: str, resource: str) -> str:
    """Return an IAM ARN: ``role/deploy``, ``user/admin``, ``oidc-provider/host/path``."""
    return f"arn:aws:iam::{account}:{resource}"


def sts_arn(account: str, resource: str) -> str:
    """Return an STS ARN: ``assumed-role/deploy/session``, ``federated-user/name``."""
    return f"arn:aws:sts::{account}:{resource}"
