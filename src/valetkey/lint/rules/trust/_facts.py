"""What the facts beside a policy say of a provider."""

from valetkey.lint.model import Facts, Provider


def known_provider(facts: Facts, key: str) -> Provider | None:
    """Return what is known of a provider; URLs are compared to the character but for case."""
    return next((one for one in facts.providers if one.key.lower() == key.lower()), None)


def client_ids(facts: Facts, key: str) -> tuple[str, ...]:
    """Return the audiences that a provider is known to take; nothing if it is unknown."""
    provider = known_provider(facts, key)
    return () if provider is None else provider.client_ids
