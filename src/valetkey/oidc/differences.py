"""Where we answer a token otherwise than AWS STS, each with its reason.

Documentation prints this table, and a test holds it against what AWS was observed to do: a row of
``tests/vectors/sts/sts-observed.json`` that we answer otherwise stands here by its id.
"""

from typing import NamedTuple


class Difference(NamedTuple):
    """One deliberate difference. ``rows`` are ids of observations that we answer otherwise."""

    name: str
    aws: str
    valetkey: str
    why: str
    rows: tuple[str, ...] = ()


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "duplicate-member",
        "takes the last of a repeated member",
        "refuses the token, and a key set with one",
        "two readers of one token must not understand two things",
        ("dup-aud-same-value",),
    ),
    Difference(
        "strict-text",
        "not known",
        "refuses base64url with unused bits set, and JSON with U+0000, lone surrogates, more than "
        "32 levels or numbers too large to read",
        "one token has one text, and every reader of it the same value",
    ),
    Difference(
        "subject-null",
        "answers `sub: null` with InternalFailure, 500, which clients repeat",
        "refuses it with InvalidIdentityToken, 400",
        "it is the token's fault, and repeating it does not help",
        ("sub-null",),
    ),
    Difference(
        "subject-empty",
        "takes an empty `sub`",
        "refuses it",
        "an empty subject names nobody; GitLab's own self-test mints such tokens",
    ),
    Difference(
        "same-kid",
        "uses the later of two keys with one kid",
        "tries each usable key of that kid, the later first, at most four",
        "an encryption key beside the signing key, or a rotation under one kid, must not lock out; "
        "all of them are the issuer's",
    ),
    Difference(
        "key-for-another-scheme",
        "ignores `alg` of a key",
        "ignores which RS algorithm a key names; skips a key made for another scheme (`PS256`, "
        "`RSA-OAEP`) and an EC key whose `alg` contradicts its curve",
        "one key in two schemes weakens both",
    ),
    Difference(
        "weak-key",
        "not known",
        "skips RSA below 2048 bits, above 8192 bits, even or tiny exponents, and the ROCA weakness",
        "such keys can be forged, or cost too much to check",
    ),
    Difference(
        "private-half",
        "not known",
        "skips a key whose private half is published beside it",
        "everyone can sign with it",
    ),
    Difference(
        "many-keys",
        "fails RSA tokens when a set has more than 100 RSA keys, EC likewise",
        "takes up to 2,000 keys",
        "large installations have more than 100",
    ),
    Difference(
        "explicit-type",
        "ignores `typ`",
        "refuses `at+jwt` and every other explicit type",
        "RFC 8725, section 3.11: such a token says that it is no ID token",
    ),
    Difference(
        "claim-names",
        "does not expose such claims",
        "refuses a token in which two claims make one condition key (`sub` and `SUB`), or one makes"
        " a key of a provider with a port (`8443:sub`)",
        "a policy could not tell whose value it compares",
    ),
    Difference(
        "every-claim-is-a-key",
        "offers `sub`, `aud`, `oaud`, `amr` and `email` of most issuers",
        "offers every claim of every issuer",
        "a self-managed GitLab's claims are what its trust policies are about",
    ),
)
