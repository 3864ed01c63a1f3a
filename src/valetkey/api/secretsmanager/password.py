"""GetRandomPassword."""

import string
from collections.abc import Callable
from typing import TypeVar

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.failures import invalid_parameter
from valetkey.api.secretsmanager.shapes import GetRandomPasswordRequest, GetRandomPasswordResponse

T = TypeVar("T")
DEFAULT_LENGTH = 32


def get_random_password(call: Call, request: GetRandomPasswordRequest) -> GetRandomPasswordResponse:
    """Return a password with at least one character of each type that is not excluded."""
    length = request.get("PasswordLength", DEFAULT_LENGTH)
    types = _types(request)
    if not types:
        raise invalid_parameter("The password can't be made of no characters.")
    required = types if request.get("RequireEachIncludedType", True) else []
    if length < len(required):
        raise invalid_parameter(
            "The password length is too short for the required character types."
        )
    random = call.services.random
    alphabet = "".join(types)
    password = [_pick(characters, random) for characters in required]
    password += [_pick(alphabet, random) for _ in range(length - len(password))]
    _shuffle(password, random)
    return {"RandomPassword": "".join(password)}


def _types(request: GetRandomPasswordRequest) -> list[str]:
    """Return the characters of each type that is left, the excluded ones taken out."""
    excluded = set(request.get("ExcludeCharacters", ""))
    offered = (
        (string.ascii_lowercase, not request.get("ExcludeLowercase", False)),
        (string.ascii_uppercase, not request.get("ExcludeUppercase", False)),
        (string.digits, not request.get("ExcludeNumbers", False)),
        (string.punctuation, not request.get("ExcludePunctuation", False)),
        (" ", request.get("IncludeSpace", False)),
    )
    left = ["".join(c for c in characters if c not in excluded) for characters, on in offered if on]
    return [characters for characters in left if characters]


def _below(limit: int, random: Callable[[int], bytes]) -> int:
    # 64 bits against a few thousand: the bias is far below what could be observed.
    return int.from_bytes(random(8)) % limit


def _pick(characters: str, random: Callable[[int], bytes]) -> str:
    return characters[_below(len(characters), random)]


def _shuffle(items: list[T], random: Callable[[int], bytes]) -> None:
    """Put items into a random order (Fisher and Yates), in place."""
    for last in range(len(items) - 1, 0, -1):
        chosen = _below(last + 1, random)
        items[last], items[chosen] = items[chosen], items[last]
