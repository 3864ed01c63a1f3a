"""A session's key, secret and token, made and sealed."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from valetkey.api.operation import Call
from valetkey.api.sts.shapes import AssumedRoleUser, Credentials
from valetkey.credentials import (
    MAX_TOKEN_SIZE,
    Session,
    SessionKind,
    new_access_key_id,
    new_secret_key,
    seal_session,
)
from valetkey.store import RoleRecord

DRAWN_BYTES = 128
"""More than a key id, a secret key, a salt and a nonce take; running dry raises."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a session of a role is to hold, once it has been granted."""

    role: RoleRecord
    session_name: str
    duration: int
    policies: tuple[str, ...] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tags: tuple[str, ...] = ()
    source_identity: str | None = None
    provider: str | None = None
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    minimum_token_size: int = 0


@dataclass(frozen=True, slots=True)
class Issued:
    """A session and its sealed token, as the AssumeRole calls answer them."""

    session: Session
    token: str

    @property
    def credentials(self) -> Credentials:
        """Return the ``Credentials`` member."""
        return {
            "AccessKeyId": self.session.access_key_id,
            "SecretAccessKey": self.session.secret_key,
            "SessionToken": self.token,
            "Expiration": self.session.expires_at,
        }

    @property
    def assumed_role_user(self) -> AssumedRoleUser:
        """Return the ``AssumedRoleUser`` member; the role's path is not part of its ARN."""
        return {"AssumedRoleId": self.session.user_id, "Arn": self.session.arn}

    @property
    def packed_size(self) -> int:
        """Return how many percent of the largest session token are used (PackedPolicySize)."""
        return -(-len(self.token) * 100 // MAX_TOKEN_SIZE)


def issue(call: Call, grant: Grant) -> Issued:
    """Make the credentials of a granted session.

    Nothing is kept: the token holds all of it, sealed, so that any replica can serve it.
    Raises ``PackedPolicyTooLarge`` where the token would be larger than clients accept.
    """
    random, role = _drawn_at_once(call.services.random), grant.role
    session = Session(
        access_key_id=new_access_key_id(role.account, random=random, prefix="ASIA"),
        secret_key=new_secret_key(random),
        account=role.account,
        kind=SessionKind.ROLE,
        principal_arn=role.arn,
        principal_id=role.id,
        name=grant.session_name,
        issued_at=int(call.now),
        expires_at=int(call.now) + grant.duration,
        operation=call.event.operation,
        parent=call.signed_by.access_key_id if call.signed_by else None,
        session_policies=grant.policies,
        tags=dict(grant.tags),
        transitive_tag_keys=grant.transitive_tags,
        source_identity=grant.source_identity,
        provider=grant.provider,
        issuer=call.event.issuer,
        token_sha256=call.event.token_sha256,
        context=dict(grant.context),
    )
    token = seal_session(
        session, call.services.keys.ring, random, minimum_size=grant.minimum_token_size
    )
    event = call.event
    event.issued_access_key_id = session.access_key_id
    event.session_name = session.name
    event.details["session_arn"] = session.arn
    event.details["expires_at"] = session.expires_at
    return Issued(session, token)


def _drawn_at_once(random: Callable[[int], bytes]) -> Callable[[int], bytes]:
    """Return a source that asks the system once for all that a session needs."""
    drawn = io.BytesIO(random(DRAWN_BYTES))
    return drawn.read
