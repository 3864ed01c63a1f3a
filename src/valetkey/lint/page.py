"""A rule's page: the docstring of its module, by its headings."""

from dataclasses import dataclass
from typing import Final

from valetkey.lint.model import Rule

HEADINGS: Final = ("What", "Why", "Example", "Instead", "References")


@dataclass(frozen=True, slots=True)
class Page:
    """What ``valetkey lint --explain CODE`` prints: a summary line and a text a heading."""

    summary: str
    parts: tuple[tuple[str, str], ...]


def page_of(rule: Rule) -> Page:
    """Return the page of a rule.

    The docstring's first line is the summary; ``## What``, ``## Why`` and so on follow in the
    order of ``HEADINGS``. Raises ``ValueError`` for a page that is not so.
    """
    head, *sections = rule.page.strip().split("\n## ")
    parts = []
    for section in sections:
        heading, _, body = section.partition("\n")
        parts.append((heading.strip(), body.strip("\n")))
    if tuple(heading for heading, _ in parts) != HEADINGS:
        raise ValueError(f"the page of {rule.code} does not have the headings {HEADINGS}")
    return Page(head.strip(), tuple(parts))
