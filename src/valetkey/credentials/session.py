"""A session: temporary credentials, and all that later requests need to know of their holder."""

from enum import StrEnum

from msgspec import Struct

from valetkey.arn import sts_arn
from valetkey.errors import AwsError


class SessionKind(StrEnum):
    """What a session speaks for; the values of ``aws:PrincipalType`` differ, see AWS's list."""

    ROLE = "role"
    FEDERATED = "federated"
    USER = "user"


class ExpiredSession(AwsError):
    """The session's time is over."""

    refusal = True

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            "ExpiredToken",
            "The security token included in the request is expired",
            403,
            reason=reason,
            help="assume the role again",
        )


class Session(Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """Temporary credentials with everything that was decided when they were handed out.

    It travels sealed in the session token; the server keeps none. In the token fields stand by
    place: new ones go to the end, with a default. A server that finds fields it does not know
    refuses the token, as one of them may hold a limit.

    ``kind`` says who the session speaks for and how ``principal_id`` and ``name`` are read:

    ========= ==================================== ================= ===================
    kind      principal_arn                        principal_id      name
    ========= ==================================== ================= ===================
    role      the role's ARN, with its path        ``AROA…``         role session name
    federated the ARN of the user who asked        ``AIDA…``         federated user name
    user      the user's own ARN, with its path    ``AIDA…``         user name
    ========= ==================================== ================= ===================

    Times are seconds since 1970. ``session_policies`` are the documents of inline session
    policies and ``session_policy_arns`` those of managed ones; where both are None there is no
    session policy, and an empty ``session_policies`` is one that allows nothing. ``operation``
    is how the session was obtained (``AssumeRoleWithWebIdentity``), ``parent`` the access key
    id of the caller that obtained it, if it had one. ``provider``, ``issuer`` and
    ``token_sha256`` say which token opened it. ``context`` holds the condition values that
    persist: ``HOST:sub``, ``valetkey:claim/NAME``, ``aws:FederatedProvider`` and so on.
    """

    access_key_id: str
    secret_key: str
    account: str
    kind: SessionKind
    principal_arn: str
    principal_id: str
    name: str
    issued_at: float
    expires_at: float
    operation: str
    parent: str | None = None
    session_policies: tuple[str, ...] | None = None
    session_policy_arns: tuple[str, ...] | None = None
    tags: dict[str, str] = {}
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str | None = None
    provider: str | None = None
    issuer: str | None = None
    token_sha256: str | None = None
    mfa_at: float | None = None
    context: dict[str, str | tuple[str, ...]] = {}

    def __repr__(self) -> str:
        # The secret key may not reach a log by accident.
        return f"Session({self.access_key_id!r}, {self.arn!r}, expires_at={self.expires_at!r})"

    @property
    def arn(self) -> str:
        """Return the ARN that ``GetCallerIdentity`` answers and resource policies may name."""
        match self.kind:
            case SessionKind.ROLE:
                role_name = self.principal_arn.rsplit("/", 1)[-1]
                return sts_arn(self.account, f"assumed-role/{role_name}/{self.name}")
            case SessionKind.FEDERATED:
                return sts_arn(self.account, f"federated-user/{self.name}")
            case SessionKind.USER:
                return self.principal_arn

    @property
    def user_id(self) -> str:
        """Return the value of ``aws:userid``, which is ``UserId`` of ``GetCallerIdentity``."""
        match self.kind:
            case SessionKind.ROLE:
                return f"{self.principal_id}:{self.name}"
            case SessionKind.FEDERATED:
                return f"{self.account}:{self.name}"
            case SessionKind.USER:
                return self.principal_id

    @property
    def has_session_policy(self) -> bool:
        """Return whether the session is limited by policies passed when it was obtained."""
        return self.session_policies is not None or self.session_policy_arns is not None


def check_fresh(session: Session, now: float) -> None:
    """Raise :class:`ExpiredSession` (``ExpiredToken``, 403) once the session's time is over."""
    if not now < session.expires_at:
        raise ExpiredSession(
            reason=f"session of `{session.arn}` ended {now - session.expires_at:.0f} s ago"
        )
