"""Who a request is from, after authentication."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from valetkey.credentials import Session
from valetkey.policy import Requester
from valetkey.store import RoleRecord, UserRecord


class CallerKind(StrEnum):
    """What kind of credentials signed, as ``aws:PrincipalType`` spells it."""

    USER = "User"
    ROLE_SESSION = "AssumedRole"
    ANONYMOUS = "Anonymous"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated principal, which only ``authenticate`` builds, or nobody: ``ANONYMOUS``.

    ``arn`` and ``user_id`` are what GetCallerIdentity answers: the user's, or the role
    session's (``arn:aws:sts::…:assumed-role/ROLE/SESSION``, ``AROA…:SESSION``).
    """

    kind: CallerKind
    account: str
    arn: str
    user_id: str
    access_key_id: str
    requester: Requester
    user: UserRecord | None = None
    role: RoleRecord | None = None
    session: Session | None = None

    @property
    def principal_arn(self) -> str:
        """Return ``aws:PrincipalArn``: the user's ARN, or the role's, not the session's."""
        return self.role.arn if self.role else self.arn

    @property
    def tags(self) -> dict[str, str]:
        """Return the principal's tags; a session tag overrides the role's tag of that key."""
        if self.user:
            return self.user.tags
        tags = dict(self.role.tags) if self.role else {}
        if self.session:
            session_keys = {key.casefold() for key in self.session.tags}
            tags = {k: v for k, v in tags.items() if k.casefold() not in session_keys}
            tags.update(self.session.tags)
        return tags


ANONYMOUS: Final = Caller(
    kind=CallerKind.ANONYMOUS,
    account="",
    arn="",
    user_id="anonymous",
    access_key_id="",
    requester=Requester("Anonymous", (), None),
)
"""Whoever sent an unsigned request: only a resource's own policy can allow them anything."""
