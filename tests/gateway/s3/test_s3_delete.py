"""DeleteObjects key by key, and what a copy needs where its source has tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valetkey.gateway.model import Head
from valetkey.gateway.s3 import (
    Doomed,
    S3Error,
    Spared,
    Surroundings,
    delete_questions,
    merge_delete_result,
    questions,
    questions_if_tagged,
    read_delete,
    understand,
    write_delete,
)
from valetkey.gateway.s3.xml import NAMESPACE

AROUND = Surroundings(now=0.0)
# What XML can hold: a document with anything else can't be written by a client.
LETTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
TEXTS = st.text(LETTERS | st.sampled_from("\t\n\r<>&\"'"), min_size=1, max_size=20)
OPTIONAL = st.none() | TEXTS


def key_is_fine(key: str) -> bool:
    return bool(key.strip("/")) and not {".", ".."} & set(key.split("/"))


def test_a_document_is_read() -> None:
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
    <Delete xmlns="{NAMESPACE}">
      <Object><Key> a &amp; b </Key></Object>
      <Object><Key>c</Key><VersionId>v</VersionId><ETag>"e"</ETag><Size>3</Size></Object>
      <Quiet>true</Quiet>
    </Delete>""".encode()

    assert read_delete(body) == (
        (Doomed(" a & b "), Doomed("c", "v", '"e"', None, "3")),
        True,
    )


@given(
    st.lists(
        st.builds(
            Doomed,
            TEXTS.filter(key_is_fine),
            version_id=st.none() | st.sampled_from(["null", "3/L4kqtJlcp+r", "v-1_2.3~=+:"]),
            etag=OPTIONAL,
            last_modified=OPTIONAL,
            size=OPTIONAL,
        ),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
)
def test_a_document_that_is_written_is_read_again(objects: list[Doomed], quiet: bool) -> None:
    assert read_delete(write_delete(objects, quiet=quiet)) == (tuple(objects), quiet)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MissingRequestBodyError"),
        (b"<Delete/>", "MalformedXML"),
        (b"<Delete><Object/></Delete>", "MalformedXML"),
        (b"<Delete><Object><Key></Key></Object></Delete>", "MalformedXML"),
        (b"<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>", "MalformedXML"),
        (b"<Delete><Object><Key>a<b/></Key></Object></Delete>", "MalformedXML"),
        (b"<Delete><Object><Key>a</Key><Other/></Object></Delete>", "MalformedXML"),
        (b"<Delete><Other/><Object><Key>a</Key></Object></Delete>", "MalformedXML"),
        (b"<Delete><Object><Key>a</Key></Object><Quiet>perhaps</Quiet></Delete>", "MalformedXML"),
        (b"<Delete>x<Object><Key>a</Key></Object></Delete>", "MalformedXML"),
        (b"<x:Delete xmlns:x='y'><x:Object/></x:Delete>", "MalformedXML"),
        (b"<Delete><x:Object xmlns:x='y'><Key>a</Key></x:Object></Delete>", "MalformedXML"),
        (b"<Remove><Object><Key>a</Key></Object></Remove>", "MalformedXML"),
        (b"<!DOCTYPE Delete><Delete><Object><Key>a</Key></Object></Delete>", "MalformedXML"),
        (b"<Delete><?x y?><Object><Key>a</Key></Object></Delete>", "MalformedXML"),
        (b"<Delete><Object><Key>&undefined;</Key></Object></Delete>", "MalformedXML"),
        (b"<Delete><Object><Key>a</Key></Object>", "MalformedXML"),
        (b"<Delete><Object><Key>\xff</Key></Object></Delete>", "MalformedXML"),
        ("<Delete><Object><Key>a</Key></Object></Delete>".encode("utf-16"), "MalformedXML"),
        ("<Delete><Object><Key>a</Key></Object></Delete>".encode("utf-16-le"), "MalformedXML"),
        ("<Delete><Object><Key>a</Key></Object></Delete>".encode("utf-16-be"), "MalformedXML"),
        ("<Delete><Object><Key>a</Key></Object></Delete>".encode("utf-32"), "MalformedXML"),
        (
            b'<?xml version="1.0" encoding="cp437"?><Delete><Object><Key>a</Key></Object></Delete>',
            "MalformedXML",
        ),
        (b"<Delete><Object><Key>a<!-- b -->c</Key></Object></Delete>", "MalformedXML"),
        (b"{}", "MalformedXML"),
        (b"<Delete><Object><Key>a/../b</Key></Object></Delete>", "InvalidURI"),
        (b"<Delete><Object><Key>/</Key></Object></Delete>", "InvalidURI"),
        (
            b"<Delete><Object><Key>a</Key><VersionId>../b</VersionId></Object></Delete>",
            "InvalidArgument",
        ),
        (b"<a>" * 100_000, "MalformedXML"),
    ],
)
def test_a_document_that_is_none_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(S3Error) as refused:
        read_delete(body)

    assert refused.value.code == code


def test_a_thousand_and_no_more() -> None:
    objects = [Doomed(f"k{number}") for number in range(1001)]

    assert len(read_delete(write_delete(objects[:1000], quiet=False)).objects) == 1000
    with pytest.raises(S3Error, match="not well-formed"):
        read_delete(write_delete(objects, quiet=False))


def test_a_document_has_bounds() -> None:
    with pytest.raises(S3Error, match="not well-formed"):
        read_delete(b"<Delete>" + b" " * (2 << 20) + b"</Delete>")


