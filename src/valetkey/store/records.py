"""What is kept: one immutable value an entity, as stored and as read by requests.

Each record names its kind, its account and its key; all else is the entity's own. Times are
seconds since 1970. Secrets stand in here sealed only.
"""

from typing import ClassVar, Literal

from msgspec import Struct

from valetkey.arn import iam_arn

AWS_ACCOUNT = "aws"
"""The account in the ARNs of AWS's managed policies."""


class Record(
    Struct,
    frozen=True,
    kw_only=True,
    # Written into every body, so that one type's is never read as another's.
    tag_field="type",
    tag=lambda name: name.removesuffix("Record").lower(),
):
    """An entity: ``kind`` is its table word, ``account`` its owner, ``key`` its name in there."""

    kind: ClassVar[str]
    account: str

    @property
    def key(self) -> str:
        """Return the name that is unique in the account, among records of this kind."""
        raise TypeError(f"{type(self).__name__} has no key")

    @classmethod
    def key_of(cls, name: str) -> str:
        """Return the key that a name stands for; where names have no case, its lower case."""
        return name


class AccountRecord(Record, frozen=True, kw_only=True):
    """An AWS account; its 12-digit id is ``account``."""

    kind: ClassVar[str] = "account"
    created: float
    alias: str | None = None

    @property
    def key(self) -> str:
        """Return the empty name: there is one account record an account."""
        return ""


class ProviderRecord(Record, frozen=True, kw_only=True):
    """An IAM OIDC provider: ``url`` with its scheme, exactly as the issuer writes itself."""

    kind: ClassVar[str] = "provider"
    url: str
    client_ids: tuple[str, ...]
    thumbprints: tuple[str, ...]
    created: float
    tags: dict[str, str] = {}

    @property
    def key(self) -> str:
        """Return the URL without its scheme, as in the ARN and in condition keys."""
        return self.url.split("://", 1)[-1]

    @property
    def arn(self) -> str:
        """Return the provider's ARN."""
        return iam_arn(self.account, f"oidc-provider/{self.key}")


class NamedRecord(Record, frozen=True, kw_only=True):
    """What IAM's roles, users and managed policies have alike.

    ``id`` (AROA…, AIDA…, ANPA…) is what tells an entity from an earlier one of the same name.
    """

    name: str
    path: str
    id: str
    created: float

    @property
    def key(self) -> str:
        """Return the name in lower case: IAM's names are unique without regard to case."""
        return self.key_of(self.name)

    @classmethod
    def key_of(cls, name: str) -> str:
        """Return the name in lower case."""
        return name.lower()

    @property
    def arn(self) -> str:
        """Return the entity's ARN."""
        return iam_arn(self.account, f"{self.kind}{self.path}{self.name}")


class RoleRecord(NamedRecord, frozen=True, kw_only=True):
    """An IAM role."""

    kind: ClassVar[str] = "role"
    trust_policy: str
    description: str | None = None
    max_session_duration: int = 3600
    permissions_boundary: str | None = None
    inline_policies: dict[str, str] = {}
    attached_policies: tuple[str, ...] = ()
    tags: dict[str, str] = {}


class PolicyVersion(Struct, frozen=True, kw_only=True):
    """A version (``v1``, ``v2``, …) of a managed policy."""

    id: str
    document: str
    created: float


class PolicyRecord(NamedRecord, frozen=True, kw_only=True):
    """A managed policy; AWS's own stand in account ``aws``."""

    kind: ClassVar[str] = "policy"
    versions: tuple[PolicyVersion, ...]
    default_version: str
    updated: float
    last_version: int = 1
    description: str | None = None
    tags: dict[str, str] = {}

    @property
    def document(self) -> str:
        """Return the document of the default version."""
        return next(v.document for v in self.versions if v.id == self.default_version)


class AccessKey(Struct, frozen=True, kw_only=True):
    """A user's long-term key (AKIA…); the secret key is sealed under the key ring."""

    id: str
    sealed_secret: bytes
    active: bool
    created: float


