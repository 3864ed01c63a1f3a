"""Roles that a request hands to a service, which needs ``iam:PassRole``."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from valetkey.arn import parse_arn
from valetkey.gateway.apis.place import Place
from valetkey.gateway.apis.request import ApiRequest

_SERVICES: Final = MappingProxyType(
    {
        "ecs": "ecs-tasks.amazonaws.com",
        "elasticmapreduce": "elasticmapreduce.amazonaws.com",
        "kinesisanalytics": "kinesisanalytics.amazonaws.com",
    }
)
_HIDING: Final = frozenset(
    {"IamInstanceProfile", "LaunchSpecification", "LaunchTemplate", "LaunchTemplateConfigs",
     "LaunchTemplateData", "SpotFleetRequestConfig"}
)  # fmt: skip
"""Members behind which a role stands that the request does not name."""


def passed_to(request: ApiRequest) -> str:
    """Return the service that gets the role, as ``iam:PassedToService`` has it."""
    return _SERVICES.get(request.prefix, f"{request.prefix}.amazonaws.com")


def roles_of(request: ApiRequest, place: Place, *, anywhere: bool) -> Iterator[str]:
    """Yield the roles that a request hands on.

    Those are the roles in members that are called for it; with ``anywhere``, which is for
    actions that are known to pass roles, every role that the request names. Behind what names a
    role by something else may stand any: ``role/*``.
    """
    if request.operation.startswith(READING):
        return
    for path, values in request.parameters.items():
        member = path.removesuffix("[]").rpartition(".")[2].lower()
        called = member.endswith(_CALLED)
        for value in values:
            arn = parse_arn(value)
            if arn is None:
                if called and not member.endswith("arn") and value and anywhere:
                    yield f"arn:{place.partition}:iam::{place.account}:role/{value}"
            elif arn.service == "iam" and arn.resource.startswith("role/") and (called or anywhere):
                yield value
    if request.prefix == "ec2" and any(
        path.partition(".")[0].removesuffix("[]") in _HIDING for path in request.parameters
    ):
        yield f"arn:{place.partition}:iam::{place.account}:role/*"


READING: Final = ("Describe", "Filter", "Get", "List", "Lookup", "Search")
_CALLED: Final = ("role", "rolearn", "rolename")
