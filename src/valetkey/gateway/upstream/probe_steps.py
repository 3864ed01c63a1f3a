"""The steps of a probe that need a bucket, each one thing that clients of S3 do."""

import base64
import hashlib
from typing import Final

from msgspec.structs import replace

from valetkey.gateway.s3.xml import Element, UnreadableXml, element, read_xml
from valetkey.gateway.upstream.body import in_pieces
from valetkey.gateway.upstream.lookups import (
    MAX_BYTES,
    Whole,
    cors_rules,
    list_buckets,
    object_tags,
)
from valetkey.gateway.upstream.probe_bench import (
    Bench,
    Lacking,
    NotTried,
    Step,
    want,
    want_body,
)
from valetkey.gateway.upstream.signing import signing_region
from valetkey.gateway.upstream.trust import only
from valetkey.outbound.destination import parse_destination
from valetkey.sigv4 import HttpRequest, presign

BODY: Final = b"valetkey puts this here to see what the store can do, and takes it away again.\n"
LONG: Final = BODY * 2048
PART: Final = bytes(5 * 1024 * 1024)
_OBJECT: Final = "object"
_EXPIRES: Final = 60


async def open_bucket(bench: Bench) -> str:
    """Make the probe's own bucket, or see that the given one is there."""
    if not bench.own:
        want(await bench.ask("HEAD"), 200)
        bench.opened = True
        return f"`{bench.bucket}` is there"
    want(await bench.ask("PUT", body=_location(signing_region(bench.record))), 200)
    bench.opened = True
    return f"made `{bench.bucket}`"


async def listing_buckets(bench: Bench) -> str:
    """List the buckets."""
    return f"{len(await list_buckets(bench.upstreams, bench.record))} buckets"


async def put(bench: Bench) -> str:
    """Write an object without signing its hash, in a stream, and read it."""
    return await _round_trip(bench, "unsigned", "unsigned")


async def put_hashed(bench: Bench) -> str:
    """Write an object whose hash is signed, and read it."""
    return await _round_trip(bench, "hashed", "hashed")


async def signed_chunks(bench: Bench) -> str:
    """Write an object in signed chunks, and read it."""
    return await _round_trip(bench, "chunks", "chunked")


async def unsigned_trailer(bench: Bench) -> str:
    """Write an object with a checksum behind it, and read it."""
    return await _round_trip(bench, "trailer", "unsigned", trailers=True)


async def signed_trailer(bench: Bench) -> str:
    """Write an object in signed chunks with a signed checksum behind them, and read it."""
    return await _round_trip(bench, "signed-trailer", "chunked", trailers=True)


async def ranged_get(bench: Bench) -> str:
    """Read a part of an object."""
    await _put(bench)
    said = want(await bench.ask("GET", _OBJECT, headers=((b"range", b"bytes=2-5"),)), 206)
    want_body(said, BODY[2:6])
    return f"`{said.header(b'content-range')}`"


async def conditional_get(bench: Bench) -> str:
    """Read an object unless it is the one that is known."""
    etag = (await _put(bench)).header(b"etag") or ""
    want(await bench.ask("GET", _OBJECT, headers=((b"if-none-match", etag.encode()),)), 304)
    return "an object that is known already is not sent"


async def conditional_put(bench: Bench) -> str:
    """Write an object only where there is none."""
    only_new = ((b"if-none-match", b"*"),)
    want(await bench.ask("PUT", "once", headers=only_new, body=BODY), 200)
    want(await bench.ask("PUT", "once", headers=only_new, body=BODY), 412)
    return "an object that is there is not written over"


async def multipart(bench: Bench) -> str:
    """Write an object of one part, and abort another."""
    upload = f"uploadId={await _upload(bench, 'parts')}".encode()
    try:
        etag = await _part(bench, upload)
        part = f"<Part><PartNumber>1</PartNumber>{element('ETag', etag)}</Part>"
        body = f"<CompleteMultipartUpload>{part}</CompleteMultipartUpload>".encode()
        done = want(await bench.ask("POST", "parts", upload, body=body), 200)
        _read(done, "CompleteMultipartUploadResult")
    except Lacking:
        await bench.ask("DELETE", "parts", upload)
        raise
    size = want(await bench.ask("HEAD", "parts"), 200).header(b"content-length")
    if size != str(len(PART)):
        raise Lacking(f"the object has {size} bytes, wanted {len(PART)}")
    aborted = f"uploadId={await _upload(bench, 'aborted')}".encode()
    want(await bench.ask("DELETE", "aborted", aborted), 204)
    return "created, completed and aborted"


