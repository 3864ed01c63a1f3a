"""``valetkey upstream list``: upstreams and owned buckets, without anything secret."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from valetkey.cli.options import home_option
from valetkey.cli.upstream_home import opened, warn

if TYPE_CHECKING:
    from valetkey.store import BucketRecord, UpstreamRecord

_KINDS = ("upstream", "bucket")
_ENOUGH_HIDDEN = 8


@click.command("list", short_help="List the upstreams, and the buckets with an owner.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@home_option
def list_upstreams(home: str | None, *, as_json: bool) -> None:
    """List the upstreams, and the buckets that have an owner or a policy of their own.

    Of an access key id the last four signs are shown; secrets never.
    """
    with opened(home) as (_, store, _ring):
        directory = store.directory()
    upstreams = [_upstream(one) for one in directory.upstreams]
    records = sorted(directory.upstreams.buckets(), key=lambda one: one.name)
    buckets = [_bucket(one) for one in records]
    problems = [problem for problem in directory.problems if problem.kind in _KINDS]
    if as_json:
        said = [f"{one.kind} {one.key}: {one.message}" for one in problems]
        listed = {"upstreams": upstreams, "buckets": buckets, "problems": said}
        click.echo(json.dumps(listed, indent=2))
        return
    for upstream in upstreams:
        click.echo("\n".join(_lines(upstream)))
    for bucket in buckets:
        click.echo(_line(bucket))
    if not upstreams:
        click.echo("there is no upstream; add one with: valetkey upstream add", err=True)
    for problem in problems:
        first, *rest = problem.diagnostics()
        warn([replace(first, message=f"{problem.kind} `{problem.key}`: {first.message}"), *rest])


def _upstream(record: "UpstreamRecord") -> dict[str, Any]:
    from valetkey.clock import iso8601

    return {
        "name": record.name,
        "account": record.account,
        "service": record.service,
        "endpoint": record.endpoint,
        "region": record.region,
        "created": iso8601(record.created),
        "configured": record.configured,
        "credentials": _credentials(record),
        "buckets": list(record.buckets) if record.service == "s3" else [],
        "accounts": list(record.accounts),
        "path_style": record.path_style,
        "payload": record.payload,
        "trailers": record.trailers,
        "features": record.features,
        "own_ca": record.ca_pem is not None,
    }


def _credentials(record: "UpstreamRecord") -> dict[str, Any]:
    key = None if record.keys is None else _ending(record.keys.access_key_id)
    if record.role is None:
        return {"kind": "none"} if key is None else {"kind": "access-key", "key_ends": key}
    role = {"role_arn": record.role.role_arn, "sts_endpoint": record.role.sts_endpoint}
    if record.role.token_file is not None:
        return {"kind": "web-identity", **role, "token_file": record.role.token_file}
    return {"kind": "assumed-role", **role, "key_ends": key}


def _ending(key_id: str) -> str:
    return key_id[-4:] if len(key_id) >= _ENOUGH_HIDDEN else ""


def _bucket(record: "BucketRecord") -> dict[str, Any]:
    return {
        "name": record.name,
        "owner": record.owner,
        "upstream": record.upstream,
        "upstream_account": record.upstream_account,
        "region": record.region,
        "policy": record.policy is not None,
    }


def _lines(upstream: dict[str, Any]) -> Iterator[str]:
    where = "the settings file" if upstream["configured"] else "upstream add"
    yield f"{upstream['name']} (account {upstream['account']}, from {where})"
    yield f"  endpoint     {upstream['service']} at {upstream['endpoint']}, {upstream['region']}"
    yield f"  credentials  {_words(upstream['credentials'])}"
    if upstream["buckets"]:
        style = "in the path" if upstream["path_style"] else "before the host"
        yield f"  buckets      {' '.join(upstream['buckets'])} ({style})"
        trailers = ", trailers understood" if upstream["trailers"] else ""
        yield f"  bodies       {upstream['payload']}{trailers}"
        if upstream["features"] != "all":
            yield "  features     basic: all but plain objects is refused"
    if upstream["accounts"]:
        yield f"  serves too   {' '.join(upstream['accounts'])}"
    if upstream["own_ca"]:
        yield "  trusts       its own CA only"


def _words(credentials: dict[str, Any]) -> str:
    match credentials["kind"]:
        case "none":
            return "none: requests go on unsigned"
        case "access-key":
            return f"access key …{credentials['key_ends']}"
        case "web-identity":
            return f"{credentials['role_arn']} with the token in {credentials['token_file']}"
        case _:
            return f"{credentials['role_arn']} with access key …{credentials['key_ends']}"


def _line(bucket: dict[str, Any]) -> str:
    policy = ", with a policy" if bucket["policy"] else ""
    return f"bucket {bucket['name']} in {bucket['upstream']}: account {bucket['owner']}{policy}"
