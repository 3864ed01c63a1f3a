"""Session tokens: sealed, whole, and good for their own key only."""

import base64
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.making import NOW, Counter, full_session, ring, session
from valetkey.credentials import (
    MAX_TOKEN_SIZE,
    ExpiredSession,
    InvalidSessionToken,
    SealBroken,
    Session,
    SessionCache,
    SessionKind,
    SessionTooLarge,
    check_fresh,
    open_secret_key,
    open_session,
    seal_secret_key,
    seal_session,
)

RING = ring()
TOKEN = seal_session(full_session(), RING, Counter())
MESSAGE = "The security token included in the request is invalid."


def refusal(token: str, **more: str) -> InvalidSessionToken:
    with pytest.raises(InvalidSessionToken) as refused:
        open_session(token, RING, **more)
    assert (refused.value.code, refused.value.status) == ("InvalidClientTokenId", 403)
    assert refused.value.message == MESSAGE
    assert refused.value.refusal
    return refused.value


@pytest.mark.parametrize("made", [session(), full_session()], ids=["least", "full"])
def test_round_trip(made: Session) -> None:
    token = seal_session(made, RING, Counter())
    assert open_session(token, RING) == made
    assert open_session(token, RING, access_key_id=made.access_key_id) == made


texts = st.text(st.characters(codec="utf-8"), max_size=10)


sessions = st.fixed_dictionaries(
    {
        "name": texts,
        "tags": st.dictionaries(texts, texts, max_size=3),
        "session_policies": st.none() | st.lists(texts, max_size=2).map(tuple),
        "context": st.dictionaries(
            texts, texts | st.lists(texts, max_size=2).map(tuple), max_size=3
        ),
        "kind": st.sampled_from(SessionKind),
    }
)


@given(sessions, st.integers(0, 4096))
def test_round_trip_of_any(fields, minimum_size) -> None:
    made = session(**fields)
    token = seal_session(made, RING, Counter(), minimum_size=minimum_size)
    assert open_session(token, RING) == made
    assert len(token) >= minimum_size


def test_token_is_base64_and_tells_nothing() -> None:
    assert set(TOKEN) <= set(string.ascii_letters + string.digits + "+/=")
    sealed = base64.b64decode(TOKEN, validate=True)
    for known in (b"canary", b"deploy", b"lanterns", b"ASIA", b"gitlab"):
        assert known not in sealed


@pytest.mark.parametrize("minimum_size", [0, 1, 1000, 2000, 4095, 4096])
def test_minimum_size(minimum_size: int) -> None:
    plain = len(seal_session(session(), RING, Counter()))
    size = len(seal_session(session(), RING, Counter(), minimum_size=minimum_size))
    assert max(plain, minimum_size) <= size <= max(plain, minimum_size) + 8


@given(index=st.integers(0, 10_000), letter=st.sampled_from(string.ascii_letters + "+/=\n "))
def test_changed_letter(index: int, letter: str) -> None:
    index %= len(TOKEN)
    changed = TOKEN[:index] + letter + TOKEN[index + 1 :]
    if changed != TOKEN:
        refusal(changed)


def test_every_bit_counts() -> None:
    """Base64 has spare bits at its end: setting them must not make a second token."""
    for name in ("a", "ab", "abc"):
        token = seal_session(session(name=name), RING, Counter())
        stem, last = token.rstrip("=")[:-1], token.rstrip("=")[-1]
        padding = token[len(stem) + 1 :]
        for letter in string.ascii_letters + string.digits + "+/":
            if letter != last:
                refusal(stem + letter + padding)


