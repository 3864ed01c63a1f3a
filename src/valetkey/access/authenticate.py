"""A signature becomes a caller, or a refusal with AWS's words."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from valetkey.access.caller import Caller, CallerKind
from valetkey.credentials import (
    KeyRing,
    SealBroken,
    Session,
    SessionCache,
    SessionKind,
    open_secret_key,
)
from valetkey.errors import AwsError
from valetkey.policy import Requester
from valetkey.sigv4 import (
    HttpRequest,
    Signature,
    SigningKeyCache,
    VerifiedSignature,
    verify_signature,
)
from valetkey.store import AccessKey, Directory, UserRecord

FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class CredentialKeys:
    """What credentials are opened with: the key ring, and what may be remembered of its work."""

    ring: KeyRing
    sessions: SessionCache
    signing_keys: SigningKeyCache


class InvalidCredentials(AwsError):
    """The access key or session token is not one of ours, or is no longer."""

    refusal = True

    def __init__(self, reason: str, *, help: str | None = None) -> None:
        super().__init__(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            FORBIDDEN,
            reason=reason,
            help=help,
        )


class Authenticated(NamedTuple):
    """Who signed, and the proof of it, which a body that comes later is held to."""

    caller: Caller
    proof: VerifiedSignature


def authenticate(
    request: HttpRequest,
    signature: Signature,
    *,
    directory: Directory,
    keys: CredentialKeys,
    now: float,
    service: str,
) -> Caller:
    """Return who signed the request and its body, for the service that it was routed to.

    Raises :class:`InvalidCredentials` for a key or session token that is not (or no longer) one
    of ours, ``ExpiredToken`` for an old session, and the refusals of ``sigv4``.
    """
    return authenticate_head(
        request,
        signature,
        directory=directory,
        keys=keys,
        now=now,
        service=service,
        body="whole",
    ).caller


def authenticate_head(
    request: HttpRequest,
    signature: Signature,
    *,
    directory: Directory,
    keys: CredentialKeys,
    now: float,
    service: str,
    body: Literal["whole", "stream"] = "stream",
) -> Authenticated:
    """Return who signed the request, with the proof that its body is still to be held to.

    Raises as :func:`authenticate` does.
    """
    caller, secret = signer(signature, directory=directory, keys=keys, now=now)
    proof = verify_signature(
        request,
        signature,
        secret_key=secret,
        now=now,
        keys=keys.signing_keys,
        service=service,
        body=body,
    )
    return Authenticated(caller, proof)


def signer(
    signature: Signature, *, directory: Directory, keys: CredentialKeys, now: float
) -> tuple[Caller, str]:
    """Return whom a signature claims to be from, unproven, with the secret key to prove it by.

    Raises :class:`InvalidCredentials` and ``ExpiredToken``.
    """
    if signature.session_token is not None:
        session = keys.sessions.open(
            signature.session_token, keys.ring, now=now, access_key_id=signature.access_key_id
        )
        return _session_caller(session, directory), session.secret_key
    user, key = _user_key(signature.access_key_id, directory)
    return _user_caller(user, key), _open_secret(key, keys.ring)


def _user_key(access_key_id: str, directory: Directory) -> tuple[UserRecord, AccessKey]:
    found = directory.user_of_key(access_key_id)
    if found is None:
        raise InvalidCredentials(f"there is no access key `{access_key_id}`")
    if not found[1].active:
        raise InvalidCredentials(
            f"access key `{access_key_id}` is inactive",
            help="activate it with `aws iam update-access-key --status Active`",
        )
    return found


def _open_secret(key: AccessKey, ring: KeyRing) -> str:
    try:
        return open_secret_key(key.sealed_secret, key.id, ring)
    except SealBroken as broken:
        raise InvalidCredentials(
            f"the secret of access key `{key.id}` does not open under the key ring",
            help="restore the key ring that belongs to this database",
        ) from broken


def _user_caller(user: UserRecord, key: AccessKey) -> Caller:
    return Caller(
        kind=CallerKind.USER,
        account=user.account,
        arn=user.arn,
        user_id=user.id,
        access_key_id=key.id,
        requester=Requester("AWS", (user.arn,), user.account, (user.id,)),
        user=user,
    )


def _session_caller(session: Session, directory: Directory) -> Caller:
    role = directory.role_of_arn(session.principal_arn)
    # A role that was deleted and made again is another principal, although its name is the same.
    if session.kind is not SessionKind.ROLE or role is None or role.id != session.principal_id:
        raise InvalidCredentials(f"the principal of session `{session.arn}` is gone")
    return Caller(
        kind=CallerKind.ROLE_SESSION,
        account=session.account,
        arn=session.arn,
        user_id=session.user_id,
        access_key_id=session.access_key_id,
        requester=Requester("AWS", (session.arn, role.arn), session.account, (role.id,)),
        role=role,
        session=session,
    )
