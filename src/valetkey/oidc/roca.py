"""The fingerprint of RSA keys that a faulty smart-card library made (CVE-2017-15361, "ROCA").

Nemec et al., "The Return of Coppersmith's Attack" (2017), section 3: the primes of such keys are
``k * M + (65537 ** a mod M)``, so their product is a power of 65537 modulo every small prime of
``M``. A random modulus passes for one with a probability below one in a hundred million.
"""

_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


def _powers(prime: int) -> frozenset[int]:
    return frozenset(pow(65537, exponent, prime) for exponent in range(prime - 1))


_POWERS = tuple((prime, _powers(prime)) for prime in _PRIMES)


def has_roca_weakness(modulus: int) -> bool:
    """Return whether an RSA modulus bears the fingerprint; such keys can be factored."""
    return all(modulus % prime in powers for prime, powers in _POWERS)
