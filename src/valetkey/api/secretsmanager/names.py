"""Secret ids: a name, an ARN, or an ARN without its last seven characters."""

import re
import string
from collections.abc import Callable
from typing import NamedTuple

from valetkey.api.secretsmanager.failures import invalid_name
from valetkey.arn import parse_arn

SUFFIX_LENGTH = 6
SUFFIX_ALPHABET = string.ascii_letters + string.digits
UNKNOWN_SUFFIX = "?" * SUFFIX_LENGTH
"""Stands for the six characters that a secret which is not there does not have."""

_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}", re.ASCII)
# The largest multiple of 62 below 256: a byte that lies above would favour some letters.
_FAIR = 248


class SecretName(NamedTuple):
    """Where a secret id points to; ``suffix`` is None where the id does not hold it."""

    account: str
    region: str
    name: str
    suffix: str | None = None

    @property
    def arn(self) -> str:
        """Return the ARN, as far as it is known."""
        return (
            f"arn:aws:secretsmanager:{self.region}:{self.account}:secret:{self.name}"
            f"-{self.suffix or UNKNOWN_SUFFIX}"
        )


def checked_name(name: str) -> str:
    """Return a name that a secret can have. Raises ``ValidationException``."""
    if not _NAME.fullmatch(name):
        raise invalid_name()
    return name


def read_secret_id(secret_id: str, account: str, region: str) -> SecretName | None:
    """Return what a secret id means to a caller of ``account``, None where it can't mean any.

    An ARN whose name ends in a hyphen and six characters is a complete one, always: a secret
    whose name ends so is not found by its partial ARN, as on AWS. Otherwise whoever may make a
    secret could give it the old ARN of a deleted one for a name. Raises ``ValidationException``
    for what is neither an ARN nor a name.
    """
    arn = parse_arn(secret_id)
    if arn is None:
        return SecretName(account, region, checked_name(secret_id))
    kind, _, rest = arn.resource.partition(":")
    fits = (arn.partition, arn.service, arn.region) == ("aws", "secretsmanager", region)
    if not fits or kind != "secret" or not rest:
        return None
    stem, dash, suffix = rest.rpartition("-")
    if dash and stem and len(suffix) == SUFFIX_LENGTH:
        return SecretName(arn.account, region, stem, suffix)
    return SecretName(arn.account, region, rest)


def new_suffix(random: Callable[[int], bytes]) -> str:
    """Return the six random characters at the end of a new secret's ARN."""
    letters = ""
    while len(letters) < SUFFIX_LENGTH:
        drawn = random(SUFFIX_LENGTH)
        letters += "".join(SUFFIX_ALPHABET[b % len(SUFFIX_ALPHABET)] for b in drawn if b < _FAIR)
    return letters[:SUFFIX_LENGTH]
