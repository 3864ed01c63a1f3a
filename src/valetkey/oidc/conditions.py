"""From claims to the values that policies compare with: every claim is a condition key.

`PROVIDER:claim`, where PROVIDER is the provider's URL without its scheme. Strings stand as they
are, numbers and booleans as their JSON text; an array has several values, of which objects and
arrays again stand as their JSON text, so that what belongs together stays together; an object's
members are reached by a dotted path. A null is as good as absent.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from valetkey.oidc.errors import NOT_VALIDATED, Check, TokenRefused
from valetkey.oidc.strictjson import Json, json_text, quoted
from valetkey.oidc.verify import Claims

Value = str | tuple[str, ...]
"""One value, or several: as policies tell them apart."""

CLAIM_PREFIX = "valetkey:claim/"

# Of AWS's making, not the token's: `aud` is the effective audience, `oaud` the token's own.
_DERIVED = frozenset({"aud", "oaud"})
_ALWAYS_SEVERAL = frozenset({"amr"})
_NOT_AS_IT_STANDS = frozenset({"aud"}) | _ALWAYS_SEVERAL
_PERSISTENT = ("sub", "aud", "amr")
# `8443:sub` of provider `HOST` would be the same condition key as `sub` of provider `HOST:8443`.
_LIKE_A_PORT = re.compile(r"^[0-9]+(?:/[^:\n]*)?:", re.MULTILINE)


def condition_values(values: Mapping[str, Value], provider_key: str) -> dict[str, Value]:
    """Return what a trust policy can compare: `PROVIDER:claim` to value, for every claim.

    ``values`` are those of :func:`claim_values`.
    """
    return {f"{provider_key}:{name}": value for name, value in values.items()}


def persistent_values(values: Mapping[str, Value], provider_key: str) -> dict[str, Value]:
    """Return what a session keeps of its token: AWS's three, and all as `valetkey:claim/NAME`.

    ``values`` are those of :func:`claim_values`.
    """
    kept = {f"{provider_key}:{name}": values[name] for name in _PERSISTENT if name in values}
    kept.update((CLAIM_PREFIX + name, value) for name, value in values.items())
    return kept


def claim_values(verified: Claims) -> dict[str, Value]:
    """Return every claim's values by the name that a condition key ends with.

    Names of condition keys ignore case, so `sub` and `SUB` in one token would be one key, and
    so would `a.b` and the member `b` of `a`. A policy could not tell whose value it got: such a
    token is refused, and so is one with a claim that reads as another provider's.
    """
    values: dict[str, Value] = {
        "aud": verified.audience,
        "oaud": _own_audience(verified.claims["aud"]),
    }
    count = len(values)
    for name, value in verified.claims.items():
        if type(value) is str and name not in _NOT_AS_IT_STANDS:
            values[name] = value
            count += 1
            continue
        for inner, text in _flat(verified, name, value):
            values[inner] = text
            count += 1
    if len(set(map(str.casefold, values))) != count:
        raise _ambiguous(verified)
    # One search for all of them: claims are many, and such names are not seen in honest tokens.
    if _LIKE_A_PORT.search("\n".join(values)):
        raise _foreign(values)
    return values


def _foreign(names: Iterable[str]) -> TokenRefused:
    culprit = next((name for name in names if _LIKE_A_PORT.search(name)), "")
    return TokenRefused(
        Check.CLAIM_NAMES,
        NOT_VALIDATED,
        reason=f"the claim {quoted(culprit)} makes a condition key of a provider with a port",
        help="the issuer must not send a claim whose name begins with a port and a colon",
    )


def _ambiguous(verified: Claims) -> TokenRefused:
    seen = set(_DERIVED)
    culprit = ""
    for name, value in verified.claims.items():
        for inner, _ in _flat(verified, name, value):
            if inner.casefold() in seen:
                culprit = culprit or inner
            seen.add(inner.casefold())
    return TokenRefused(
        Check.CLAIM_NAMES,
        NOT_VALIDATED,
        reason=f"the claim {quoted(culprit)} makes a condition key that is there already",
        help="names of condition keys ignore case; the issuer must not send both",
    )


def _flat(verified: Claims, name: str, value: Json) -> Iterator[tuple[str, Value]]:
    if name == "sub":
        yield name, verified.subject
    elif name != "aud":
        yield from _flat_value(name, value)


def _flat_value(name: str, value: Json) -> Iterator[tuple[str, Value]]:
    match value:
        case None:
            return
        case list():
            yield name, tuple(_text(item) for item in value if item is not None)
        case dict():
            for member, inner in value.items():
                yield from _flat_value(f"{name}.{member}", inner)
        case _:
            text = _text(value)
            yield name, (text,) if name in _ALWAYS_SEVERAL else text


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json_text(value)


def _own_audience(aud: Json) -> Value:
    """Return the token's own `aud`; an array of one means the same as its string."""
    if isinstance(aud, list):
        texts = tuple(_text(item) for item in aud)
        return texts if len(texts) > 1 else texts[0]
    return _text(aud)
