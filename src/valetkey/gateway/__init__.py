"""What credentials open elsewhere: the gateway before S3 stores and any other AWS API.

Owns the way of a signed request from its head to the upstream's answer: which operation it is
(``s3``, ``apis``), what must be allowed, the body that is verified while it streams, the second
signature and the stream (``upstream``). Serves the server, and front proxies through
``authorize``. Leaves authenticating and deciding to ``access``, and does not know the ASGI server.
"""

from valetkey.gateway.authorize import STREAM, WAY
from valetkey.gateway.front import Gateway
from valetkey.gateway.inquiry import Inquiry, read_inquiry
from valetkey.gateway.model import Answer, Head, Incoming, close
from valetkey.gateway.parts import Parts
from valetkey.gateway.proxied_headers import NeedsStream
from valetkey.gateway.route import may_be_gateways
from valetkey.gateway.upstream import UpstreamLimits, Upstreams

__all__ = [
    "STREAM",
    "WAY",
    "Answer",
    "Gateway",
    "Head",
    "Incoming",
    "Inquiry",
    "NeedsStream",
    "Parts",
    "UpstreamLimits",
    "Upstreams",
    "close",
    "may_be_gateways",
    "read_inquiry",
]
