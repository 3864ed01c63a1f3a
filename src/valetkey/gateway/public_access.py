"""S3's *block public access* for policies, which are kept here while the setting is at the store.

Follows the User Guide, *Blocking public access*: with BlockPublicPolicy a public policy can't be
put. RestrictPublicBuckets would limit one that is there; here the two may not meet.
"""

from typing import Final

from valetkey.diagnostics import Source
from valetkey.gateway.errand import Errand
from valetkey.gateway.forward import forward
from valetkey.gateway.model import Answer
from valetkey.gateway.s3 import S3Error
from valetkey.gateway.s3.policy_status import is_public
from valetkey.gateway.s3.xml import Element, UnreadableXml, read_xml
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.errors import UpstreamUnavailable
from valetkey.gateway.upstream.lookups import fetch
from valetkey.policy import PolicyDocument, PolicyType, parse
from valetkey.store import BucketPlace

_OK: Final = 200
_NONE: Final = frozenset((404, 405, 501))
_ROOT: Final = "PublicAccessBlockConfiguration"
_MAX_BYTES: Final = 64 * 1024


async def refuse_blocked(errand: Errand, place: BucketPlace, policy: PolicyDocument) -> None:
    """Refuse a public policy of a bucket that blocks them; raises S3Error."""
    if is_public(policy) and await _blocks(errand, place):
        raise S3Error(
            "AccessDenied",
            refusal=True,
            reason=f"bucket `{place.name}` blocks public policies, and this one is public",
            help="narrow its principals or conditions, or change the bucket's public access block",
        )


async def put_public_access_block(errand: Errand) -> Answer:
    """Let a bucket's block be set, unless its policy is public and the block would limit that."""
    place = errand.places.own
    if place is not None and place.record is not None and place.record.policy is not None:
        source = Source(f"policy of bucket {place.name}", place.record.policy)
        asked = _read(errand.document or b"")
        if _is_on(asked, "RestrictPublicBuckets") and is_public(parse(source, PolicyType.RESOURCE)):
            raise S3Error(
                "InvalidRequest",
                "The bucket has a public policy.",
                reason=f"the policy of bucket `{place.name}` is public, and would stay so",
                help="delete the bucket's policy first, or narrow it",
            )
    return await forward(errand)


async def _blocks(errand: Errand, place: BucketPlace) -> bool:
    if place.upstream.features != "all":
        return False
    path = b"/" + place.name.encode()
    request = UpstreamRequest("GET", path, b"publicAccessBlock", region=errand.region)
    said = await fetch(errand.parts.upstreams, place.upstream, request, limit=_MAX_BYTES)
    if said.status in _NONE:
        return False
    if said.status != _OK:
        raise UpstreamUnavailable(
            f"upstream `{place.upstream.name}` answers {said.status} to a question for a public"
            " access block"
        )
    try:
        found = read_xml(said.body, _ROOT, limit=_MAX_BYTES)
    except UnreadableXml as flaw:
        raise UpstreamUnavailable(
            f"upstream `{place.upstream.name}` answers a question for a public access block with"
            f" another document: {flaw.message}"
        ) from flaw
    return _is_on(found, "BlockPublicPolicy") or _is_on(found, "RestrictPublicBuckets")


def _read(body: bytes) -> Element:
    try:
        return read_xml(body, _ROOT, limit=_MAX_BYTES)
    except UnreadableXml as flaw:
        raise S3Error("MalformedXML", reason=flaw.message) from None


def _is_on(found: Element, name: str) -> bool:
    return (found.value(name) or "false").strip().lower() in ("true", "1")
