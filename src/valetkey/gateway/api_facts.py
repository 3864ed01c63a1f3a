"""What a request to another AWS API is judged by and does not say: asked of the upstream.

Only where a policy that bears on the caller tests it. An upstream that does not tell lets nobody
through.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from valetkey.access import AccessDenied
from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.errors import AwsError
from valetkey.gateway.apis import ApiRequest, LookUp, key_lookups, tag_lookup, unstated
from valetkey.gateway.decide import Asked, names_any
from valetkey.gateway.model import Question
from valetkey.gateway.parts import Parts
from valetkey.gateway.places import ANY_REGION
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.lookups import fetch
from valetkey.gateway.visit import Visit
from valetkey.store import UpstreamRecord

_MAX_FACTS: Final = 1024 * 1024


def asked_of(
    parts: Parts,
    visit: Visit,
    upstream: UpstreamRecord,
    request: ApiRequest,
    question: Question,
) -> Asked:
    """Return a question with the way to its resource's tags.

    Whom an upstream is open to, has its owner's consent: they are judged by their own policies
    alone, as in the owner's account, and can still tell by ``aws:ResourceAccount`` whose it is.
    """
    arn = parse_arn(question.resource)
    named = arn is not None and ACCOUNT_ID.fullmatch(arn.account)
    owner = arn.account if arn is not None and named else upstream.account
    global_keys = {"aws:ResourceAccount": owner}
    if request.prefix == "ec2":
        global_keys["ec2:Region"] = visit.facts.region
    owned = replace(question, context={**question.context, **global_keys})
    tags = partial(_tags, parts, upstream, request, question)
    unknown = unstated(question)
    return Asked(owned, tags=tags, account=visit.caller.account, unknown=unknown)


async def partition_keys(
    parts: Parts, visit: Visit, upstream: UpstreamRecord, request: ApiRequest
) -> Mapping[str, str]:
    """Return which attributes are partition keys, where a policy asks for their values."""
    found: dict[str, str] = {}
    if not names_any(visit, ("dynamodb:leadingkeys",)):
        return found
    region = visit.facts.region
    for look_up in key_lookups(request, account=upstream.account, region=region):
        found.update(await _looked_up(parts, upstream, look_up))
    return found


async def _tags(
    parts: Parts, upstream: UpstreamRecord, request: ApiRequest, question: Question
) -> Mapping[str, str] | None:
    """Return a resource's tags; None where the service has no request that tells them."""
    look_up = tag_lookup(request.prefix, question.resource)
    return None if look_up is None else await _looked_up(parts, upstream, look_up)


async def _looked_up(parts: Parts, upstream: UpstreamRecord, look_up: LookUp) -> Mapping[str, str]:
    asked = UpstreamRequest(
        look_up.method,
        look_up.path.encode(),
        look_up.query.encode(),
        look_up.headers,
        look_up.body or None,
        region=look_up.region if upstream.region == ANY_REGION else None,
    )
    said = await fetch(parts.upstreams, upstream, asked, limit=_MAX_FACTS)
    try:
        return look_up.parse(said.status, said.body)
    except AwsError as untold:
        raise AccessDenied(untold.message, check="lookup", reason=untold.reason) from untold