def test_each_object_is_decided_about_by_itself() -> None:
    head = Head(
        "POST", b"/lab-bucket", b"delete", ((b"x-amz-bypass-governance-retention", b"true"),)
    )
    request = understand(head)
    found = delete_questions(Doomed("a//b", "v", '"e"'), request, head, around=AROUND)

    assert [(question.action, question.resource[13:]) for question in found] == [
        ("s3:DeleteObjectVersion", "lab-bucket/a//b"),
        ("s3:DeleteObjectVersion", "lab-bucket/a/b"),
        ("s3:BypassGovernanceRetention", "lab-bucket/a//b"),
        ("s3:BypassGovernanceRetention", "lab-bucket/a/b"),
    ]
    assert found[0].context == {"s3:VersionId": "v"}
    (current,) = delete_questions(
        Doomed("a", None, '"e"'),
        understand(Head("POST", b"/lab-bucket", b"delete", ())),
        head,
        around=AROUND,
    )
    assert (current.action, current.context) == ("s3:DeleteObject", {"s3:if-match": '"e"'})


def test_the_result_names_what_was_spared() -> None:
    upstream = (
        f'<DeleteResult xmlns="{NAMESPACE}"><Deleted><Key>a</Key><VersionId>v</VersionId></Deleted>'
        "<Error><Key>b</Key><Code>InternalError</Code><Message>x</Message></Error></DeleteResult>"
    )
    merged = merge_delete_result(
        upstream.encode(), [Spared("c<d"), Spared("e", "v", "AccessDenied", "why & how")]
    )

    assert merged.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<DeleteResult xmlns="{NAMESPACE}"><Deleted><Key>a</Key><VersionId>v</VersionId></Deleted>'
        "<Error><Key>b</Key><Code>InternalError</Code><Message>x</Message></Error>"
        "<Error><Key>c&lt;d</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        "<Error><Key>e</Key><VersionId>v</VersionId><Code>AccessDenied</Code>"
        "<Message>why &amp; how</Message></Error></DeleteResult>"
    )


def test_where_nothing_is_allowed_nothing_is_asked_of_the_upstream() -> None:
    assert b"<Error><Key>a</Key>" in merge_delete_result(None, [Spared("a")])


@pytest.mark.parametrize("body", [b"", b"<Error/>", b"{}", b"<DeleteResult>", b"<html></html>"])
def test_an_answer_that_is_none_is_no_success(body: bytes) -> None:
    with pytest.raises(S3Error) as refused:
        merge_delete_result(body, [])

    assert refused.value.code == "InternalError"


def copying(*headers: tuple[bytes, bytes], source: bytes = b"other-bucket/x") -> list[str]:
    head = Head("PUT", b"/lab-bucket/a", b"", ((b"x-amz-copy-source", source), *headers))
    found = questions_if_tagged(understand(head), head, around=AROUND)
    return [f"{question.action} {question.resource[13:]}" for question in found]


def test_a_copy_takes_tags_along() -> None:
    assert copying() == ["s3:GetObjectTagging other-bucket/x", "s3:PutObjectTagging lab-bucket/a"]
    assert copying(source=b"other-bucket/x?versionId=v") == [
        "s3:GetObjectVersionTagging other-bucket/x",
        "s3:PutObjectTagging lab-bucket/a",
    ]


def test_a_copy_that_replaces_tags_takes_none_along() -> None:
    assert copying((b"x-amz-tagging-directive", b"REPLACE")) == []
    assert copying((b"x-amz-tagging-directive", b"COPY")) != []


def test_other_operations_copy_no_tags() -> None:
    head = Head("PUT", b"/lab-bucket/a", b"", ())
    assert questions_if_tagged(understand(head), head, around=AROUND) == ()


@pytest.mark.parametrize(
    ("line", "body", "code"),
    [
        (
            "PUT /lab-bucket",
            b"<CreateBucketConfiguration><Bucket/></CreateBucketConfiguration>",
            "NotImplemented",
        ),
        (
            "PUT /lab-bucket",
            b"<CreateBucketConfiguration><Other/></CreateBucketConfiguration>",
            "MalformedXML",
        ),
        ("PUT /lab-bucket", b"<Other/>", "MalformedXML"),
        (
            "POST /lab-bucket/a?restore",
            b"<RestoreRequest><Type>SELECT</Type></RestoreRequest>",
            "NotImplemented",
        ),
        (
            "POST /lab-bucket/a?restore",
            b"<RestoreRequest><OutputLocation><S3/></OutputLocation></RestoreRequest>",
            "NotImplemented",
        ),
        ("PUT /lab-bucket/a?tagging", b"", "MissingRequestBodyError"),
        (
            "PUT /lab-bucket/a?tagging",
            b"<Tagging><TagSet><Tag><Key>a</Key></Tag><Tag><Key>a</Key></Tag></TagSet></Tagging>",
            "InvalidTag",
        ),
        (
            "PUT /lab-bucket/a?tagging",
            b"<Tagging><TagSet><Tag><Key></Key></Tag></TagSet></Tagging>",
            "InvalidTag",
        ),
        (
            "PUT /lab-bucket/a?tagging",
            b"<Tagging><TagSet>"
            + b"".join(b"<Tag><Key>%d</Key></Tag>" % n for n in range(11))
            + b"</TagSet></Tagging>",
            "BadRequest",
        ),
        (
            "PUT /lab-bucket/a?retention",
            b"<Retention><EventHold>ON</EventHold></Retention>",
            "MalformedXML",
        ),
    ],
)
def test_a_body_that_decides_is_the_operations_own(line: str, body: bytes, code: str) -> None:
    method, _, target = line.partition(" ")
    path, _, query = target.partition("?")
    head = Head(method, path.encode(), query.encode(), ())

    with pytest.raises(S3Error) as refused:
        questions(understand(head), head, body, around=AROUND)
    assert refused.value.code == code
