"""GetRandomPassword."""

import string
from collections.abc import Callable, Iterator

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.failures import invalid_parameter
from valetkey.api.secretsmanager.shapes import GetRandomPasswordRequest, GetRandomPasswordResponse

DEFAULT_LENGTH = 32


def get_random_password(
    call: Call, request: GetRandomPasswordRequest
) -> GetRandomPasswordResponse:
    """Return a password with at least one character of each type that is not excluded."""
    length = request.get("PasswordLength", DEFAULT_LENGTH)
    excluded = set(request.get("ExcludeCharacters", ""))
    types = [
        usable
        for characters, member in (
            (string.ascii_lowercase, "ExcludeLowercase"),
            (string.ascii_uppercase, "ExcludeUppercase"),
            (string.digits, "ExcludeNumbers"),
            (string.punctuation, "ExcludePunctuation"),
        )
        if not request.get(member, False)
        and (usable := [c for c in characters if c not in excluded])
    ]
    if request.get("IncludeSpace", False) and " " not in excluded:
        types.append([" "])
    if not types:
        raise invalid_parameter("The password can't be made of no characters.")
    required = types if request.get("RequireEachIncludedType", True) else []
    if length < len(required):
        raise invalid_parameter("The password length is too short for the required character types.")
    pick = _picker(call.services.random)
    alphabet = [character for characters in types for character in characters]
    password = [pick(characters) for characters in required]
    password += [pick(alphabet) for _ in range(length - len(password))]
    return {"RandomPassword": "".join(_shuffled(password, pick))}


def _picker(random: Callable[[int], bytes]) -> Callable[[list[str]], str]:
    def pick(characters: list[str]) -> str:
        # 64 bits against at most 95 characters: the bias is far below what could be observed.
        return characters[int.from_bytes(random(8)) % len(characters)]

    return pick


def _shuffled(characters: list[str], pick: Callable[[list[str]], str]) -> Iterator[str]:
    left = dict(enumerate(characters))
    while left:
        chosen = int(pick([str(index) for index in left]))
        yield left.pop(chosen)
