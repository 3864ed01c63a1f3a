"""S3 requests: understood, allowed, and handed to the store that holds the bucket."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from valetkey.access import Event
from valetkey.gateway.bucket_errands import (
    create_bucket,
    delete_bucket,
    delete_policy,
    get_policy,
    list_buckets,
    policy_status,
    put_policy,
)
from valetkey.gateway.cors_errand import preflight, with_cors
from valetkey.gateway.decide import allow, may
from valetkey.gateway.delete_errand import delete_objects
from valetkey.gateway.errand import Errand
from valetkey.gateway.forward import forward
from valetkey.gateway.model import Answer, Head, Incoming, close
from valetkey.gateway.parts import Parts
from valetkey.gateway.places import find_places, surroundings
from valetkey.gateway.post_errand import post_object
from valetkey.gateway.public_access import put_public_access_block
from valetkey.gateway.s3 import questions, questions_if_tagged, understand
from valetkey.gateway.visit import Visit, enter
from valetkey.store import Directory

S3: Final = "s3"
Handler = Callable[[Errand], Awaitable[Answer]]

# Their own way of asking: key by key, by the form's fields, or nothing at all.
ASK_THEMSELVES: Final[Mapping[str, Handler]] = {
    "DeleteObjects": delete_objects,
    "PostObject": post_object,
    "OPTIONS": preflight,
}
ANSWERED_HERE: Final[Mapping[str, Handler]] = {
    "CreateBucket": create_bucket,
    "DeleteBucket": delete_bucket,
    "ListBuckets": list_buckets,
    "GetBucketPolicy": get_policy,
    "PutBucketPolicy": put_policy,
    "DeleteBucketPolicy": delete_policy,
    "GetBucketPolicyStatus": policy_status,
    "PutPublicAccessBlock": put_public_access_block,
}


async def serve_s3(
    parts: Parts, incoming: Incoming, event: Event, directory: Directory, *, secure: bool
) -> Answer:
    """Serve an S3 request. Raises AwsError for whatever is refused; nothing of it went on then."""
    head = incoming.head
    event.service = S3
    request = understand(head, domains=parts.domains)
    event.operation = request.operation.name
    visit = enter_s3(parts, head, event, directory, secure=secure)
    places = find_places(visit, request)
    around = surroundings(visit, places)
    errand = Errand(parts, visit, request, places, around, incoming.body)
    if request.operation.reads_body:
        errand = await errand.with_document()
    handler = ASK_THEMSELVES.get(request.operation.name)
    if handler is None:
        await ask_all(errand)
        if not request.operation.reads_body:
            errand = await errand.with_document()
        handler = ANSWERED_HERE.get(request.operation.name, forward)
    answer = await handler(errand)
    try:
        return await with_cors(errand, answer)
    except BaseException:
        await close(answer)
        raise


def enter_s3(
    parts: Parts, head: Head, event: Event, directory: Directory, *, secure: bool
) -> Visit:
    """Authenticate a request to S3, whose body is still to come; it may be a stranger's."""
    return enter(
        head,
        event,
        directory,
        parts.keys,
        service=S3,
        secure=secure,
        region=parts.region,
        anonymous=True,
    )


async def ask_all(errand: Errand) -> None:
    """Have all that a request does allowed. Raises AccessDenied."""
    request, head = errand.request, errand.visit.head
    body = errand.document if request.operation.reads_body else None
    asked = questions(request, head, body, around=errand.around)
    await allow(errand.visit, errand.asked(asked))
    if_tagged = questions_if_tagged(request, head, around=errand.around)
    refused = [one for one in if_tagged if not may(errand.visit, one, errand.place(one))]
    if refused and await errand.source_has_tags():
        await allow(errand.visit, errand.asked(refused))
