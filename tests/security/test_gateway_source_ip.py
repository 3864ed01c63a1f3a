"""Where a request comes from is told by its connection, and by nothing that it says.

Elsewhere: `aws:SourceIp` was read from `X-Forwarded-For`.
"""

import pytest

from gateway.matrix.plans import Auth
from gateway.matrix.serving import Bench
from gateway.matrix.signing import Wire
from support.gateway_guarded import (
    CLOSED,
    nothing_reached,
    permit,
    put_bucket,
    record_of,
    request,
    statement,
)

INSIDE, OUTSIDE = "10.1.2.3", "203.0.113.9"
FROM_INSIDE = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
SPOOFS = (
    ("x-forwarded-for", INSIDE),
    ("x-forwarded-for", f"{OUTSIDE}, {INSIDE}"),
    ("x-real-ip", INSIDE),
    ("forwarded", f"for={INSIDE}"),
    ("x-client-ip", INSIDE),
    ("true-client-ip", INSIDE),
    ("cf-connecting-ip", INSIDE),
    ("x-cluster-client-ip", INSIDE),
    ("x-envoy-external-address", INSIDE),
    ("x-original-forwarded-for", INSIDE),
)


async def check(bench: Bench, made: list[Wire], peer: str, status: int) -> None:
    for wire in made:
        bench.upstream.seen.clear()
        said = await bench.ask(wire, peer=peer)
        assert said.status == status, (wire.headers, said)
        assert record_of(bench, said).source_ip == peer
        assert nothing_reached(bench) is (status != 200)


def spoofed(bench: Bench, auth: Auth) -> list[Wire]:
    """Return requests that say they are from inside, in headers signed and not."""
    path = f"/{CLOSED}/key"
    made = [request(bench, "GET", path, auth=auth, headers=[spoof]) for spoof in SPOOFS]
    for spoof in SPOOFS:
        wire = request(bench, "GET", path, auth=auth)
        wire.headers.append(spoof)
        made.append(wire)
    return [*made, request(bench, "GET", path, auth=auth)]


@pytest.mark.parametrize("auth", [Auth.HEADER, Auth.QUERY])
async def test_a_policy_about_addresses_is_not_passed_by_a_header(bench: Bench, auth: Auth):
    put_bucket(bench, name=CLOSED)
    await permit(bench, {**statement("s3:*", "*"), "Condition": FROM_INSIDE})
    await check(bench, spoofed(bench, auth), OUTSIDE, 403)
    await check(bench, spoofed(bench, auth), INSIDE, 200)


async def test_nor_is_a_bucket_policy_for_strangers(bench: Bench):
    put_bucket(
        bench, {**statement("s3:GetObject", f"{CLOSED}/*"), "Condition": FROM_INSIDE}, name=CLOSED
    )
    await check(bench, spoofed(bench, Auth.NEITHER), OUTSIDE, 403)
    await check(bench, spoofed(bench, Auth.NEITHER), INSIDE, 200)


async def test_nor_a_bucket_policy_that_denies_the_rest(bench: Bench):
    await permit(bench, statement("s3:*", "*"))
    condition = {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    deny = {**statement("s3:*", f"{CLOSED}/*", effect="Deny"), "Condition": condition}
    put_bucket(bench, deny, name=CLOSED)
    await check(bench, spoofed(bench, Auth.HEADER), OUTSIDE, 403)
    await check(bench, spoofed(bench, Auth.HEADER), INSIDE, 200)


async def test_nor_is_the_transport_what_a_header_says(bench: Bench):
    """The bench's connections are of TLS: what says otherwise is not believed either."""
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    await permit(bench, {**statement("s3:*", "*"), "Condition": condition})
    put_bucket(bench, name=CLOSED)
    for header in (("x-forwarded-proto", "http"), ("x-forwarded-scheme", "http")):
        wire = request(bench, "GET", f"/{CLOSED}/key", headers=[header])
        assert (await bench.ask(wire)).short == "403 AccessDenied"
    assert nothing_reached(bench)
