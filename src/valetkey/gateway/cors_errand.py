"""Browsers from elsewhere: preflights, and the headers that let them read an answer.

The rules are the bucket's own, kept at the upstream; what they mean is decided here, so that it is
the same before every store.
"""

from valetkey.errors import AwsError
from valetkey.gateway.errand import Errand
from valetkey.gateway.model import Answer
from valetkey.gateway.s3 import no_such_bucket
from valetkey.gateway.s3.cors import CorsRule, cors_headers, read_cors
from valetkey.gateway.s3.cors import preflight as answer_preflight
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.errors import UpstreamUnavailable
from valetkey.gateway.upstream.lookups import fetch

_OK = 200
_NONE = frozenset((404, 501))


async def preflight(errand: Errand) -> Answer:
    """Answer a preflight, which nobody signs, by the bucket's rules; raises S3Error."""
    if errand.places.own is None:
        raise no_such_bucket("", reason="a preflight that is about no bucket")
    answer = answer_preflight(errand.visit.head, await _rules(errand))
    length = (b"content-length", b"0")
    return answer._replace(headers=(*errand.own_headers(), *answer.headers, length))


async def with_cors(errand: Errand, answer: Answer) -> Answer:
    """Return an answer with what a browser needs to show it to a page from elsewhere."""
    head = errand.visit.head
    if head.header(b"origin") is None or head.method == "OPTIONS" or errand.places.own is None:
        return answer
    try:
        more = cors_headers(head, await _rules(errand))
    except AwsError:
        # What was asked for is done: a browser that is told nothing shows nothing.
        return answer
    return answer._replace(headers=(*answer.headers, *more))


async def _rules(errand: Errand) -> tuple[CorsRule, ...] | None:
    place = errand.places.own
    if place is None or place.upstream.features != "all":
        return None
    path = b"/" + place.name.encode()
    request = UpstreamRequest("GET", path, b"cors")
    said = await fetch(errand.parts.upstreams, place.upstream, request)
    if said.status in _NONE:
        return None
    if said.status != _OK:
        raise UpstreamUnavailable(
            f"upstream `{place.upstream.name}` answers {said.status} to a question for CORS rules"
        )
    return read_cors(said.body)
