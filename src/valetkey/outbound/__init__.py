"""The single guarded way out, and the keys of issuers fetched over it.

Owns what may be dialled (:class:`GuardedClient`: names are looked up once, addresses checked and
then dialled, redirects checked again, sizes and times bounded), which TLS chain is believed (the
trust store, or AWS's thumbprints), and how an issuer's keys are discovered and kept
(:class:`DiscoveredKeys`). Serves access, the gateway, the STS exchange and ``doctor``, which
prints the steps that every fetch tells (:class:`Step`). Does not know who asks, nor what a token
is.
"""

from valetkey.outbound.chain import SentCertificate, normal_thumbprint
from valetkey.outbound.client import GuardedClient, system_resolve
from valetkey.outbound.discovery import Discovered, Document, Fetches, discover, discovery_url
from valetkey.outbound.errors import (
    AnswerRefused,
    CertificateRefused,
    DestinationRefused,
    MalformedUrl,
    OutboundError,
    Unreachable,
)
from valetkey.outbound.exchange import Limits
from valetkey.outbound.fetch import Fetched, Resolve
from valetkey.outbound.keys import DiscoveredKeys, KeyBounds
from valetkey.outbound.steps import (
    Connected,
    Failed,
    Listener,
    Parsed,
    Redirected,
    Requested,
    Resolved,
    Responded,
    Secured,
    Step,
)
from valetkey.outbound.upstream import Pooling, UpstreamConnector

__all__ = [
    "AnswerRefused",
    "CertificateRefused",
    "Connected",
    "DestinationRefused",
    "Discovered",
    "DiscoveredKeys",
    "Document",
    "Failed",
    "Fetched",
    "Fetches",
    "GuardedClient",
    "KeyBounds",
    "Limits",
    "Listener",
    "MalformedUrl",
    "OutboundError",
    "Parsed",
    "Pooling",
    "Redirected",
    "Requested",
    "Resolve",
    "Resolved",
    "Responded",
    "Secured",
    "SentCertificate",
    "Step",
    "Unreachable",
    "UpstreamConnector",
    "discover",
    "discovery_url",
    "normal_thumbprint",
    "system_resolve",
]
