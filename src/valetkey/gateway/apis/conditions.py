"""The services' own condition keys, where a request states them plainly.

Reviewed one by one: a key that tells of what is there already (the type of a running instance)
is never taken from a request that would change it.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from valetkey.arn import parse_arn
from valetkey.gateway.apis.place import Place
from valetkey.gateway.apis.request import ApiRequest
from valetkey.gateway.model import Context

Pairs = Iterator[tuple[str, str | tuple[str, ...]]]

STATED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "ec2:RunInstances": {
            "ec2:AvailabilityZone": "Placement.AvailabilityZone",
            "ec2:EbsOptimized": "EbsOptimized",
            "ec2:InstanceType": "InstanceType",
            "ec2:KeyPairName": "KeyName",
            "ec2:ImageID": "ImageId",
            "ec2:InstanceMarketType": "InstanceMarketOptions.MarketType",
            "ec2:MetadataHttpEndpoint": "MetadataOptions.HttpEndpoint",
            "ec2:MetadataHttpPutResponseHopLimit": "MetadataOptions.HttpPutResponseHopLimit",
            "ec2:MetadataHttpTokens": "MetadataOptions.HttpTokens",
            "ec2:SubnetID": "SubnetId",
            "ec2:Tenancy": "Placement.Tenancy",
        },
        "ec2:CreateVolume": {
            "ec2:AvailabilityZone": "AvailabilityZone",
            "ec2:Encrypted": "Encrypted",
            "ec2:VolumeIops": "Iops",
            "ec2:VolumeSize": "Size",
            "ec2:VolumeThroughput": "Throughput",
            "ec2:VolumeType": "VolumeType",
        },
        "ec2:CreateSubnet": {"ec2:AvailabilityZone": "AvailabilityZone"},
        "lambda:AddPermission": {
            "lambda:FunctionUrlAuthType": "FunctionUrlAuthType",
            "lambda:Principal": "Principal",
        },
        "lambda:CreateFunctionUrlConfig": {"lambda:FunctionUrlAuthType": "AuthType"},
        "sns:Subscribe": {"sns:Endpoint": "Endpoint", "sns:Protocol": "Protocol"},
    }
)
"""By action: the condition key, and the path of the member that states it."""

DEFAULT_TENANCY: Final = "default"


def stated(request: ApiRequest, action: str, keys: frozenset[str], place: Place) -> Pairs:
    """Yield the keys that an action's request states, of those that the row has."""
    for key, path in STATED.get(action, {}).items():
        values = request.parameters.get(path, ())
        if key in keys and len(values) == 1 and values[0]:
            yield key, values[0]
    if action == "ec2:RunInstances" and "ec2:Tenancy" in keys:
        given = request.parameters.get("Placement.Tenancy", ("",))[0]
        if not given and "LaunchTemplate" not in request.input:
            yield "ec2:Tenancy", DEFAULT_TENANCY
    subnet = request.input.get("SubnetId")
    if action == "ec2:RunInstances" and "ec2:Subnet" in keys and isinstance(subnet, str):
        yield "ec2:Subnet", place.arn("ec2", f"subnet/{subnet}")
    if "ecs:cluster" in keys:
        yield "ecs:cluster", _cluster(request, place)
    if request.prefix == "kms":
        yield from _kms(request, keys)
    if request.prefix == "cloudwatch" and "cloudwatch:namespace" in keys:
        namespace = request.input.get("Namespace")
        if isinstance(namespace, str) and namespace:
            yield "cloudwatch:namespace", namespace


def _cluster(request: ApiRequest, place: Place) -> str:
    """Return the ARN of the ECS cluster that a request means."""
    given = request.input.get("cluster")
    name = given if isinstance(given, str) and given else "default"
    return name if parse_arn(name) else place.arn("ecs", f"cluster/{name}")


def _kms(request: ApiRequest, keys: frozenset[str]) -> Pairs:
    context = request.input.get("EncryptionContext")
    if isinstance(context, dict) and "kms:EncryptionContextKeys" in keys:
        yield "kms:EncryptionContextKeys", tuple(context)
        for name, value in context.items():
            if isinstance(value, str):
                yield f"kms:EncryptionContext:{name}", value
    named = request.input.get("KeyId")
    alias = _alias(named) if isinstance(named, str) else None
    if alias is not None and "kms:RequestAlias" in keys:
        yield "kms:RequestAlias", alias


def _alias(key_id: str) -> str | None:
    """Return the alias that a key is named by, if it is by one."""
    name = key_id.rpartition(":")[2]
    return name if name.startswith("alias/") else None


_DISKS: Final = MappingProxyType(
    {
        "ec2:VolumeIops": "Iops",
        "ec2:VolumeSize": "VolumeSize",
        "ec2:VolumeThroughput": "Throughput",
        "ec2:VolumeType": "VolumeType",
    }
)


def volumes(request: ApiRequest, action: str, kind: str) -> Iterator[Context]:
    """Yield the keys of each disk that an instance is started with; once nothing otherwise.

    Whether a disk is encrypted that the request says nothing of depends on the account and the
    image: it counts as one that is not.
    """
    mappings = request.input.get("BlockDeviceMappings")
    given = mappings if isinstance(mappings, list) else []
    disks = [one.get("Ebs") for one in given if isinstance(one, dict) and "Ebs" in one]
    if (action, kind) != ("ec2:RunInstances", "volume"):
        yield {}
        return
    for disk in disks or [{}]:
        stated_of = disk if isinstance(disk, dict) else {}
        encrypted = stated_of.get("Encrypted")
        found: dict[str, str | tuple[str, ...]] = {
            "ec2:Encrypted": encrypted if isinstance(encrypted, str) else "false"
        }
        for key, member in _DISKS.items():
            value = stated_of.get(member)
            if isinstance(value, str):
                found[key] = value
        yield found
