"""Claims that AWS gives a meaning to: allowed roles, session tags, source identity.

Sentences are AWS's where one was observed; where none was, AWS's nearest stands in and the
reason says the rest. Anything that is not exactly as AWS documents it is refused.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from valetkey.oidc.errors import NOT_VALIDATED, Check, TokenRefused
from valetkey.oidc.strictjson import Json, json_type, quoted
from valetkey.oidc.verify import Claims

ROLES_CLAIM = "https://aws.amazon.com/roles"
TAGS_CLAIM = "https://aws.amazon.com/tags"
SOURCE_IDENTITY_CLAIM = "https://aws.amazon.com/source_identity"

MAX_TAGS = 50

# No colon in the path or name: `…role/a,arn:aws:iam::…:role/b` is not a role, it is two.
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)
_SOURCE_IDENTITY = re.compile(r"[\w+=,.@-]{2,256}", re.ASCII)
_MAX_TAG_KEY = 128
_MAX_TAG_VALUE = 256
_TAG_SIGNS = frozenset("_.:/=+-@")

_BAD_TAGS = "Session tags passed in claim are not in correct format."
_BAD_PRINCIPAL_TAGS = "principal_tags passed in claim is not in correct format."
_BAD_TRANSITIVE = "transitive_tag_keys passed in claim is not in correct format."
_DUPLICATE_TAGS = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
_TRANSITIVE_NOT_A_TAG = "The specified transitive tag key must be included in the requested tags."


class SessionTags(NamedTuple):
    """Session tags that a token carries: key to value, and the keys that survive chaining."""

    tags: Mapping[str, str]
    transitive: tuple[str, ...]


def roles_claim(verified: Claims) -> tuple[str, ...] | None:
    """Return the role ARNs that the issuer allows, or None where the token does not say.

    A string is a list split at semicolons. Entries that are no role ARN are skipped, but one
    must remain. Raises TokenRefused.
    """
    claim = verified.claims.get(ROLES_CLAIM)
    if claim is None:
        return None
    if isinstance(claim, str):
        entries: list[Json] = [*claim.split(";")]
    elif isinstance(claim, list):
        entries = claim
    else:
        raise TokenRefused(
            Check.ROLES,
            "The roles claim is not in a supported format",
            reason=f"`{ROLES_CLAIM}` is {json_type(claim)}, not a string or an array",
        )
    stripped = (entry.strip() for entry in entries if isinstance(entry, str))
    roles = tuple(entry for entry in stripped if _ROLE_ARN.fullmatch(entry))
    if not roles:
        raise TokenRefused(
            Check.ROLES,
            "The roles claim contains no valid role ARNs",
            reason=f"`{ROLES_CLAIM}` is {quoted(claim)}",
        )
    return roles


def check_role(verified: Claims, role_arn: str) -> bool:
    """Return whether the issuer authorised this role, for `sts:RoleAuthorizedByIdp`.

    False means that the token does not say; a token that says otherwise raises TokenRefused,
    before and whatever the role's trust policy says.
    """
    roles = roles_claim(verified)
    if roles is None:
        return False
    if role_arn not in roles:
        raise TokenRefused(
            Check.ROLES,
            "The target role ARN is not present in the roles claim of the identity token",
            reason=f"the issuer allows {', '.join(map(quoted, roles))}, not {quoted(role_arn)}",
        )
    return True


def session_tags(verified: Claims) -> SessionTags:
    """Return the session tags of a token, in either of AWS's two forms; none is none.

    Nested: `{"principal_tags": {"K": ["v"]}, "transitive_tag_keys": ["K"]}`. Flattened:
    `…/tags/principal_tags/K` with a plain string. Raises TokenRefused.
    """
    tags: dict[str, str] = {}
    folded: set[str] = set()
    transitive: list[str] = []
    for name, claim in verified.claims.items():
        if not name.startswith(TAGS_CLAIM):
            continue
        for key, value in _tags(name, claim):
            if key.casefold() in folded:
                raise _bad(_DUPLICATE_TAGS, f"the tag {quoted(key)} is there twice")
            folded.add(key.casefold())
            tags[key] = value
        transitive.extend(_transitive(name, claim))
    if len(tags) > MAX_TAGS:
        raise _bad(_BAD_PRINCIPAL_TAGS, f"there are {len(tags)} tags, more than {MAX_TAGS}")
    for key in transitive:
        if key.casefold() not in folded:
            raise _bad(_TRANSITIVE_NOT_A_TAG, f"there is no tag {quoted(key)}")
    return SessionTags(tags, tuple(dict.fromkeys(transitive)))


def source_identity(verified: Claims) -> str | None:
    """Return the source identity that a token carries, or None. Raises TokenRefused."""
    if SOURCE_IDENTITY_CLAIM not in verified.claims:
        return None
    value = verified.claims[SOURCE_IDENTITY_CLAIM]
    # `aws:` as a beginning is reserved; no colon at all is allowed, so it can't occur.
    if not isinstance(value, str) or not _SOURCE_IDENTITY.fullmatch(value):
        raise TokenRefused(
            Check.SOURCE_IDENTITY,
            NOT_VALIDATED,
            reason=f"`{SOURCE_IDENTITY_CLAIM}` is {quoted(value)}",
            help="a source identity has 2 to 256 characters of `A-Z a-z 0-9 _ + = , . @ -`",
        )
    return value


_PRINCIPAL = f"{TAGS_CLAIM}/principal_tags/"
_TRANSITIVE = f"{TAGS_CLAIM}/transitive_tag_keys"
_NESTED = frozenset({"principal_tags", "transitive_tag_keys"})


def _tags(name: str, claim: Json) -> Iterator[tuple[str, str]]:
    """Yield the tags of one claim of the family."""
    if name == TAGS_CLAIM:
        principal = _nested(claim).get("principal_tags", {})
        if not isinstance(principal, dict):
            raise _bad(_BAD_PRINCIPAL_TAGS, f"`principal_tags` is {json_type(principal)}")
        for key, values in principal.items():
            if not isinstance(values, list) or len(values) != 1:
                reason = f"the tag {quoted(key)} is not an array of one string"
                raise _bad(_BAD_PRINCIPAL_TAGS, reason)
            yield _tag(key, values[0])
    elif name.startswith(_PRINCIPAL):
        yield _tag(name.removeprefix(_PRINCIPAL), claim)
    elif name != _TRANSITIVE:
        raise _bad(_BAD_TAGS, f"the claim {quoted(name)} is unknown")


def _transitive(name: str, claim: Json) -> list[str]:
    """Return the transitive tag keys of one claim of the family."""
    if name == TAGS_CLAIM:
        keys = _nested(claim).get("transitive_tag_keys", [])
    elif name == _TRANSITIVE:
        keys = claim
    else:
        return []
    strings = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    if not isinstance(keys, list) or len(strings) != len(keys):
        raise _bad(_BAD_TRANSITIVE, "`transitive_tag_keys` is not an array of strings")
    return strings


def _nested(claim: Json) -> Mapping[str, Json]:
    if not isinstance(claim, dict):
        raise _bad(_BAD_TAGS, f"`{TAGS_CLAIM}` is {json_type(claim)}, not an object")
    unknown = sorted(claim.keys() - _NESTED)
    if unknown:
        raise _bad(_BAD_TAGS, f"`{TAGS_CLAIM}` has the unknown member {quoted(unknown[0])}")
    return claim


def _tag(key: str, value: Json) -> tuple[str, str]:
    if not 1 <= len(key) <= _MAX_TAG_KEY or not _is_tag_text(key) or key.casefold()[:4] == "aws:":
        raise _bad(_BAD_PRINCIPAL_TAGS, f"{quoted(key)} can't be the key of a tag")
    if not isinstance(value, str) or len(value) > _MAX_TAG_VALUE or not _is_tag_text(value):
        raise _bad(_BAD_PRINCIPAL_TAGS, f"{quoted(value)} can't be the value of a tag")
    return key, value


def _is_tag_text(text: str) -> bool:
    r"""Return whether a text is of AWS's characters for tags, ``[\p{L}\p{Z}\p{N}_.:/=+\-@]*``."""
    return all(c in _TAG_SIGNS or unicodedata.category(c)[0] in "LZN" for c in text)


def _bad(message: str, reason: str) -> TokenRefused:
    return TokenRefused(
        Check.TAGS,
        message,
        reason=reason,
        help=f"at most {MAX_TAGS} tags, keys of 1 to {_MAX_TAG_KEY} characters, "
        f"values of at most {_MAX_TAG_VALUE}",
    )
