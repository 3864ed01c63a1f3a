"""Roles that a request hands to a service, which needs ``iam:PassRole``."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from valetkey.gateway.apis.place import Place
from valetkey.gateway.apis.request import ApiRequest

_SERVICES: Final = MappingProxyType(
    {
        "ecs": "ecs-tasks.amazonaws.com",
        "elasticmapreduce": "elasticmapreduce.amazonaws.com",
        "kinesisanalytics": "kinesisanalytics.amazonaws.com",
    }
)
_HIDING: Final = ("IamInstanceProfile", "LaunchTemplate", "LaunchSpecification")
"""Members behind which a role stands that the request does not name."""


def passed_to(request: ApiRequest) -> str:
    """Return the service that gets the role, as ``iam:PassedToService`` has it."""
    return _SERVICES.get(request.prefix, f"{request.prefix}.amazonaws.com")


def unseen_roles(request: ApiRequest, place: Place) -> Iterator[str]:
    """Yield ``role/*`` where a request hands on a role that it names by something else."""
    every = f"arn:{place.partition}:iam::{place.account}:role/*"
    if request.prefix == "ec2" and any(name in request.input for name in _HIDING):
        yield every
    for name, value in request.input.items():
        plain = isinstance(value, str) and value and not value.startswith("arn:")
        if plain and name.lower().endswith(("role", "rolename")):
            yield f"arn:{place.partition}:iam::{place.account}:role/{value}"
