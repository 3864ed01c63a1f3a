"""A GitLab subject taken apart: what a policy wants of each part, beside what the token has."""

from typing import NamedTuple

from valetkey.explain.compare import matches
from valetkey.oidc.issuers import SubjectPart
from valetkey.oidc.issuers.gitlab import FIRST_LABELS


class Pair(NamedTuple):
    """A part of the wanted subject, beside the part of the token's subject with its label."""

    label: str
    wanted: str
    start: int
    got: str | None

    @property
    def value_start(self) -> int:
        """Return where the wanted value begins in the whole subject."""
        return self.start + len(self.label) + 1


def wanted_parts(value: str) -> list[SubjectPart]:
    """Return the labels and values of a pattern, as far as it spells them out."""
    pieces = value.split(":")
    parts = []
    start = 0
    for label, text in zip(pieces[::2], pieces[1::2], strict=False):
        if "*" in label or "?" in label:
            break
        parts.append(SubjectPart(label, text, start))
        start += len(label) + len(text) + 2
    return parts if parts and parts[0].label in FIRST_LABELS else []


def agree(pair: Pair) -> bool:
    """Return whether a part of the token's subject is as wanted."""
    return pair.got is not None and matches(pair.wanted, pair.got, pattern=True)
