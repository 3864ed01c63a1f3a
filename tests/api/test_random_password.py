"""GetRandomPassword: what it is made of, and that it is drawn fairly."""

import string
from collections import Counter
from typing import Any

import pytest

from api.making import ask, refusal, secrets
from support.edge import Edge

TYPES = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}
PRINTABLE = "".join(TYPES.values())


async def password(edge: Edge, **parameters: Any) -> str:
    said = await secrets(edge, "GetRandomPassword", **parameters)
    return str(said["RandomPassword"])


@pytest.mark.parametrize("length", [4, 5, 32, 4096])
async def test_its_length_and_types(shared_edge: Edge, length: int):
    made = await password(shared_edge, PasswordLength=length)
    assert len(made) == length
    for characters in TYPES.values():
        assert set(made) & set(characters)
    assert set(made) <= set(PRINTABLE)


async def test_it_has_32_characters_and_is_never_the_same(shared_edge: Edge):
    made = {await password(shared_edge) for _ in range(20)}
    assert {len(one) for one in made} == {32}
    assert len(made) == 20


@pytest.mark.parametrize("excluded", TYPES)
async def test_a_type_can_be_excluded(shared_edge: Edge, excluded: str):
    made = await password(shared_edge, PasswordLength=500, **{excluded: True})
    assert not set(made) & set(TYPES[excluded])


async def test_characters_can_be_excluded(shared_edge: Edge):
    made = await password(shared_edge, PasswordLength=2000, ExcludeCharacters="xyzDje@?!.")
    assert set(made) == set(PRINTABLE) - set("xyzDje@?!.")


async def test_space_comes_on_demand(shared_edge: Edge):
    made = await password(shared_edge, PasswordLength=5, IncludeSpace=True)
    assert made.count(" ") == 1
    made = await password(shared_edge, IncludeSpace=True, ExcludeCharacters=" ")
    assert " " not in made


async def test_not_every_type_need_be_there(shared_edge: Edge):
    made = await password(shared_edge, PasswordLength=1, RequireEachIncludedType=False)
    assert made in PRINTABLE


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"PasswordLength": 3},
         "The password length is too short for the required character types."),
        (dict.fromkeys(TYPES, True), "The password can't be made of no characters."),
        ({"ExcludeCharacters": PRINTABLE}, "The password can't be made of no characters."),
    ],
)  # fmt: skip
async def test_refusals(shared_edge: Edge, parameters: dict[str, Any], message: str):
    answer = await ask(shared_edge, "GetRandomPassword", **parameters)
    assert refusal(answer) == (400, "InvalidParameterException", message)


async def test_each_place_gets_each_type(shared_edge: Edge):
    """The required characters do not stand at places that could be guessed."""
    firsts = Counter([(await password(shared_edge, PasswordLength=4))[0] for _ in range(400)])
    for characters in TYPES.values():
        assert 40 < sum(firsts[character] for character in characters) < 180
