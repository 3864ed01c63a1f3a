"""An upstream as the settings tell it: what the gateway forwards to, and with whose credentials."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class UpstreamSettings(Struct, frozen=True, kw_only=True):
    """A table ``[upstreams.NAME]``. Names are those of the TOML file; no secret stands in it."""

    endpoint: Annotated[
        str,
        Meta(
            description="Its origin, such as `https://s3.example:8443`. `http` is for loopback and"
            " private networks."
        ),
    ]
    service: Annotated[
        str,
        Meta(description="The service that it offers, as signatures name it: `s3`, `ec2`, `sqs`."),
    ] = "s3"
    region: Annotated[
        str | None,
        Meta(
            description="The region that requests are signed for, by clients and for it; `*` where"
            " clients may name any. Without it, the setting `region`."
        ),
    ] = None
    buckets: Annotated[
        tuple[str, ...],
        Meta(
            description="Names of the buckets that it holds; `*` and `?` are wildcards. Among"
            " several upstreams, the first by account and name is meant."
        ),
    ] = ("*",)
    account: Annotated[
        str | None,
        Meta(
            description="The account that owns what it holds; without it, the home's only account."
        ),
    ] = None
    accounts: Annotated[tuple[str, ...], Meta(description="Further accounts that it serves.")] = ()
    path_style: Annotated[
        bool,
        Meta(
            description="Whether a bucket's name stands in the path, not before the host; every"
            " store can do that."
        ),
    ] = True
    payload: Annotated[
        Literal["unsigned", "hashed", "chunked"],
        Meta(
            description="How bodies are signed for it. `unsigned`: not at all, which `https`"
            " protects. `hashed`: by their hash, where it is known before. `chunked`: chunk by"
            " chunk."
        ),
    ] = "unsigned"
    trailers: Annotated[
        bool, Meta(description="Whether it understands checksums that come after the body.")
    ] = False
    features: Annotated[
        Literal["all", "basic"],
        Meta(
            description="What it knows of S3. `basic`: plain objects, so that whatever else it"
            " would overlook, such as conditional writes or tags, is refused in its place."
        ),
    ] = "all"
    ca_file: Annotated[
        str | None,
        Meta(description="PEM file with the certificates to trust instead of the system's."),
    ] = None
    access_key_id: Annotated[
        str | None,
        Meta(
            description="The access key id to sign with; its secret comes from a file or the"
            " environment."
        ),
    ] = None
    secret_access_key_file: Annotated[
        str | None, Meta(description="File that holds the secret key and nothing else.")
    ] = None
    secret_access_key_env: Annotated[
        str | None, Meta(description="Environment variable that holds the secret key.")
    ] = None
    role_arn: Annotated[
        str | None,
        Meta(description="Role to assume for credentials that expire, at `sts_endpoint`."),
    ] = None
    sts_endpoint: Annotated[
        str | None, Meta(description="The origin of the STS that knows the role.")
    ] = None
    web_identity_token_file: Annotated[
        str | None,
        Meta(
            description="File with the ID token to assume the role with, read each time; no key is"
            " stored then."
        ),
    ] = None
    external_id: Annotated[
        str | None, Meta(description="The external id that the role's trust policy asks for.")
    ] = None
    session_name: Annotated[
        str | None, Meta(description="The name of the role's session; without it, `valetkey`.")
    ] = None
