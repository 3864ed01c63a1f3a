"""Whichever way a session comes to the gateway, the same judge decides.

Elsewhere: a bearer path left out the policy that the main path enforced.
"""

import itertools

from gateway.matrix.forms import FormCell, build_form, form
from gateway.matrix.plans import Auth, Mode
from gateway.matrix.serving import Bench
from gateway.matrix.signing import Wire
from support.edge import ACCOUNT
from support.gateway_guarded import (
    CLOSED,
    nothing_reached,
    permit,
    put_bucket,
    record_of,
    request,
    statement,
)

KEY = f"{CLOSED}/dir/of a form"
DOORS = ("header", "query", "header 4A", "query 4A", "form", "chunks")


def through(bench: Bench, door: str) -> Wire:
    """Return the upload of one object by one of the ways."""
    if door == "form":
        made = form(FormCell(Auth.NEITHER, fields=True, mode=Mode.ABSENT), bench.key)
        made.conditions[0], made.path = {"bucket": CLOSED}, f"/{CLOSED}"
        return build_form(made)
    path = f"/{KEY}".replace(" ", "%20")
    if door == "chunks":
        return request(
            bench,
            "PUT",
            path,
            payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            headers=[("x-amz-decoded-content-length", "1"), ("content-encoding", "aws-chunked")],
            body=b"1\r\nx\r\n0\r\n\r\n",
        )
    return request(bench, "PUT", path, auth=Auth(door), body=b"x")


TAGGED = {"StringEquals": {"aws:PrincipalTag/team": "other"}}
NOT_ENOUGH = (
    (),
    (statement("s3:GetObject", "*"),),
    (statement("s3:PutObject", f"{CLOSED}/other/*"),),
    (statement("s3:*", "*"), statement("s3:PutObject", KEY, effect="Deny")),
    ({**statement("s3:*", "*"), "Condition": TAGGED},),
)


async def test_every_door_refuses_alike(bench: Bench):
    put_bucket(bench, name=CLOSED)
    for statements, door in itertools.product(NOT_ENOUGH, DOORS):
        await permit(bench, *statements)
        said = await bench.ask(through(bench, door))
        assert said.short == "403 AccessDenied", (statements, door)
        record = record_of(bench, said)
        assert (record.check, record.action) == ("policy", "s3:PutObject"), door
        assert record.resource == f"arn:aws:s3:::{KEY}", door
        assert record.caller_arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/example/job", door
    assert nothing_reached(bench)


async def test_every_door_opens_to_whom_it_is_allowed(bench: Bench):
    put_bucket(bench, name=CLOSED)
    await permit(bench, statement("s3:PutObject", KEY))
    for door in DOORS:
        said = await bench.ask(through(bench, door))
        assert said.status in (200, 204), (door, said.body)
    assert [one.target for one in bench.upstream.seen] == [
        f"/{CLOSED}/dir/of%20a%20form".encode()
    ] * len(DOORS)


async def test_a_bucket_policy_that_denies_holds_at_every_door(bench: Bench):
    await permit(bench, statement("s3:*", "*"))
    put_bucket(bench, statement("s3:PutObject", f"{CLOSED}/*", effect="Deny"), name=CLOSED)
    for door in DOORS:
        said = await bench.ask(through(bench, door))
        assert said.short == "403 AccessDenied", door
    assert nothing_reached(bench)