class UserRecord(NamedRecord, frozen=True, kw_only=True):
    """An IAM user."""

    kind: ClassVar[str] = "user"
    permissions_boundary: str | None = None
    inline_policies: dict[str, str] = {}
    attached_policies: tuple[str, ...] = ()
    tags: dict[str, str] = {}
    access_keys: tuple[AccessKey, ...] = ()


class SecretVersion(Struct, frozen=True, kw_only=True):
    """A version of a secret: its value sealed under the key ring, and its staging labels."""

    id: str
    sealed_value: bytes
    binary: bool
    stages: tuple[str, ...]
    created: float


class SecretRecord(Record, frozen=True, kw_only=True):
    """A Secrets Manager secret; ``suffix`` is the six characters after the name in its ARN."""

    kind: ClassVar[str] = "secret"
    region: str
    name: str
    suffix: str
    versions: tuple[SecretVersion, ...]
    created: float
    changed: float
    description: str | None = None
    kms_key_id: str | None = None
    resource_policy: str | None = None
    tags: dict[str, str] = {}
    deleted: float | None = None
    purge_after: float | None = None

    @property
    def key(self) -> str:
        """Return region and name: secrets live in a region, and their names have case."""
        return f"{self.region}/{self.name}"

    @property
    def arn(self) -> str:
        """Return the secret's ARN."""
        return (
            f"arn:aws:secretsmanager:{self.region}:{self.account}:secret:{self.name}-{self.suffix}"
        )


class UpstreamKeys(Struct, frozen=True, kw_only=True):
    """Long-term credentials for an upstream; the secret key is sealed under the key ring."""

    access_key_id: str
    sealed_secret: bytes


class UpstreamRole(Struct, frozen=True, kw_only=True):
    """A role that is assumed at an STS for credentials that expire.

    With ``token_file`` by AssumeRoleWithWebIdentity, with the token that the file holds then;
    else by AssumeRole, signed with the upstream's ``keys``.
    """

    role_arn: str
    sts_endpoint: str
    session_name: str = "valetkey"
    token_file: str | None = None
    external_id: str | None = None


class UpstreamRecord(Record, frozen=True, kw_only=True):
    """What the gateway forwards to. ``account`` owns what the upstream holds.

    ``service`` is the name in a signature's scope (``s3``, ``ec2``), ``endpoint`` an origin.
    ``buckets`` are globs of the bucket names that it serves, ``accounts`` further accounts that
    may reach it. Without ``keys`` and ``role`` requests go on unsigned. ``payload`` says how
    bodies are signed for it, ``trailers`` that it understands checksum trailers. ``features`` are
    ``basic`` for a store that overlooks what is no plain object. ``configured`` ones come from the
    configuration file, and go when they no longer stand there.
    """

    kind: ClassVar[str] = "upstream"
    name: str
    service: str
    endpoint: str
    region: str
    created: float
    keys: UpstreamKeys | None = None
    role: UpstreamRole | None = None
    buckets: tuple[str, ...] = ("*",)
    accounts: tuple[str, ...] = ()
    path_style: bool = True
    payload: Literal["unsigned", "hashed", "chunked"] = "unsigned"
    trailers: bool = False
    features: Literal["all", "basic"] = "all"
    ca_pem: str | None = None
    configured: bool = False

    @property
    def key(self) -> str:
        """Return the name."""
        return self.name


class BucketRecord(Record, frozen=True, kw_only=True):
    """Who owns an S3 bucket, and its policy. Names are unique among all accounts.

    So ``account`` is that of the whole partition, and ``owner`` the account that the bucket
    belongs to. ``upstream_account`` and ``upstream`` name the upstream that holds it.
    """

    kind: ClassVar[str] = "bucket"
    name: str
    owner: str
    upstream_account: str
    upstream: str
    created: float
    region: str
    policy: str | None = None

    @property
    def key(self) -> str:
        """Return the name."""
        return self.name
