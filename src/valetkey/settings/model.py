"""The settings: one list with type, bounds, default and what each is for.

``docs/settings.md`` is made from this list.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from valetkey.settings.upstream import UpstreamSettings


class Settings(Struct, frozen=True, kw_only=True):
    """How the server runs. Names are those of the TOML file."""

    listen: Annotated[
        str, Meta(description="Address and port to serve on; an IPv6 address in brackets.")
    ] = "127.0.0.1:8080"
    workers: Annotated[
        int, Meta(ge=1, le=256, description="Worker processes; any of them serves any request.")
    ] = 1
    tls_cert: Annotated[
        str | None, Meta(description="PEM file with the server's certificate chain.")
    ] = None
    tls_key: Annotated[
        str | None, Meta(description="PEM file with the private key of that certificate.")
    ] = None
    region: Annotated[str, Meta(description="Region for requests that name none.")] = "us-east-1"

    audit: Annotated[
        Literal["batched", "fail-closed"],
        Meta(
            description="`batched`: the decision log is at most 50 ms behind the answers."
            " `fail-closed`: an answer waits until its record is on disk, and is refused if it"
            " can't be written."
        ),
    ] = "batched"
    audit_retention_days: Annotated[
        int, Meta(ge=1, le=36500, description="How long decisions are kept.")
    ] = 90

    clock_leeway_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=900,
            description="How far a token's times may be off our clock, either way; AWS allows 300.",
        ),
    ] = 300
    max_token_bytes: Annotated[
        int,
        Meta(ge=4, le=20_000, description="Longest web identity token; AWS takes 20,000."),
    ] = 20_000
    max_body_bytes: Annotated[
        int,
        Meta(
            ge=1024,
            le=67_108_864,
            description="Longest body of an IAM, STS or Secrets Manager request.",
        ),
    ] = 1_048_576
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks whose `X-Forwarded-For` is believed; without any,"
            " the address of the peer is the caller's."
        ),
    ] = ()

    required_trust_claims: Annotated[
        dict[str, tuple[str, ...]],
        Meta(
            description="Claims that a trust policy must test, by issuer: CreateRole and"
            " UpdateAssumeRolePolicy refuse one that trusts the issuer and does not look at every"
            " one of them. For issuers that many share, as AWS does by itself for gitlab.com and"
            " others."
        ),
    ] = {}

    allowed_private_origins: Annotated[
        tuple[str, ...],
        Meta(
            description="Exact origins (`https://gitlab.internal`, `https://10.0.0.7:8443`) that"
            " may be fetched though their addresses are not public."
        ),
    ] = ()
    allow_loopback_issuers: Annotated[
        bool,
        Meta(
            description="Whether an issuer may live on this machine, also with `http://`; for"
            " trying things out."
        ),
    ] = False
    fetch_timeout_seconds: Annotated[
        float,
        Meta(gt=0, le=60, description="Longest wait for an issuer's document, all in all."),
    ] = 5.0
    max_fetch_bytes: Annotated[
        int,
        Meta(ge=1024, le=67_108_864, description="Longest document taken from an issuer."),
    ] = 1_048_576
    jwks_cooldown_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=3600,
            description="An issuer's keys are fetched at most once in this time, however many"
            " tokens name unknown keys.",
        ),
    ] = 10
    jwks_fresh_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=86_400,
            description="Fetched keys are used without asking again for this long, or as long as"
            " the issuer's `Cache-Control` says if that is shorter.",
        ),
    ] = 3600
    jwks_stale_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=604_800,
            description="Fetched keys are kept for this long while the issuer can't be reached.",
        ),
    ] = 86_400

    upstreams: Annotated[
        dict[str, UpstreamSettings],
        Meta(
            description="What the gateway forwards to, by name: stores, and any other AWS-shaped"
            " endpoint."
        ),
    ] = {}
    s3_domains: Annotated[
        tuple[str, ...],
        Meta(
            description="Domains under which a bucket's name stands before the host, as in"
            " `photos.s3.example`; everywhere else it stands in the path."
        ),
    ] = ("localhost",)
    authorize_from: Annotated[
        tuple[str, ...],
        Meta(
            description="Addresses or networks of the front proxies that may ask"
            " `/_valetkey/authorize`; its answers hold signatures for the upstream."
        ),
    ] = ("127.0.0.1/32", "::1/128")
    gateway_connect_seconds: Annotated[
        float, Meta(gt=0, le=300, description="Longest wait for a connection to an upstream.")
    ] = 5.0
    gateway_idle_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=3600,
            description="Longest silence of an upstream, or of a client, in the midst of a"
            " transfer.",
        ),
    ] = 60.0
