"""ListBuckets over several upstreams, filtered."""

import pytest
from botocore.parsers import RestXMLParser
from botocore.session import Session

from valetkey.gateway.model import Head
from valetkey.gateway.s3 import (
    ListedBucket,
    Page,
    S3Error,
    Surroundings,
    list_question,
    merge_buckets,
    read_buckets,
    read_page,
    understand,
    write_buckets,
)
from valetkey.gateway.s3.xml import NAMESPACE

BODY = f"""<?xml version="1.0" encoding="UTF-8"?>
<ListAllMyBucketsResult xmlns="{NAMESPACE}"><Owner><ID>x</ID></Owner><Buckets>
<Bucket><Name>beta</Name><CreationDate>2026-01-02T03:04:05.000Z</CreationDate></Bucket>
<Bucket><Name>alpha</Name><CreationDate>2026-01-01T03:04:05.000Z</CreationDate>
<BucketRegion>eu-test-1</BucketRegion></Bucket>
</Buckets></ListAllMyBucketsResult>""".encode()
ALPHA = ListedBucket("alpha", "2026-01-01T03:04:05.000Z", "eu-test-1")
BETA = ListedBucket("beta", "2026-01-02T03:04:05.000Z")
GAMMA = ListedBucket("gamma", "2026-01-03T03:04:05.000Z")


def read_by_a_client(body: bytes) -> dict[str, object]:
    shape = Session().get_service_model("s3").operation_model("ListBuckets").output_shape
    return dict(RestXMLParser().parse({"status_code": 200, "headers": {}, "body": body}, shape))


def test_lists_are_read() -> None:
    assert read_buckets(BODY) == (BETA, ALPHA)
    empty = b"<ListAllMyBucketsResult><Owner/><Buckets/></ListAllMyBucketsResult>"
    assert read_buckets(empty) == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Error/>",
        b"<!DOCTYPE x><ListAllMyBucketsResult/>",
        b"<ListAllMyBucketsResult><Buckets><Bucket/></Buckets></ListAllMyBucketsResult>",
    ],
)
def test_what_is_no_list_is_an_error(body: bytes) -> None:
    with pytest.raises(S3Error) as refused:
        read_buckets(body)

    assert refused.value.code == "InternalError"


def test_lists_are_merged_and_filtered_in_order() -> None:
    second = (GAMMA, ListedBucket("alpha", "later"))
    merged = merge_buckets([read_buckets(BODY), second], lambda name: name != "beta")

    assert merged == (ALPHA, GAMMA)


def test_a_client_reads_the_list() -> None:
    body = write_buckets((ALPHA, BETA), Page(), owner_id="111122223333", owner_name="team & co")
    parsed = read_by_a_client(body)

    assert [bucket["Name"] for bucket in parsed["Buckets"]] == ["alpha", "beta"]
    assert "BucketRegion" not in parsed["Buckets"][0]
    assert parsed["Owner"] == {"ID": "111122223333", "DisplayName": "team & co"}
    assert "ContinuationToken" not in parsed


def test_pages_are_whole_and_come_to_an_end() -> None:
    buckets = (ALPHA, BETA, GAMMA)
    names: list[str] = []
    page = Page(most=2)
    for _ in range(2):
        parsed = read_by_a_client(write_buckets(buckets, page, owner_id="1", owner_name="n"))
        names += [bucket["Name"] for bucket in parsed["Buckets"]]
        page = Page(most=2, after=parsed.get("ContinuationToken"))

    assert names == ["alpha", "beta", "gamma"]
    assert page.after is None


def test_a_page_has_a_prefix_and_a_region() -> None:
    parsed = read_by_a_client(
        write_buckets((ALPHA, BETA), Page(prefix="al"), owner_id="1", owner_name="n")
    )
    assert [bucket["Name"] for bucket in parsed["Buckets"]] == ["alpha"]
    assert parsed["Buckets"][0]["BucketRegion"] == "eu-test-1"
    assert parsed["Prefix"] == "al"
    page = Page(region="eu-test-1")
    assert b"beta" not in write_buckets((ALPHA, BETA), page, owner_id="1", owner_name="n")


def test_the_query_says_which_page() -> None:
    head = Head("GET", b"/", b"max-buckets=10&continuation-token=a&prefix=b&bucket-region=c", ())

    assert read_page(understand(head).query) == Page(10, "a", "b", "c")
    assert read_page(()) == Page()


@pytest.mark.parametrize("most", ["0", "10001", "x", "", "-1", "\u0661"])
def test_a_page_has_a_size(most: str) -> None:
    with pytest.raises(S3Error, match="max-buckets must be between"):
        read_page((("max-buckets", most),))


def test_a_bucket_is_shown_to_who_may_list_it() -> None:
    question = list_question("alpha", Surroundings(now=0.0, owners={"alpha": "111122223333"}))

    assert question.action == "s3:ListBucket"
    assert question.resource == "arn:aws:s3:::alpha"
    assert question.context == {"s3:ResourceAccount": "111122223333"}