async def copy(bench: Bench) -> str:
    """Copy an object at the store."""
    await _put(bench)
    source = ((b"x-amz-copy-source", bench.path(_OBJECT)),)
    _read(want(await bench.ask("PUT", "copy", headers=source), 200), "CopyObjectResult")
    want_body(want(await bench.ask("GET", "copy"), 200), BODY)
    return "within the bucket"


async def presigned_get(bench: Bench) -> str:
    """Read an object by a URL with a signature in it."""
    await _put(bench)
    found = await bench.upstreams.credentials(bench.record)
    if found is None:
        raise NotTried("there are no credentials to sign with")
    where = parse_destination(bench.record.endpoint)
    host = where.origin.partition("://")[2].encode("ascii")
    made = presign(
        HttpRequest("GET", bench.path(_OBJECT), b"", ((b"host", host),), ""),
        access_key_id=found.access_key_id,
        secret_key=found.secret_key,
        session_token=found.session_token,
        region=signing_region(bench.record),
        service=bench.record.service,
        now=bench.clock(),
        expires=_EXPIRES,
    )
    url = f"{where.origin}{made.raw_path.decode()}?{made.raw_query.decode()}"
    trust = only(bench.record.ca_pem)
    said = await bench.client.request("GET", url, headers={}, configured=True, trust=trust)
    want_body(want(Whole(said.status, (), said.body), 200), BODY)
    return f"good for {_EXPIRES} seconds"


async def checksum(bench: Bench) -> str:
    """Write an object with its checksum, and a wrong one."""
    right = base64.b64encode(hashlib.sha256(BODY).digest())
    wrong = base64.b64encode(hashlib.sha256(LONG).digest())
    name = b"x-amz-checksum-sha256"
    want(await bench.ask("PUT", "sum", headers=((name, right),), body=BODY), 200)
    asked = ((b"x-amz-checksum-mode", b"ENABLED"),)
    kept = want(await bench.ask("HEAD", "sum", headers=asked), 200).header(name)
    refused = (await bench.ask("PUT", "sum", headers=((name, wrong),), body=BODY)).status
    told = "a wrong one is refused" if refused == 400 else "a wrong one is taken"  # noqa: PLR2004 - HTTP's own number
    if kept != right.decode():
        raise Lacking(f"a checksum is not kept; {told}")
    return f"a checksum is kept; {told}"


async def tagging(bench: Bench) -> str:
    """Tag an object."""
    await _put(bench)
    document = "<Tagging><TagSet><Tag><Key>a</Key><Value>b c</Value></Tag></TagSet></Tagging>"
    want(await bench.ask("PUT", _OBJECT, b"tagging", body=document.encode()), 200)
    found = await object_tags(bench.upstreams, bench.record, bench.path(_OBJECT))
    if found != {"a": "b c"}:
        raise Lacking("the tags are not those that were put there")
    if (await bench.ask("GET", _OBJECT)).body != BODY:
        raise Lacking("tags are written over the object that they are for")
    return "tags are kept"


async def pagination(bench: Bench) -> str:
    """List objects page by page."""
    for name in ("page/1", "page/2", "page/3"):
        want(await bench.ask("PUT", name, body=BODY), 200)
    found: list[str] = []
    token = ""
    for _ in range(3):
        page = _read(await bench.ask("GET", None, _page(bench, token)), "ListBucketResult")
        found += [one.value("Key") or "" for one in page.all("Contents")]
        token = page.value("NextContinuationToken") or ""
    if found != [bench.key(f"page/{number}") for number in (1, 2, 3)] or token:
        raise Lacking(f"three pages of one object each hold {len(found)} objects")
    return "three pages of one object each"


async def cors(bench: Bench) -> str:
    """Give the bucket CORS rules."""
    _only_own(bench)
    rule = "<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
    document = f"<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>"
    want(await bench.ask("PUT", None, b"cors", body=document.encode()), 200)
    if len(await cors_rules(bench.upstreams, bench.record, bench.path())) != 1:
        raise Lacking("the rule is not the one that was put there")
    return "rules are kept"


async def object_lock(bench: Bench) -> str:
    """Make a bucket whose objects can be locked."""
    _only_own(bench)
    beside = f"/{bench.bucket}-lock".encode("ascii")
    asked = ((b"x-amz-bucket-object-lock-enabled", b"true"),)
    body = _location(signing_region(bench.record))
    made = await bench.ask_raw(bench.record, "PUT", beside, headers=asked, body=body)
    want(made, 200)
    try:
        said = want(await bench.ask_raw(bench.record, "GET", beside, b"object-lock"), 200)
        if _read(said, "ObjectLockConfiguration").value("ObjectLockEnabled") != "Enabled":
            raise Lacking("a bucket that was made with it does not have it")
    finally:
        await bench.ask_raw(bench.record, "DELETE", beside)
    return "a bucket can have it"


