"""EC2's ids: the type of a resource is told by what stands before the hyphen."""

import re
from types import MappingProxyType
from typing import Final

_TYPES: Final = MappingProxyType(
    {
        "acl": "network-acl", "ami": "image", "cagw": "carrier-gateway",
        "cgw": "customer-gateway", "cr": "capacity-reservation",
        "crf": "capacity-reservation-fleet",
        "cvpn-endpoint": "client-vpn-endpoint", "dopt": "dhcp-options",
        "eigw": "egress-only-internet-gateway", "eipalloc": "elastic-ip",
        "eni": "network-interface", "export-i": "export-instance-task", "fl": "vpc-flow-log",
        "fleet": "fleet", "h": "dedicated-host", "i": "instance",
        "igw": "internet-gateway", "import-ami": "import-image-task",
        "import-snap": "import-snapshot-task", "ipam": "ipam", "ipam-pool": "ipam-pool",
        "ipam-scope": "ipam-scope", "key": "key-pair", "lt": "launch-template",
        "nat": "natgateway", "pcx": "vpc-peering-connection", "pg": "placement-group",
        "pl": "prefix-list", "rtb": "route-table", "sfr": "spot-fleet-request",
        "sg": "security-group", "sgr": "security-group-rule", "sir": "spot-instances-request",
        "snap": "snapshot", "subnet": "subnet", "tgw": "transit-gateway",
        "tgw-attach": "transit-gateway-attachment", "tgw-rtb": "transit-gateway-route-table",
        "tmf": "traffic-mirror-filter", "tms": "traffic-mirror-session",
        "tmt": "traffic-mirror-target", "vgw": "vpn-gateway", "vol": "volume", "vpc": "vpc",
        "vpce": "vpc-endpoint", "vpce-svc": "vpc-endpoint-service", "vpn": "vpn-connection",
    }
)  # fmt: skip


EC2_ID: Final = re.compile(r"[a-z][a-z-]{0,30}-[0-9a-f]{8,32}", re.ASCII)
"""An id as EC2 makes them: they are told apart from other text by this alone."""


def type_of_id(identifier: str) -> str:
    """Return the resource type of an id; ``*``, which only wide policies match, of others."""
    return _TYPES.get(identifier.rpartition("-")[0], "*")
