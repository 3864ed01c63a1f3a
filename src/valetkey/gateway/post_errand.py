"""A browser's upload: a form whose policy somebody signed, and a file of a length nobody said."""

from collections.abc import AsyncIterator
from dataclasses import replace

from valetkey.access import Caller, signer
from valetkey.errors import AwsError
from valetkey.gateway.decide import allow
from valetkey.gateway.errand import Errand
from valetkey.gateway.model import Answer
from valetkey.gateway.places import ANY_REGION
from valetkey.gateway.s3 import S3Error, SignatureFacts, in_s3_words, questions, understand
from valetkey.gateway.s3.post_form import PostFormReader, form_boundary
from valetkey.gateway.s3.post_object import post_answer, put_of_form
from valetkey.gateway.upload import store_stream
from valetkey.gateway.visit import Visit, remember
from valetkey.sigv4 import (
    PayloadReader,
    PostForm,
    Signature,
    VerifiedForm,
    parse_form_signature,
    payload_reader,
    read_form,
    verify_form,
)
from valetkey.store import BucketPlace


async def post_object(errand: Errand) -> Answer:
    """Store the file of a form, if its policy, and the policies of whoever signed it, allow that.

    Raises S3Error and the refusals of ``sigv4`` and ``access``.
    """
    place = _place(errand)
    head = errand.visit.head
    reader = PostFormReader(form_boundary(head))
    file = _file(errand.source, reader, payload_reader(None, head.headers))
    first = await anext(file, b"")
    form = read_form(reader.fields)
    key = form.object_key(reader.filename)
    visit, proof = _enter(errand, form, place, key)
    put = _as_put(errand, visit, form, key)
    await allow(visit, put.asked(questions(put.request, put.visit.head, around=put.around)))
    etag = await store_stream(put, _measured(first, file, proof))
    location = f"/{place.name}/{key}"
    answer = post_answer(form.fields, bucket=place.name, key=key, etag=etag, location=location)
    body = answer.body if isinstance(answer.body, bytes) else b""
    length = (b"content-length", str(len(body)).encode())
    return answer._replace(headers=(*errand.own_headers(), *answer.headers, length))


def _place(errand: Errand) -> BucketPlace:
    if errand.places.own is None:
        raise S3Error("MethodNotAllowed", reason="a form upload that is about no bucket")
    declared = errand.visit.head.header(b"x-amz-content-sha256") or ""
    if errand.visit.proof is not None or declared.startswith("STREAMING-"):
        # A form is signed in its fields; a second signature would vouch for bytes nobody hashes.
        raise S3Error(
            "InvalidRequest",
            "A form upload must be signed by the fields of the form.",
            reason="the request of a form upload is signed, or its body is said to be in chunks",
        )
    return errand.places.own


async def _file(
    source: AsyncIterator[bytes], reader: PostFormReader, body: PayloadReader
) -> AsyncIterator[bytes]:
    """Yield the file's bytes; the form's fields are there once the first piece is.

    The form as a whole is held to what its request says of it: its length, its digest.
    """
    begun = False
    async for data in source:
        for held in body.feed(data):
            piece = reader.feed(held)
            if reader.file_begun and (piece or not begun):
                begun = True
                yield piece
    body.finish()
    reader.end()


async def _measured(
    first: bytes, file: AsyncIterator[bytes], proof: VerifiedForm | None
) -> AsyncIterator[bytes]:
    """Yield the file, and refuse it once it is longer, or at its end shorter, than allowed."""
    size = len(first)
    yield first
    async for piece in file:
        size += len(piece)
        if proof is not None and proof.length is not None and size > proof.length.maximum:
            proof.refuse_length(size)
        yield piece
    if proof is not None:
        proof.refuse_length(size)


def _enter(
    errand: Errand, form: PostForm, place: BucketPlace, key: str
) -> tuple[Visit, VerifiedForm | None]:
    """Return the visit as that of whoever signed the form; an unsigned one is a stranger's."""
    visit = errand.visit
    signature = parse_form_signature(form)
    if signature is None:
        return visit, None
    visit.event.access_key_id = signature.access_key_id
    keys = errand.parts.keys
    now = visit.facts.now
    caller, secret = _signer(errand, signature)
    region = place.upstream.region
    proof = verify_form(
        form,
        signature,
        bucket=place.name,
        key=key,
        secret_key=secret,
        now=now,
        keys=keys.signing_keys,
        region=None if region == ANY_REGION else region,
    )
    remember(visit.event, caller)
    facts = replace(visit.facts, region=signature.region)
    return replace(visit, caller=caller, facts=facts), proof


def _signer(errand: Errand, signature: Signature) -> tuple[Caller, str]:
    visit, keys = errand.visit, errand.parts.keys
    try:
        return signer(signature, directory=visit.directory, keys=keys, now=visit.facts.now)
    except AwsError as error:
        # The head does not tell that there is a token.
        raise in_s3_words(
            error,
            access_key_id=signature.access_key_id,
            with_token=signature.session_token is not None,
        ) from error


def _as_put(errand: Errand, visit: Visit, form: PostForm, key: str) -> Errand:
    """Return the errand as the PutObject that the form stands for."""
    head = put_of_form(_place(errand).name, key, form.fields)
    around = errand.around
    if visit.caller.arn:
        around = replace(around, signature=SignatureFacts(auth_type="POST"))
    return replace(
        errand,
        visit=replace(visit, head=head),
        request=understand(head, domains=()),
        around=around,
    )
