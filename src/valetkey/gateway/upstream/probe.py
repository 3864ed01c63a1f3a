"""What an upstream can do, found out by doing it: what ``valetkey upstream test`` prints.

Everything is tried with the upstream's own credentials, in a bucket that is given or in one that
is made for it and removed again; what was written is taken away at the end, come what may.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from typing import Final, Literal, NamedTuple

from msgspec.structs import replace

from valetkey.clock import Clock, system_clock
from valetkey.errors import AwsError
from valetkey.gateway.upstream.probe_bench import Bench, Lacking, NotTried, Step
from valetkey.gateway.upstream.probe_steps import BUCKET_STEPS, clean_up, open_bucket
from valetkey.gateway.upstream.upstreams import Upstreams
from valetkey.outbound import GuardedClient, OutboundError
from valetkey.sigv4.request import S3
from valetkey.store import UpstreamRecord

RandomBytes = Callable[[int], bytes]
_FATAL: Final = frozenset(("reachable", "credentials", "bucket"))


class ProbeStep(NamedTuple):
    """One thing that was tried. ``ok`` is None where it was not; times are in seconds."""

    name: str
    ok: bool | None
    detail: str
    seconds: float


class Advice(NamedTuple):
    """The settings that fit an upstream, and why."""

    payload: Literal["unsigned", "hashed", "chunked"] | None
    trailers: bool
    why: str
    features: Literal["all", "basic"] = "all"


async def probe(
    upstreams: Upstreams,
    record: UpstreamRecord,
    client: GuardedClient,
    random: RandomBytes,
    *,
    bucket: str | None = None,
    clock: Clock = system_clock,
) -> AsyncGenerator[ProbeStep, None]:
    """Try an upstream, and yield each step's outcome as it is known.

    After a step that all others need, nothing more is tried. ``clock`` measures and signs.
    """
    name = bucket or f"valetkey-probe-{random(6).hex()}"
    bench = Bench(upstreams, client, record, clock, name, random(6).hex(), own=bucket is None)
    ways = [*_FIRST, *([("bucket", open_bucket), *BUCKET_STEPS] if record.service == S3 else ())]
    try:
        async with aclosing(_tried(bench, ways)) as outcomes:
            async for outcome in outcomes:
                yield outcome
    finally:
        if bench.opened:
            cleaned = await _try(bench, "clean up", clean_up)
    if bench.opened:
        yield cleaned


async def _tried(bench: Bench, ways: Iterable[tuple[str, Step]]) -> AsyncGenerator[ProbeStep, None]:
    for name, step in ways:
        outcome = await _try(bench, name, step)
        yield outcome
        if name in _FATAL and not outcome.ok:
            return


async def _try(bench: Bench, name: str, step: Step) -> ProbeStep:
    began = bench.clock()
    ok: bool | None
    try:
        ok, detail = True, await step(bench)
    except NotTried as why:
        ok, detail = None, str(why)
    except Lacking as lacking:
        ok, detail = False, str(lacking)
    except AwsError as failed:
        ok, detail = False, failed.reason or failed.message
    except OutboundError as failed:
        ok, detail = False, failed.message
    return ProbeStep(name, ok, detail, max(0.0, bench.clock() - began))


def advice(steps: Sequence[ProbeStep]) -> Advice:
    """Return the settings that fit what the steps have shown."""
    fits = _ways({step.name for step in steps if step.ok})
    failed = {step.name for step in steps if step.ok is False}
    return fits._replace(features="basic") if failed & _OVERLOOKED else fits


_OVERLOOKED: Final = frozenset(("conditional put", "tagging"))
"""What a store does wrongly that takes a request for less than it is."""


def _ways(works: AbstractSet[str]) -> Advice:
    trailers = "unsigned trailer" in works
    if "put" in works:
        return Advice("unsigned", trailers, "it takes bodies whose hash is not signed")
    if "signed chunks" in works:
        return Advice("chunked", "signed trailer" in works, "it takes bodies in signed chunks only")
    if "put with its hash" in works:
        return Advice("hashed", False, "it takes bodies whose hash is signed only")
    return Advice(None, False, "it takes no object in any way")


async def reachable(bench: Bench) -> str:
    """See that somebody answers, over TLS where the endpoint says so."""
    said = await bench.ask_raw(replace(bench.record, keys=None, role=None), "GET", b"/")
    secure = "over TLS, " if bench.record.endpoint.startswith("https:") else ""
    return f"{secure}answers {said.status} to a request without a signature"


async def credentials(bench: Bench) -> str:
    """See that there are credentials to be had."""
    found = await bench.upstreams.credentials(bench.record)
    if found is None:
        return "none: requests go unsigned"
    assumed = "" if bench.record.role is None else f" of role `{bench.record.role.role_arn}`"
    return f"access key `{found.access_key_id}`{assumed}"


_FIRST: Final = (("reachable", reachable), ("credentials", credentials))