async def versioning(bench: Bench) -> str:
    """Keep an object's versions."""
    _only_own(bench)
    document = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    want(await bench.ask("PUT", None, b"versioning", body=document.encode()), 200)
    first = want(await bench.ask("PUT", "versions", body=BODY), 200).header(b"x-amz-version-id")
    want(await bench.ask("PUT", "versions", body=LONG), 200)
    if first is None:
        raise Lacking("an object gets no version")
    query = f"versionId={first}".encode("ascii")
    want_body(want(await bench.ask("GET", "versions", query), 200), BODY)
    return "an earlier version is kept"


async def delete(bench: Bench) -> str:
    """Take an object away."""
    await _put(bench)
    want(await bench.ask("DELETE", _OBJECT), 204)
    want(await bench.ask("HEAD", _OBJECT), 404)
    return "a deleted object is gone"


async def clean_up(bench: Bench) -> str:
    """Take away what the probe has written."""
    if bench.own:
        await _delete_versions(bench)
    for key in bench.kept:
        want(await bench.ask("DELETE", key), 200, 204, 404)
    if not bench.own:
        return f"took {len(bench.kept)} objects away"
    want(await bench.ask("DELETE"), 204)
    return f"removed `{bench.bucket}`"


BUCKET_STEPS: Final[tuple[tuple[str, Step], ...]] = (
    ("list buckets", listing_buckets),
    ("put", put),
    ("put with its hash", put_hashed),
    ("signed chunks", signed_chunks),
    ("unsigned trailer", unsigned_trailer),
    ("signed trailer", signed_trailer),
    ("ranged get", ranged_get),
    ("conditional get", conditional_get),
    ("conditional put", conditional_put),
    ("multipart", multipart),
    ("copy", copy),
    ("presigned get", presigned_get),
    ("checksum", checksum),
    ("tagging", tagging),
    ("list by pages", pagination),
    ("cors", cors),
    ("object lock", object_lock),
    ("delete", delete),
    # Last, as no deletion is one any more once versions are kept.
    ("versioning", versioning),
)
"""What is tried in a bucket, in this order."""


async def _round_trip(bench: Bench, name: str, payload: str, *, trailers: bool = False) -> str:
    to = replace(bench.record, payload=payload, trailers=trailers)
    said = await bench.ask(
        "PUT",
        name,
        record=to,
        body=in_pieces(LONG),
        length=len(LONG),
        payload_sha256=hashlib.sha256(LONG).hexdigest(),
        checksum="CRC32",
    )
    want(said, 200)
    want_body(want(await bench.ask("GET", name), 200), LONG)
    return f"{len(LONG)} bytes come back as they were"


async def _put(bench: Bench) -> Whole:
    return want(await bench.ask("PUT", _OBJECT, body=BODY), 200)


async def _upload(bench: Bench, key: str) -> str:
    said = want(await bench.ask("POST", key, b"uploads"), 200)
    return _read(said, "InitiateMultipartUploadResult").value("UploadId") or ""


async def _part(bench: Bench, upload: bytes) -> str:
    said = await bench.ask("PUT", "parts", b"partNumber=1&" + upload, body=PART)
    return want(said, 200).header(b"etag") or ""


async def _delete_versions(bench: Bench) -> None:
    said = await bench.ask("GET", None, b"versions")
    if said.status != 200:  # noqa: PLR2004 - HTTP's own number
        return
    for one in _read(said, "ListVersionsResult").children:
        key, version = (one.value(name) if one.children else None for name in ("Key", "VersionId"))
        if one.name in ("Version", "DeleteMarker") and key and version:
            path = f"/{bench.bucket}/{key}".encode()
            await bench.ask_raw(bench.record, "DELETE", path, f"versionId={version}".encode())


def _page(bench: Bench, token: str) -> bytes:
    prefix = bench.key("page/").replace("/", "%2F")
    query = f"list-type=2&max-keys=1&prefix={prefix}"
    if token:
        query += "&continuation-token=" + "".join(f"%{byte:02X}" for byte in token.encode())
    return query.encode("ascii")


def _location(region: str) -> bytes | None:
    if region == "us-east-1":
        return None
    return (
        "<CreateBucketConfiguration>"
        f"{element('LocationConstraint', region)}"
        "</CreateBucketConfiguration>"
    ).encode()


def _read(said: Whole, root: str) -> Element:
    try:
        return read_xml(said.body, root, limit=MAX_BYTES)
    except UnreadableXml as unreadable:
        raise Lacking(f"answers {said.status} with no `{root}`: {unreadable.message}") from None


def _only_own(bench: Bench) -> None:
    if not bench.own:
        raise NotTried("only a bucket of the probe's own is configured")
