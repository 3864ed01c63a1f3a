"""Where the buckets are that a request speaks of, and whether it may be served from there."""

from collections.abc import Mapping
from dataclasses import dataclass

from valetkey.gateway.s3 import S3Error, S3Request, SignatureFacts, Surroundings, no_such_bucket
from valetkey.gateway.visit import Visit
from valetkey.sigv4 import Signature, signature_covers
from valetkey.store import BucketPlace, UpstreamRecord

ANY_REGION = "*"
_CREATES = "CreateBucket"


@dataclass(frozen=True, slots=True)
class Places:
    """The place of the request's own bucket, and by name those of all that it speaks of."""

    own: BucketPlace | None
    by_name: Mapping[str, BucketPlace]

    @property
    def upstream(self) -> UpstreamRecord:
        """Return the upstream that answers."""
        if self.own is None:
            raise ValueError("the request is about no bucket")
        return self.own.upstream


def find_places(visit: Visit, request: S3Request) -> Places:
    """Return where the buckets are.

    Raises S3Error: ``NoSuchBucket`` where no upstream serves the name, ``AccessDenied`` where the
    client expects another owner, ``NotImplemented`` for a copy between two upstreams.
    """
    if request.bucket is None:
        return Places(None, {})
    own = _new_place(visit, request.bucket) if _creates(request) else _place(visit, request.bucket)
    _check_owner(own, request.expected_owner, "x-amz-expected-bucket-owner")
    _check_region(visit, own.upstream)
    by_name = {own.name: own}
    if request.copy_source is not None:
        source = _place(visit, request.copy_source.bucket)
        _check_owner(source, request.expected_source_owner, "x-amz-source-expected-bucket-owner")
        if source.upstream is not own.upstream:
            raise S3Error(
                "NotImplemented",
                "Copying between stores is not implemented.",
                reason=f"bucket `{source.name}` is at upstream `{source.upstream.name}`, bucket "
                f"`{own.name}` at `{own.upstream.name}`",
                help="read the object and write it again",
            )
        by_name[source.name] = source
    return Places(own, by_name)


def surroundings(visit: Visit, places: Places) -> Surroundings:
    """Return what S3's condition keys are filled from besides the request."""
    signature = None if visit.proof is None else visit.proof.signature
    return Surroundings(
        now=visit.facts.now,
        signature=None if signature is None else _facts(signature, visit.facts.now),
        owners={name: place.owner for name, place in places.by_name.items()},
    )


def _facts(signature: Signature, now: float) -> SignatureFacts:
    return SignatureFacts(
        auth_type="REST-QUERY-STRING" if signature.presigned else "REST-HEADER",
        age_ms=max(0, int((now - signature.timestamp) * 1000)),
        content_sha256=signature.content_sha256,
        version=signature.algorithm,
    )


def _creates(request: S3Request) -> bool:
    return request.operation.name == _CREATES


def _place(visit: Visit, bucket: str) -> BucketPlace:
    place = visit.directory.upstreams.place(bucket)
    if place is None:
        raise no_such_bucket(bucket, reason=f"no upstream serves a bucket `{bucket}`")
    return place


def _new_place(visit: Visit, bucket: str) -> BucketPlace:
    """Return where a bucket would be made that nobody has yet."""
    upstreams = visit.directory.upstreams
    if (found := upstreams.place(bucket)) is not None and found.record is not None:
        return found
    for upstream in upstreams.stores_for(bucket):
        if visit.caller.account in (upstream.account, *upstream.accounts):
            return BucketPlace(bucket, visit.caller.account, upstream, None)
    raise S3Error(
        "AccessDenied",
        refusal=True,
        reason=f"no upstream takes a bucket `{bucket}` of account `{visit.caller.account}`",
        help="see `valetkey upstream list`: --bucket and --allow-account",
    )


def _check_owner(place: BucketPlace, expected: str | None, header: str) -> None:
    if expected is not None and expected != place.owner:
        raise S3Error(
            "AccessDenied",
            refusal=True,
            reason=f"`{header}` is `{expected}`, bucket `{place.name}` is of `{place.owner}`",
        )


def _check_region(visit: Visit, upstream: UpstreamRecord) -> None:
    if visit.proof is None or upstream.region == ANY_REGION:
        return
    signature = visit.proof.signature
    if not signature_covers(signature, upstream.region):
        malformed = (
            "Error parsing the X-Amz-Credential parameter"
            if signature.presigned
            else "The authorization header is malformed"
        )
        raise S3Error(
            "AuthorizationQueryParametersError"
            if signature.presigned
            else "AuthorizationHeaderMalformed",
            f"{malformed}; the region '{signature.region}' is wrong; expecting '{upstream.region}'",
            details=(("Region", upstream.region),),
            refusal=True,
            reason=f"upstream `{upstream.name}` is in region `{upstream.region}`, the request is "
            f"signed for `{signature.region}`",
            help=f"set `AWS_REGION={upstream.region}`",
        )
