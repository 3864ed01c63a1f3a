"""A probe of an upstream: run, shown as it goes, and judged by what the upstream is set to."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from valetkey.credentials import KeyRing, open_secret_key
from valetkey.gateway.upstream import UpstreamLimits, Upstreams
from valetkey.gateway.upstream.probe import Advice, ProbeStep, advice, probe
from valetkey.outbound import GuardedClient
from valetkey.settings import Settings
from valetkey.store import UpstreamRecord

_SIGNS: Final = {True: "yes", False: "no", None: "-"}
_ALWAYS: Final = ("reachable", "credentials", "bucket", "clean up")
_WAYS: Final = {"unsigned": "put", "hashed": "put with its hash", "chunked": "signed chunks"}
_TRAILERS: Final = {"unsigned": "unsigned trailer", "chunked": "signed trailer"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a probe has shown of an upstream."""

    record: UpstreamRecord
    steps: Sequence[ProbeStep]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the steps that failed and that the gateway needs for it as it is set."""
        needed = {*_ALWAYS, _WAYS[self.record.payload]}
        if self.record.trailers:
            needed.add(_TRAILERS.get(self.record.payload, ""))
        return tuple(step.name for step in self.steps if step.ok is False and step.name in needed)

    @property
    def usable(self) -> bool:
        """Tell whether the upstream can be used as it is set."""
        return not self.missing

    @property
    def advice(self) -> Advice | None:
        """Return the settings that fit; None where bodies were not tried."""
        tried = {step.name for step in self.steps}
        return advice(self.steps) if _WAYS["unsigned"] in tried else None

    @property
    def fitting(self) -> str:
        """Return the options that fit better than what is set, and why; empty where none do."""
        best = self.advice
        record = self.record
        if best is None or best.payload is None:
            return ""
        set_to = (record.payload, record.trailers, record.features)
        if (best.payload, best.trailers, best.features) == set_to:
            return ""
        trailers = " --trailers" if best.trailers else ""
        if best.features == "all":
            return f"--payload {best.payload}{trailers} ({best.why})"
        overlooks = "it overlooks parts of requests"
        return f"--payload {best.payload}{trailers} --features basic ({best.why}; {overlooks})"

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "upstream": self.record.name,
            "account": self.record.account,
            "usable": self.usable,
            "missing": list(self.missing),
            "steps": [step._asdict() for step in self.steps],
            "advice": None if self.advice is None else self.advice._asdict(),
        }


async def run_probe(
    record: UpstreamRecord, ring: KeyRing, settings: Settings, bucket: str | None, *, quiet: bool
) -> Report:
    """Probe an upstream, and print each step as it is known unless ``quiet``."""
    client = GuardedClient()
    upstreams = Upstreams(
        client,
        lambda keys: open_secret_key(keys.sealed_secret, keys.access_key_id, ring),
        limits=UpstreamLimits(
            connect_seconds=settings.gateway_connect_seconds,
            idle_seconds=settings.gateway_idle_seconds,
        ),
    )
    steps = []
    try:
        async for step in probe(upstreams, record, client, secrets.token_bytes, bucket=bucket):
            steps.append(step)
            if not quiet:
                click.echo(_line(step))
    finally:
        await upstreams.close()
    return Report(record, steps)


def _line(step: ProbeStep) -> str:
    return f"{_SIGNS[step.ok]:<4} {step.name:<17} {step.detail}"
