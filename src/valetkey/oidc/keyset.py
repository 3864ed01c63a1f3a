"""The keys of an issuer (RFC 7517, section 5), found by kid as AWS STS finds them."""

from collections.abc import Iterable, Mapping

from valetkey.oidc.errors import (
    NO_KEY,
    NOT_VALIDATED,
    Check,
    MalformedKeySet,
    TokenRefused,
    UnknownKey,
)
from valetkey.oidc.jwk import Key, Skip, SkippedKey, read_jwk
from valetkey.oidc.strictjson import NotStrictJson, load_json, quoted

MAX_KEYS = 2_000
MAX_KEYS_OF_A_KID = 4
"""How many keys of one kid are tried: rotation and double use need two, nothing needs many."""

# AWS finds these keys, and fails with them; all others are not there for it.
_FOUND_BY_AWS = frozenset({Skip.USE, Skip.KEY_OPS})


class KeySet:
    """An issuer's public keys: immutable, indexed by kid.

    ``skipped`` names the keys of the set that are not used and why; one of them never sinks the
    others.
    """

    __slots__ = ("_by_kid", "_skipped_by_kid", "keys", "skipped")

    def __init__(self, keys: Iterable[Key], skipped: Iterable[SkippedKey] = ()) -> None:
        by_kid: dict[str, tuple[Key, ...]] = {}
        repeated = []
        for key in keys:
            # The later key of a kid comes first: it is the one that AWS would use.
            tried = (key, *by_kid.get(key.kid, ()))
            by_kid[key.kid] = tried[:MAX_KEYS_OF_A_KID]
            if len(tried) > MAX_KEYS_OF_A_KID:
                repeated.append(SkippedKey(key.kid, "its kid is there too often", Skip.REPEATED))
        self._by_kid: Mapping[str, tuple[Key, ...]] = by_kid
        self.keys = tuple(key for same in by_kid.values() for key in reversed(same))
        self.skipped = (*skipped, *repeated)
        self._skipped_by_kid = {skip.kid: skip for skip in self.skipped}

    @classmethod
    def from_json(cls, body: bytes, *, max_keys: int = MAX_KEYS) -> "KeySet":
        """Read a JSON Web Key Set; raise MalformedKeySet where it is none."""
        try:
            document = load_json(body)
        except NotStrictJson as error:
            raise MalformedKeySet(f"the key set can't be read: {error}") from None
        members = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(members, list):
            raise MalformedKeySet("the key set has no array `keys`")
        if len(members) > max_keys:
            raise MalformedKeySet(f"the key set has {len(members)} keys, more than {max_keys}")
        read = [read_jwk(member) for member in members]
        return cls(
            (key for key in read if isinstance(key, Key)),
            (skip for skip in read if isinstance(skip, SkippedKey)),
        )

    def candidates(self, kid: str | None) -> tuple[Key, ...]:
        """Return the keys that a token with this kid may be signed with, at least one.

        A token without a kid means the only kid of the set, if it has but one. Raises
        UnknownKey where a newer set might help, TokenRefused where it would not.
        """
        if kid is None and len(self._by_kid) == 1:
            return next(iter(self._by_kid.values()))
        if not kid:
            raise TokenRefused(Check.KEY, NO_KEY, reason=self._why_kid_needed(kid))
        found = self._by_kid.get(kid)
        if found is not None:
            return found
        skip = self._skipped_by_kid.get(kid)
        if skip is None:
            raise UnknownKey(f"key {quoted(kid)} is not in the issuer's set{self._what_is()}")
        raise TokenRefused(
            Check.KEY,
            NOT_VALIDATED if skip.why in _FOUND_BY_AWS else NO_KEY,
            reason=f"key {quoted(kid)} is present but {skip.reason}",
        )

    def _why_kid_needed(self, kid: str | None) -> str:
        which = "no `kid`" if kid is None else "an empty `kid`"
        return f"the token's header has {which}, and the issuer's set holds {len(self.keys)} keys"

    def _what_is(self) -> str:
        kids = list(self._by_kid)
        shown = ", ".join(quoted(kid) for kid in kids[:5])
        return f"; it holds {shown}{' and others' if len(kids) > 5 else ''}" if kids else ""  # noqa: PLR2004 - as many as a line takes

    def __repr__(self) -> str:
        return f"KeySet({len(self.keys)} keys, {len(self.skipped)} skipped)"
