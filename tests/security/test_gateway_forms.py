"""A form is held to the policy in it, and whoever signed it to theirs.

Elsewhere: the conditions of a POST policy were not enforced. The matrix has a form with every
condition unmet; here is what a signer may not hand on, and what the fields may not smuggle in.
"""

from urllib.parse import unquote_to_bytes

import pytest

from gateway.matrix.forms import Form, FormCell, build_form, form
from gateway.matrix.plans import BUCKET, Auth, Mode
from gateway.matrix.serving import Bench
from support.gateway_guarded import (
    CLOSED,
    nothing_reached,
    permit,
    put_bucket,
    record_of,
    statement,
)

TAGGING = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
FORM = FormCell(Auth.NEITHER, fields=True, mode=Mode.ABSENT)


def upload(bench: Bench, key: str = "dir/key", **fields: str) -> Form:
    """Return a form into the closed bucket, each field allowed by its policy."""
    made = form(FORM, bench.key)
    made.path, made.conditions[0] = f"/{CLOSED}", {"bucket": CLOSED}
    made.fields = [("key", key), ("Content-Type", "text/plain"), *fields.items()]
    made.conditions += [["starts-with", f"${name}", ""] for name in fields]
    return made


async def test_a_form_gives_no_more_than_its_signer_has(bench: Bench):
    put_bucket(bench, name=CLOSED)
    await permit(bench, statement("s3:PutObject", f"{CLOSED}/dir/own/*"))
    said = await bench.ask(build_form(upload(bench, "dir/other/key")))
    assert said.short == "403 AccessDenied"
    assert record_of(bench, said).resource == f"arn:aws:s3:::{CLOSED}/dir/other/key"
    assert nothing_reached(bench)
    assert (await bench.ask(build_form(upload(bench, "dir/own/key")))).status == 204
    assert [one.target for one in bench.upstream.seen] == [f"/{CLOSED}/dir/own/key".encode()]


@pytest.mark.parametrize(
    ("fields", "action"),
    [
        ({"acl": "public-read"}, "s3:PutObjectAcl"),
        (
            {"x-amz-grant-read": 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'},
            "s3:PutObjectAcl",
        ),
        (
            {"tagging": TAGGING},
            "s3:PutObjectTagging",
        ),
        (
            {
                "x-amz-object-lock-mode": "GOVERNANCE",
                "x-amz-object-lock-retain-until-date": "2030-01-01T00:00:00Z",
            },
            "s3:PutObjectRetention",
        ),
        ({"x-amz-object-lock-legal-hold": "ON"}, "s3:PutObjectLegalHold"),
    ],
)
async def test_a_field_that_does_more_asks_for_more(
    bench: Bench, fields: dict[str, str], action: str
):
    put_bucket(bench, name=CLOSED)
    await permit(bench, statement("s3:PutObject", f"{CLOSED}/*"))
    said = await bench.ask(build_form(upload(bench, **fields)))
    assert said.short == "403 AccessDenied", said
    assert record_of(bench, said).action == action
    assert nothing_reached(bench)
    await permit(bench, statement(["s3:PutObject", action], f"{CLOSED}/*"))
    assert (await bench.ask(build_form(upload(bench, **fields)))).status == 204


NO_FIELDS = (
    *("x-amz-copy-source", "X-Amz-Copy-Source", "x-amz-copy-source-if-match"),
    *("authorization", "host", "content-length", "transfer-encoding", "x-amz-date"),
    *("x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer"),
    *("x-amz-bypass-governance-retention", "x-amz-rename-source", "x-forwarded-for"),
    *("uploadId", "versionId", "partNumber", "x-amz-metadata-directive"),
)


async def test_a_field_is_no_header_of_the_upload(bench: Bench):
    """What a form may not say ends in the gateway, or the form does."""
    for name in NO_FIELDS:
        bench.upstream.seen.clear()
        said = await bench.ask(build_form(upload(bench, **{name: f"/{BUCKET}/secret"})))
        if said.status == 204:
            (seen,) = bench.upstream.seen
            sent = b"\n".join((seen.line, *(value for _, value in seen.headers)))
            assert b"secret" not in sent, name
            assert seen.header(b"x-amz-copy-source") is None
            assert seen.target == f"/{CLOSED}/dir/key".encode()
        else:
            assert 400 <= said.status <= 501, (name, said)
            assert nothing_reached(bench), name


FILENAMES = (
    *('a"; filename="x', "../x", "dir/../../x", "a\\..\\..\\x", "..", "%2e%2e/x", "a/\x01b"),
)


async def test_the_files_name_leads_nowhere_else(bench: Bench):
    """The name that a browser says stands in for ``${filename}``: its last part alone."""
    put_bucket(bench, name=CLOSED)
    await permit(bench, statement("s3:PutObject", f"{CLOSED}/dir/own/*"))
    for name in FILENAMES:
        made = upload(bench, "dir/own/${filename}")
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        disposition = f'filename="{quoted}"'.encode()
        made.edit = lambda body, said=disposition: body.replace(b'filename="a.txt"', said)
        said = await bench.ask(build_form(made))
        assert said.status in (204, 400, 403), (name, said)
    assert len(bench.upstream.seen) >= 2
    for one in bench.upstream.seen:
        path = unquote_to_bytes(one.target)
        assert path.startswith(f"/{CLOSED}/dir/own/".encode())
        assert b".." not in path.replace(b"\\", b"/").split(b"/")


async def test_a_redirect_tells_nothing_secret(bench: Bench):
    made = upload(bench, success_action_redirect="https://app.example/done?x=1")
    said = await bench.ask(build_form(made))
    assert said.status == 303
    location = said.headers[b"location"]
    assert location.startswith(b"https://app.example/done?x=1&bucket=")
    for secret in (bench.key.secret, bench.key.token, bench.key.id):
        assert secret.encode() not in location


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("javascript:alert(1)", 204),
        ("//evil.example", 204),
        ("done", 204),
        # A line break is no part of a URL, and goes from this one as it does in a browser.
        ("https://a.example/\r\nSet-Cookie: a=b", 303),
    ],
)
async def test_a_redirect_is_a_url_or_none(bench: Bench, target: str, status: int):
    said = await bench.ask(build_form(upload(bench, success_action_redirect=target)))
    assert said.status == status
    assert b"set-cookie" not in {name.lower() for name in said.headers}
    assert not any({10, 13} & set(value) for value in said.headers.values())
