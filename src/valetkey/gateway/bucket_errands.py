"""What valetkey answers about buckets itself: whose they are, their policies, the list of them."""

import asyncio
from typing import Final

from msgspec import structs

from valetkey.diagnostics import Source
from valetkey.gateway.errand import Errand
from valetkey.gateway.forward import forward
from valetkey.gateway.model import Answer, Headers
from valetkey.gateway.places import ANY_REGION
from valetkey.gateway.public_access import refuse_blocked
from valetkey.gateway.s3 import S3Error, no_such_bucket
from valetkey.gateway.s3.bucket_policy import check_bucket_policy
from valetkey.gateway.s3.listing import (
    ListedBucket,
    merge_buckets,
    read_buckets,
    read_page,
    write_buckets,
)
from valetkey.gateway.s3.policy_status import policy_status_document
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.errors import UpstreamUnavailable
from valetkey.gateway.upstream.lookups import MAX_LIST_BYTES, bucket_exists, fetch
from valetkey.policy import PolicyType, parse
from valetkey.store import AWS_ACCOUNT, BucketPlace, BucketRecord, Transaction, UpstreamRecord

_OK: Final = 200
_NO_CONTENT: Final = 204
_XML: Final = b"application/xml"
_MADE: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_ABSENT: Final = 404


async def create_bucket(errand: Errand) -> Answer:
    """Make a bucket for the caller's account.

    A bucket must never be there with nobody, or somebody else, as its owner. So one that is there
    already is nobody's to make, though some stores would say it was made; and who owns it is
    written before the store is asked, and taken back only where the store surely has not made it.
    """
    place, caller = _own(errand), errand.visit.caller.account
    there = await _is_there(errand, place)
    owner = _owner(place, there=there)
    if there or owner not in (None, caller):
        raise _taken(place, mine=owner == caller)
    record = _new_record(errand, place)
    if place.record is None and not await errand.parts.write(lambda tx: _reserve(tx, record)):
        raise _taken(place, mine=False)
    refused = False
    try:
        answer = await forward(errand)
        refused = answer.status in _REFUSED
    except UpstreamUnavailable:
        refused = True
        raise
    finally:
        if refused and place.record is None:
            await asyncio.shield(_undo(errand, record))
    return answer


def _owner(place: BucketPlace, *, there: bool) -> str | None:
    if place.record is not None:
        return place.record.owner
    return place.upstream.account if there else None


async def _is_there(errand: Errand, place: BucketPlace) -> bool:
    path = b"/" + place.name.encode()
    return await bucket_exists(errand.parts.upstreams, place.upstream, path)


async def delete_bucket(errand: Errand) -> Answer:
    """Delete a bucket at the upstream, then what is kept of it here."""
    answer = await forward(errand)
    place = _own(errand)
    # One that the store does not have is no bucket, whatever was written of it.
    if answer.status in (*_MADE, _ABSENT) and place.record is not None:
        await errand.parts.write(lambda tx: tx.discard(BucketRecord, AWS_ACCOUNT, place.name))
    return answer


async def list_buckets(errand: Errand) -> Answer:
    """List the buckets of the caller's account, at all upstreams."""
    upstreams = errand.visit.directory.upstreams
    page = read_page(errand.request.query)
    account = errand.visit.caller.account
    stores = [one for one in upstreams.stores() if account in (one.account, *one.accounts)]
    listed = await asyncio.gather(*(_listed(errand, store) for store in stores))

    def belongs(name: str) -> bool:
        place = upstreams.place(name)
        return place is not None and place.owner == account and place.upstream in stores

    buckets = merge_buckets(listed, belongs)
    body = write_buckets(buckets, page, owner_id=account, owner_name=account)
    return _answer(errand, body)


async def get_policy(errand: Errand) -> Answer:
    """Return a bucket's policy as it was put."""
    policy = _policy_of(errand)
    return _answer(errand, policy.encode(), content_type=b"application/json")


async def policy_status(errand: Errand) -> Answer:
    """Say whether a bucket's policy lets in anybody at all."""
    source = Source(f"policy of bucket {_own(errand).name}", _policy_of(errand))
    return _answer(errand, policy_status_document(parse(source, PolicyType.RESOURCE)))


async def put_policy(errand: Errand) -> Answer:
    """Keep a bucket's policy, once it is one that can be used."""
    place = _own(errand)
    compiled = check_bucket_policy(errand.document or b"", bucket=place.name)
    await refuse_blocked(errand, place, compiled.document)
    await _change_policy(errand, place, compiled.source.text)
    return Answer(_NO_CONTENT, errand.own_headers())


async def delete_policy(errand: Errand) -> Answer:
    """Take a bucket's policy away, if there is one."""
    place = _own(errand)
    if place.record is not None and place.record.policy is not None:
        await _change_policy(errand, place, None)
    return Answer(_NO_CONTENT, errand.own_headers())


async def _change_policy(errand: Errand, place: BucketPlace, policy: str | None) -> None:
    if not await _is_there(errand, place):
        raise no_such_bucket(place.name)

    def change(tx: Transaction) -> None:
        kept = tx.get(BucketRecord, AWS_ACCOUNT, place.name) or _new_record(errand, place)
        tx.put(structs.replace(kept, policy=policy))

    await errand.parts.write(change)


async def _listed(errand: Errand, store: UpstreamRecord) -> tuple[ListedBucket, ...]:
    said = await fetch(
        errand.parts.upstreams, store, UpstreamRequest("GET", b"/"), limit=MAX_LIST_BYTES
    )
    if said.status != _OK:
        raise UpstreamUnavailable(f"upstream `{store.name}` answers {said.status} to ListBuckets")
    region = None if store.region == ANY_REGION else store.region
    return tuple(one._replace(region=one.region or region) for one in read_buckets(said.body))


async def _undo(errand: Errand, record: BucketRecord) -> None:
    await errand.parts.write(lambda tx: _discard_same(tx, record))


def _discard_same(tx: Transaction, record: BucketRecord) -> None:
    if tx.get(BucketRecord, AWS_ACCOUNT, record.name) == record:
        tx.delete(record)


def _reserve(tx: Transaction, record: BucketRecord) -> bool:
    if tx.get(BucketRecord, AWS_ACCOUNT, record.name) is not None:
        return False
    tx.put(record)
    return True


def _new_record(errand: Errand, place: BucketPlace) -> BucketRecord:
    upstream = place.upstream
    region = errand.visit.facts.region if upstream.region == ANY_REGION else upstream.region
    return BucketRecord(
        account=AWS_ACCOUNT,
        name=place.name,
        owner=place.owner,
        upstream_account=upstream.account,
        upstream=upstream.name,
        created=errand.visit.facts.now,
        region=region,
    )


def _taken(place: BucketPlace, *, mine: bool) -> S3Error:
    code = "BucketAlreadyOwnedByYou" if mine else "BucketAlreadyExists"
    return S3Error(code, details=(("BucketName", place.name),), refusal=True)


def _policy_of(errand: Errand) -> str:
    place = _own(errand)
    if place.record is None or place.record.policy is None:
        raise S3Error("NoSuchBucketPolicy", details=(("BucketName", place.name),), refusal=True)
    return place.record.policy


def _own(errand: Errand) -> BucketPlace:
    if errand.places.own is None:
        raise ValueError("an operation on a bucket without a bucket")
    return errand.places.own


def _answer(errand: Errand, body: bytes, *, content_type: bytes = _XML) -> Answer:
    headers: Headers = (
        *errand.own_headers(),
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
    )
    return Answer(_OK, headers, body)
