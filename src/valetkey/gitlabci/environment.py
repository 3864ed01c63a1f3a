"""What kind of place an environment is, by its name."""

import re

_TIERS = (
    ("development", re.compile(r"(?i)dev|review|trunk")),
    ("testing", re.compile(r"(?i)test|tst|int|ac(?:ce)?pt|qa|qc|control|quality")),
    ("staging", re.compile(r"(?i)sta?g|mode?l|pre|demo|non")),
    ("production", re.compile(r"(?i)pro?d|live")),
)


def guess_tier(name: str) -> str:
    """Return the deployment tier that GitLab gives an environment of this name."""
    return next((tier for tier, words in _TIERS if words.search(name)), "other")
