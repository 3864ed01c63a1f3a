"""The way to one upstream: connections, credentials, signing again, streaming both ways.

Owns everything between an authorised request and the upstream's answer: the pooled, guarded
connections (:class:`Upstreams`), the upstream's own credentials and their renewal, the second
signature, the body that is held back until it is verified (:func:`prefetch`, :func:`held_back`),
what of an answer goes to the client (:mod:`.passing`), small look-ups (:mod:`.lookups`) and the
probe of what an upstream can do (:mod:`.probe`). Serves the gateway's front. Does not know who
asks, nor whether it is allowed.
"""

from valetkey.gateway.upstream.answer import UpstreamAnswer
from valetkey.gateway.upstream.errors import UpstreamBroken, UpstreamUnavailable
from valetkey.gateway.upstream.holdback import HOLD_BACK, Verifier, held_back, prefetch
from valetkey.gateway.upstream.message import UpstreamLimits, UpstreamRequest
from valetkey.gateway.upstream.signing import Credentials, Signed
from valetkey.gateway.upstream.upstreams import Upstreams

__all__ = [
    "HOLD_BACK",
    "Credentials",
    "Signed",
    "UpstreamAnswer",
    "UpstreamBroken",
    "UpstreamLimits",
    "UpstreamRequest",
    "UpstreamUnavailable",
    "Upstreams",
    "Verifier",
    "held_back",
    "prefetch",
]
