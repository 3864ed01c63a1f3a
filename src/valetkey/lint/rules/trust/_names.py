"""Who a condition trusts: the name of a group or project in its values, and how open it is."""

from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from valetkey.lint.claims import IDENTITY, NAMES
from valetkey.lint.issuers import Platform
from valetkey.lint.rules.trust._reading import Reading, Test, demands
from valetkey.lint.rules.trust._text import first_wildcard
from valetkey.policy import Family, Value, glob

_LABELS: Final = frozenset({"repo", "organization", *NAMES})
_IDS: Final = frozenset(claim for claim in IDENTITY if claim.endswith("_id"))
_ALONE: Final = frozenset(
    {"organization", "repository_owner", *(label for label in NAMES if "namespace" in label)}
)
_SEPARATORS: Final = "-_."
_TAIL: Final = {
    Platform.GITLAB: "ref_type:branch:ref:main",
    Platform.GITHUB: "ref:refs/heads/main",
    None: "x",
}


class Openness(Enum):
    """Whom the wildcards of a name let in."""

    CLOSED = "nobody else"
    SIBLING = "projects of the same group whose names begin alike"
    OWNER = "groups whose names begin alike"
    ANYBODY = "anybody"


class Name(NamedTuple):
    """The name (or id) within a value: a label or claim, the text, and where it begins."""

    label: str
    text: str
    start: int

    @property
    def wild(self) -> int | None:
        """Return where the first wildcard stands in the name."""
        return first_wildcard(self.text)

    @property
    def openness(self) -> Openness:
        """Return whom the first wildcard lets in."""
        if self.wild is None:
            return Openness.CLOSED
        before = self.text[: self.wild]
        if not before:
            return Openness.ANYBODY
        if "@" in before.rpartition("/")[2]:
            # An id follows, and a name holds no `@`.
            return Openness.CLOSED
        if self.label in _IDS or "/" not in before:
            return Openness.OWNER
        return Openness.CLOSED if before[-1] in f"/{_SEPARATORS}" else Openness.SIBLING


class Trusted(NamedTuple):
    """A value that says whom a statement trusts."""

    test: Test
    value: Value
    name: Name | None

    @property
    def openness(self) -> Openness:
        """Return whom the value lets in beside those it names."""
        if not self.test.is_pattern:
            return Openness.CLOSED
        if self.name is not None:
            return self.name.openness
        at = first_wildcard(self.value.text)
        if at is None or self.test.claim != "sub":
            return Openness.CLOSED
        known = self.test.issuer.platform is not None
        before = self.value.text[:at]
        return Openness.ANYBODY if not before or (known and ":" not in before) else Openness.CLOSED


def name_in(claim: str, text: str) -> Name | None:
    """Return the name of an owner or project in a claim's wanted value, if it is one that has."""
    if claim in NAMES or claim in _IDS:
        return Name(claim, text, 0)
    label, colon, rest = text.partition(":")
    if claim != "sub" or not colon or label not in _LABELS | _IDS:
        return None
    return Name(label, rest.partition(":")[0], len(label) + 1)


def trusted(reading: Reading, *, patterns: bool = False) -> Iterator[Trusted]:
    """Yield what a statement demands of claims that say whose job it is."""
    for test in reading.tests:
        family = test.entry.operator.base.family
        if test.claim not in IDENTITY or not demands(test.entry) or not test.compares_texts:
            continue
        if family is Family.LIKE or not patterns:
            for value in reading.values(test):
                yield Trusted(test, value, name_in(test.claim, value.text))


def unpinned(reading: Reading) -> Iterator[Trusted]:
    """Yield the patterns, unless another condition of the statement leaves no name open."""
    closed: dict[int, bool] = {}
    for each in trusted(reading):
        key = id(each.test.entry)
        fits = each.openness in (Openness.CLOSED, Openness.SIBLING)
        closed[key] = closed.get(key, True) and fits
    pinning = [key for key, fits in closed.items() if fits]
    for each in trusted(reading, patterns=True):
        if not pinning or pinning == [id(each.test.entry)]:
            yield each


def stranger(each: Trusted) -> str | None:
    """Return a stranger's value that an open pattern admits; None where none comes to mind."""
    text, platform = each.value.text, each.test.issuer.platform
    name = each.name
    if name is None:
        return _any(text, platform)
    at = name.wild
    if at is None:
        return None
    filled = _filled(name, at)
    tail = text[name.start + len(name.text) :]
    if name.start and not tail and name.text.endswith("*"):
        tail = f":{_TAIL[platform]}"
    elif tail.startswith(":"):
        tail = f":{_tail(tail[1:], platform)}"
    example = text[: name.start] + filled + tail
    return example if glob(text).matches(example) else None


def _filled(name: Name, at: int) -> str:
    """Put other characters in place of a name's wildcards, the first one at ``at``."""
    text = name.text
    if name.label in _IDS:
        return text.replace("*", "99").replace("?", "9")
    before, after = text[:at], text[at + 1 :]
    rest = after.replace("*", "x" if after[-2:-1] in ("/", "") else "-x").replace("?", "x")
    if text[at] == "?":
        return f"{before}x{rest}"
    first = "-evil" if before else "evil"
    alone = "/" in before + after or name.label in _ALONE
    return before + first + (rest if alone else f"/x{rest}")


def _tail(tail: str, platform: Platform | None) -> str:
    if tail in ("*", "**"):
        return _TAIL[platform]
    pieces = tail.split(":")
    for index, piece in enumerate(pieces):
        label = pieces[index - 1] if index else ""
        likely = {"ref_type": "branch", "ref": "main"}.get(label, "x")
        pieces[index] = likely if piece == "*" else piece.replace("*", "x").replace("?", "x")
    return ":".join(pieces)


def _any(text: str, platform: Platform | None) -> str | None:
    """Return a stranger's subject for a pattern that has no name in it."""
    heads = {Platform.GITLAB: "project_path:evil", Platform.GITHUB: "repo:evil"}
    if platform is None:
        return None
    head, tail = heads[platform], _TAIL[platform]
    ending = text.lstrip("*?")
    if ending.endswith("*"):
        ending = ending[:-1] + tail
    dash = "" if ending[:1] in ("/", ":", "") else "-"
    for example in (f"{head}/x:{tail}", f"{head}{dash}{ending}"):
        if glob(text).matches(example):
            return example
    return None
