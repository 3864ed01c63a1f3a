"""Where a request goes, and what a service's own rule finds in it."""

from typing import NamedTuple


class Place(NamedTuple):
    """What an ARN is made of beside names."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str, *, account: str | None = None) -> str:
        """Return an ARN; ``account`` where it is another's, or nobody's."""
        owner = self.account if account is None else account
        return f"arn:{self.partition}:{service}:{self.region}:{owner}:{resource}"


class Special(NamedTuple):
    """A resource and its type."""

    kind: str
    arn: str
