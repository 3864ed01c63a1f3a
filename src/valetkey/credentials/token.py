"""Session tokens: the session itself, sealed, so that any replica can open it."""

import binascii

import msgspec

from valetkey.credentials.identifiers import Random
from valetkey.credentials.keyring import OVERHEAD, KeyRing, SealBroken
from valetkey.credentials.session import Session
from valetkey.errors import AwsError

MAX_TOKEN_SIZE = 16_384
"""The longest session token, in characters: common HTTP servers take headers up to this."""

_PURPOSE = "session"
_FORMAT = b"1"
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[Session, bytes])


class InvalidSessionToken(AwsError):
    """The token is not one that this server sealed, or not one for this access key."""

    refusal = True

    def __init__(self, *, reason: str, help: str | None = None) -> None:
        super().__init__(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            403,
            reason=reason,
            help=help,
        )


class SessionTooLarge(AwsError):
    """Session policies, tags and claims do not fit in a token."""

    def __init__(self, size: int) -> None:
        super().__init__(
            "PackedPolicyTooLarge",
            f"The session token size of {size} bytes exceeds the maximum of "
            f"{MAX_TOKEN_SIZE} bytes.",
            400,
            reason=f"the session token has {size} bytes, wanted at most {MAX_TOKEN_SIZE}",
            help="pass shorter session policies or fewer session tags",
        )


def seal_session(session: Session, ring: KeyRing, random: Random, *, minimum_size: int = 0) -> str:
    """Return the session token, in base64 of the standard alphabet.

    ``minimum_size`` is STS's ``MinimumSessionTokenSize``: the token has at least that many
    characters. It is not compressed, as lengths would then tell of the content. Raises
    :class:`SessionTooLarge` (``PackedPolicyTooLarge``, 400).
    """
    wanted = -(-minimum_size // 4) * 3 - OVERHEAD
    plain = _ENCODER.encode((session, b""))
    if len(plain) < wanted:
        plain = _ENCODER.encode((session, bytes(wanted - len(plain))))
    sealed = ring.seal(_PURPOSE, plain, _FORMAT, random)
    token = binascii.b2a_base64(sealed, newline=False).decode("ascii")
    if len(token) > MAX_TOKEN_SIZE:
        raise SessionTooLarge(len(token))
    return token


def open_session(token: str, ring: KeyRing, *, access_key_id: str | None = None) -> Session:
    """Return the session in a token; that its time is not over is for the caller to check.

    ``access_key_id`` is the key that the request is signed with: a token is good for its own
    key only. Raises :class:`InvalidSessionToken` (``InvalidClientTokenId``, 403).
    """
    sealed = _decoded(token)
    try:
        plain = ring.open(_PURPOSE, sealed, _FORMAT)
    except SealBroken as broken:
        raise InvalidSessionToken(reason=broken.message, help=broken.help) from None
    try:
        session, _ = _DECODER.decode(plain)
    except msgspec.DecodeError:
        raise InvalidSessionToken(
            reason="the session token was sealed by a release with other fields",
            help="upgrade all replicas, then obtain the session again",
        ) from None
    check_access_key(session, access_key_id)
    return session


def check_access_key(session: Session, access_key_id: str | None) -> None:
    """Raise :class:`InvalidSessionToken` where the request names another key than its token."""
    if access_key_id is not None and access_key_id != session.access_key_id:
        raise InvalidSessionToken(
            reason=f"the session token belongs to `{session.access_key_id}`, "
            f"the request is signed with `{access_key_id}`",
            help="set access key id, secret key and session token from one and the same answer",
        )


def _decoded(token: str) -> bytes:
    if len(token) <= MAX_TOKEN_SIZE:
        try:
            sealed = binascii.a2b_base64(token, strict_mode=True)
        except ValueError:
            sealed = b""
        # Defensive: one session, one token. Base64 has spare bits that could be set otherwise.
        if sealed and binascii.b2a_base64(sealed, newline=False) == token.encode("ascii"):
            return sealed
    raise InvalidSessionToken(
        reason="the session token is not base64 as this server writes it",
        help="look for a line break or a cut in the session token",
    )
