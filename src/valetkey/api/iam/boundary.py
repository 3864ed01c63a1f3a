"""Permissions boundaries of roles and users: a managed policy that caps what they may."""

from collections.abc import Mapping
from typing import Any

from valetkey.access.context import ContextValues
from valetkey.api.iam.lookups import attachable
from valetkey.api.iam.shapes import AttachedPermissionsBoundary
from valetkey.api.operation import Call


def checked_boundary(call: Call, arn: str | None) -> str | None:
    """Return the ARN of a boundary that may be set. Raises ``NoSuchEntity``."""
    if arn is not None:
        attachable(call.directory, call.account, arn)
    return arn


def shown(arn: str) -> AttachedPermissionsBoundary:
    """Return a boundary as responses carry it."""
    return {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}


def boundary_values(request: Mapping[str, Any], held: str | None) -> ContextValues:
    """Return ``iam:PermissionsBoundary``: the one asked for, else the one that is held."""
    arn = request.get("PermissionsBoundary", held)
    return {} if arn is None else {"iam:PermissionsBoundary": arn}
