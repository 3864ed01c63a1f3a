"""Names as they may stand in host names and addresses, the way GitLab makes them."""

import hashlib
import re
import string

_LONGEST = 63
_LONGEST_ENVIRONMENT = 24
_KEPT = 17
_SUFFIX = 6
_BASE36 = string.digits + string.ascii_lowercase


def slug(name: str) -> str:
    """Return a name in lower case, other characters as ``-``, at most 63 characters."""
    return re.sub(r"[^a-z0-9]", "-", name.lower())[:_LONGEST].strip("-")


def environment_slug(name: str) -> str:
    """Return an environment's name in at most 24 characters, unique by a suffix if changed."""
    made = re.sub(r"[^a-z0-9]", "-", name.lower())
    if not re.match(r"[a-z]", made):
        made = f"env-{made}"
    made = re.sub(r"-+", "-", made)
    if len(made) <= _LONGEST_ENVIRONMENT and made == name:
        return made.removesuffix("-")
    kept = made[:_KEPT]
    return f"{kept.removesuffix('-')}-{_suffix(name)}"


def _suffix(name: str) -> str:
    number = int(hashlib.sha256(name.encode()).hexdigest(), 16)
    digits = ""
    while len(digits) < _SUFFIX:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits
