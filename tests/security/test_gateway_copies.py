"""A copy needs the right to read its source and the right to write its target.

Elsewhere: UploadPartCopy read whatever was named, and a copy within one bucket asked for one right.
"""

import itertools

import pytest

from gateway.matrix.plans import Auth
from gateway.matrix.serving import Bench
from gateway.matrix.signing import Wire
from support.gateway_guarded import (
    CLOSED,
    OPEN,
    nothing_reached,
    permit,
    put_bucket,
    record_of,
    request,
    statement,
)

SOURCE, TARGET = f"{CLOSED}/from/key", f"{CLOSED}/to/key"
READ, WRITE = statement("s3:GetObject", SOURCE), statement("s3:PutObject", TARGET)
OLD = statement("s3:GetObjectVersion", SOURCE)
PART = [("partNumber", "1"), ("uploadId", "an-upload")]


def copy(bench: Bench, auth: Auth, *, part: bool, source: str = f"/{SOURCE}") -> Wire:
    headers = [("x-amz-copy-source", source)]
    query = PART if part else []
    return request(bench, "PUT", f"/{TARGET}", auth=auth, query=query, headers=headers)


GRANTS = (
    ((), True),
    ((READ,), True),
    ((WRITE,), True),
    ((READ, WRITE), False),
    ((statement("s3:GetObject", TARGET), statement("s3:PutObject", SOURCE)), True),
    ((statement("s3:ListBucket", CLOSED), WRITE), True),
    ((statement("s3:GetObjectAcl", "*"), statement("s3:PutObject*", "*")), True),
    ((READ, statement("s3:PutObjectAcl", TARGET)), True),
    ((statement("s3:*", "*"), statement("s3:GetObject", SOURCE, effect="Deny")), True),
    ((statement("s3:*", "*"), statement("s3:PutObject", TARGET, effect="Deny")), True),
)
"""What a session may, and that it does not do."""


@pytest.mark.parametrize("part", [False, True], ids=["CopyObject", "UploadPartCopy"])
async def test_both_ends_must_be_allowed(bench: Bench, *, part: bool):
    put_bucket(bench, name=CLOSED)
    for granted, refused in GRANTS:
        await permit(bench, *granted)
        for auth in (Auth.HEADER, Auth.QUERY, Auth.HEADER_4A, Auth.QUERY_4A):
            bench.upstream.seen.clear()
            said = await bench.ask(copy(bench, auth, part=part))
            assert said.short == ("403 AccessDenied" if refused else "200"), (granted, auth, said)
            assert nothing_reached(bench) is refused, granted
            if refused:
                resource = record_of(bench, said).resource
                assert resource in (f"arn:aws:s3:::{SOURCE}", f"arn:aws:s3:::{TARGET}")


@pytest.mark.parametrize("part", [False, True], ids=["CopyObject", "UploadPartCopy"])
async def test_a_version_is_another_right(bench: Bench, *, part: bool):
    for granted, source, status in (
        ((READ, WRITE), f"/{SOURCE}?versionId=v1", 403),
        ((OLD, WRITE), f"/{SOURCE}?versionId=v1", 200),
        ((OLD, WRITE), f"/{SOURCE}", 403),
    ):
        await permit(bench, *granted)
        said = await bench.ask(copy(bench, Auth.HEADER, part=part, source=source))
        assert said.status == status, (granted, source, said)


async def test_the_sources_bucket_policy_counts(bench: Bench):
    """Denied by the bucket that is read, or open to everybody while the target is not."""
    await permit(bench, statement("s3:*", "*"))
    put_bucket(bench, statement("s3:GetObject", SOURCE, effect="Deny"), name=CLOSED)
    assert (await bench.ask(copy(bench, Auth.HEADER, part=True))).short == "403 AccessDenied"

    await permit(bench, statement("s3:GetObject", f"{OPEN}/*"))
    put_bucket(bench, name=CLOSED)
    said = await bench.ask(copy(bench, Auth.HEADER, part=True, source=f"/{OPEN}/key"))
    assert said.short == "403 AccessDenied"
    assert nothing_reached(bench)


SPELLINGS = (
    *(f"/{SOURCE}", SOURCE, f"/{CLOSED}/from%2Fkey", f"/{CLOSED}/%66rom/key"),
    *(f"{CLOSED}%2Ffrom/key", f"/{CLOSED}/to/../from/key", f"/{CLOSED}/to/%2e%2e/from/key"),
    *(f"//{SOURCE}", f"/{CLOSED}//from/key", f"/{CLOSED}/to\\..\\from\\key", f"{OPEN}/../{SOURCE}"),
    *(f"/{SOURCE}?versionId=null", f"/{SOURCE}?versionId=", f"/{SOURCE}%3FversionId=v"),
    f"arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/{SOURCE}",
)


async def test_no_spelling_of_a_source_reads_what_may_not_be_read(bench: Bench):
    await permit(bench, statement("s3:*", f"{CLOSED}/to/*", OPEN, f"{OPEN}/*"))
    put_bucket(bench, name=CLOSED)
    for source, part in itertools.product(SPELLINGS, (False, True)):
        said = await bench.ask(copy(bench, Auth.HEADER, part=part, source=source))
        assert said.status in (400, 403, 404, 501), (source, said)
    assert nothing_reached(bench)


async def test_a_source_that_is_no_header_of_the_operation(bench: Bench):
    """Where nothing is copied, the header could mean something to the store only."""
    for method, query in (("GET", []), ("DELETE", []), ("HEAD", []), ("PUT", [("tagging", "")])):
        headers = [("x-amz-copy-source", f"/{SOURCE}")]
        wire = request(bench, method, f"/{TARGET}", query=query, headers=headers)
        said = await bench.ask(wire)
        assert 400 <= said.status <= 501, (method, said)
    assert nothing_reached(bench)