@pytest.mark.parametrize(
    "size", [0, 1, 3, 4, 40, 64, len(TOKEN) // 2, len(TOKEN) - 4, len(TOKEN) - 1]
)
def test_cut(size: int) -> None:
    refusal(TOKEN[:size])


@pytest.mark.parametrize(
    "token",
    [
        f"{TOKEN}\n",
        f" {TOKEN}",
        TOKEN + "=",
        TOKEN + TOKEN,
        TOKEN.replace("+", "-").replace("/", "_"),
        "é" * 100,
        "\ud800",
        "A" * (MAX_TOKEN_SIZE + 4),
        "A" * 10_000_000,
        "eyJhbGciOiJub25lIn0.e30.",
        "",
    ],
    ids=lambda token: f"{len(token)} {token[:12]!r}".encode("ascii", "replace").decode(),
)
def test_rubbish(token: str) -> None:
    refusal(token)


def test_other_purpose() -> None:
    """Each purpose has a key of its own: what was sealed for another is no session token."""
    plain = msgspec.msgpack.encode((full_session(), b""))
    for purpose in ("secret", "access-key", "console"):
        sealed = RING.seal(purpose, plain, b"1", Counter())
        refusal(base64.b64encode(sealed).decode())


def test_session_token_opens_nothing_else() -> None:
    sealed = base64.b64decode(TOKEN)
    for purpose in ("secret", "access-key", "console"):
        with pytest.raises(SealBroken):
            RING.open(purpose, sealed, b"1")


def test_another_servers_token() -> None:
    foreign = seal_session(full_session(), ring("another"), Counter())
    assert "is not in the ring" in (refusal(foreign).reason or "")


def test_token_of_another_key() -> None:
    refused = refusal(TOKEN, access_key_id="ASIAOTHER")
    assert "ASIAOTHER" in (refused.reason or "")


def test_token_with_fields_of_a_later_release() -> None:
    """One of them may hold a limit that this release would not keep."""
    fields = [*msgspec.to_builtins(full_session()), "new"]
    sealed = RING.seal("session", msgspec.msgpack.encode((fields, b"")), b"1", Counter())
    assert "release" in (refusal(base64.b64encode(sealed).decode()).reason or "")


def test_token_of_an_earlier_release() -> None:
    """New fields stand at the end and have defaults, so that old tokens stay good."""
    fields = msgspec.to_builtins(session())[:10]
    sealed = RING.seal("session", msgspec.msgpack.encode((fields, b"")), b"1", Counter())
    assert open_session(base64.b64encode(sealed).decode(), RING) == session()


@pytest.mark.parametrize("plain", [b"", b"\xc0", b"\x92\x90\xc4\x00", b"\x91" * 50_000])
def test_sealed_rubbish(plain: bytes) -> None:
    sealed = RING.seal("session", plain, b"1", Counter())
    refusal(base64.b64encode(sealed[:12000]).decode())


def test_too_large() -> None:
    with pytest.raises(SessionTooLarge) as refused:
        seal_session(session(tags={"a": "b" * MAX_TOKEN_SIZE}), RING, Counter())
    assert (refused.value.code, refused.value.status) == ("PackedPolicyTooLarge", 400)


@pytest.mark.parametrize(("age", "fresh"), [(0, True), (3599.9, True), (3600, False), (9e9, False)])
def test_freshness(age: float, fresh: bool) -> None:
    if fresh:
        check_fresh(session(), NOW + age)
        assert SessionCache().open(seal_session(session(), RING, Counter()), RING, now=NOW + age)
        return
    with pytest.raises(ExpiredSession) as refused:
        check_fresh(session(), NOW + age)
    assert (refused.value.code, refused.value.status) == ("ExpiredToken", 403)
    assert refused.value.message == "The security token included in the request is expired"


@pytest.mark.parametrize(
    ("kind", "arn", "user_id"),
    [
        (
            SessionKind.ROLE,
            "arn:aws:sts::400000000019:assumed-role/deploy/job-42",
            "AROAWZIA2Q4JTAAAAAAAA:job-42",
        ),
        (
            SessionKind.FEDERATED,
            "arn:aws:sts::400000000019:federated-user/job-42",
            "400000000019:job-42",
        ),
        (
            SessionKind.USER,
            "arn:aws:iam::400000000019:role/ci/deploy",
            "AROAWZIA2Q4JTAAAAAAAA",
        ),
    ],
)
def test_names(kind: SessionKind, arn: str, user_id: str) -> None:
    made = session(kind=kind)
    assert (made.arn, made.user_id) == (arn, user_id)


def test_session_policy_of_nothing_is_one() -> None:
    assert not session().has_session_policy
    assert session(session_policies=()).has_session_policy
    assert session(session_policy_arns=()).has_session_policy


def test_secrets_are_not_shown() -> None:
    assert "canary" not in repr(full_session())
    assert "canary" not in f"{full_session()}"
    assert "canary" not in repr([full_session()])


def test_secret_key_at_rest() -> None:
    sealed = seal_secret_key("secret/+", "AKIAONE", RING, Counter())
    assert b"secret" not in sealed
    assert open_secret_key(sealed, "AKIAONE", RING) == "secret/+"
    with pytest.raises(SealBroken):
        open_secret_key(sealed, "AKIATWO", RING)
