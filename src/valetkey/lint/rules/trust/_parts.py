"""A wanted subject of GitLab's, taken apart as far as it spells its labels out."""

from typing import NamedTuple

from valetkey.lint.rules.trust._text import first_wildcard
from valetkey.oidc.issuers import SubjectPart
from valetkey.oidc.issuers.gitlab import FIRST_LABELS, SUBJECT_LABELS


class Parts(NamedTuple):
    """The `label:value` pairs; ``rest`` is where they end, or None where they are all there is.

    ``rest`` begins at a label that has a wildcard, or that has no value.
    """

    pairs: tuple[SubjectPart, ...]
    rest: int | None

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels in order."""
        return tuple(pair.label for pair in self.pairs)

    def get(self, label: str) -> SubjectPart | None:
        """Return the first pair with a label."""
        return next((pair for pair in self.pairs if pair.label == label), None)


def parts_of(text: str) -> Parts:
    """Take a subject's pattern apart."""
    pieces = text.split(":")
    pairs: list[SubjectPart] = []
    start = 0
    for label, value in zip(pieces[::2], pieces[1::2], strict=False):
        if first_wildcard(label) is not None:
            return Parts(tuple(pairs), start)
        pairs.append(SubjectPart(label, value, start))
        start += len(label) + len(value) + 2
    return Parts(tuple(pairs), start if len(pieces) % 2 else None)


def is_ours(parts: Parts) -> bool:
    """Tell whether all labels are GitLab's and the first one names a project."""
    labels = parts.labels
    return bool(labels) and labels[0] in FIRST_LABELS and SUBJECT_LABELS.issuperset(labels)
