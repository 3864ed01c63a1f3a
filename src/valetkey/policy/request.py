"""What is decided upon: who asks for which action on which resource, in which circumstances."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from valetkey.arn import parse_arn
from valetkey.policy.errors import AmbiguousKey

Values = str | tuple[str, ...]
"""A condition key's value: a string is single-valued, a tuple multi-valued (it may be empty)."""

UNKNOWN: Final[Values] = ("unknown", "unknown")
"""What :class:`Context` gives for a key that may have any value; to be compared by identity.

Two values can't be told for one, so that no variable is filled in with it either.
"""

PrincipalKind = Literal["AWS", "Federated", "Service", "Anonymous"]


class Context:
    """The condition keys of a request. Keys ignore case, as AWS's do; values do not.

    A single-valued and a multi-valued key are different things in IAM even where the latter has
    one value, so they are told apart by type. Raises :class:`AmbiguousKey` where two keys differ
    only in case and not in value.

    ``unknown`` are keys that AWS would know a value of and nobody here does, where ``values`` has
    none; one that ends in ``/`` stands for all that begin so. A condition on such a key can't be
    evaluated.
    """

    __slots__ = ("_entries", "_unknown", "_unknown_beginnings")

    def __init__(
        self, values: Mapping[str, Values] | None = None, unknown: Iterable[str] = ()
    ) -> None:
        given = values or {}
        folded = frozenset(key.lower() for key in unknown)
        self._unknown = folded
        self._unknown_beginnings = tuple(key for key in folded if key.endswith("/"))
        self._entries: dict[str, tuple[str, Values]] = {
            key.lower(): (key, value) for key, value in given.items()
        }
        if len(self._entries) != len(given):
            self._refuse_ambiguity(given)

    def _refuse_ambiguity(self, given: Mapping[str, Values]) -> None:
        first: dict[str, tuple[str, Values]] = {}
        for key, value in given.items():
            earlier = first.setdefault(key.lower(), (key, value))
            if earlier[1] != value:
                raise AmbiguousKey(
                    f"the request has the condition keys `{earlier[0]}` and `{key}`, "
                    "which differ only in case",
                )

    def get(self, key: str) -> Values | None:
        """Return a key's value, or None where the request does not have it."""
        return self.folded(key.lower())

    def folded(self, key: str) -> Values | None:
        """Return the value of a key that is in lower case already, or :data:`UNKNOWN`."""
        entry = self._entries.get(key)
        if entry is not None:
            return entry[1]
        if self._unknown and (key in self._unknown or key.startswith(self._unknown_beginnings)):
            return UNKNOWN
        return None

    def single(self, key: str) -> str | None:
        """Return the value of a single-valued key in lower case: what a variable stands for."""
        value = self.folded(key)
        return value if isinstance(value, str) else None

    def merged(self, values: Mapping[str, Values]) -> "Context":
        """Return a context that has these keys as well; they replace what is there."""
        more = Context(values)
        merged = Context(unknown=self._unknown)
        merged._entries = self._entries | more._entries
        return merged

    def items(self) -> Iterator[tuple[str, Values]]:
        """Yield keys, as they were spelled, and values."""
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Context):
            return NotImplemented
        own = {key: value for key, (_, value) in self._entries.items()}
        others = {key: value for key, (_, value) in other._entries.items()}
        return own == others and self._unknown == other._unknown

    __hash__ = None  # type: ignore[assignment] # equal by content that has no order

    def __repr__(self) -> str:
        # Values may be claims of a person; they go to the record, not to a traceback.
        return f"Context({sorted(key for key, _ in self._entries.values())})"


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks, after authentication, by every name a policy may know them by.

    ``names`` are ARNs, the most specific one first: session ARN, role ARN (or the user's or root's
    for a federated user); for ``Federated`` the provider's ARN or domain; for ``Service`` the
    service's domain. ``ids`` are unique ids
    (``AROA…``, ``AIDA…``), which IAM keeps in place of ARNs of its own account.
    """

    kind: PrincipalKind
    names: tuple[str, ...]
    account: str | None
    ids: tuple[str, ...] = ()

    @property
    def is_federated_user(self) -> bool:
        """Tell whether it is a session of GetFederationToken, whose maker's name comes second."""
        return self.kind == "AWS" and bool(self.names) and ":federated-user/" in self.names[0]

    @property
    def is_root(self) -> bool:
        """Tell whether it is an account's root user, or a session of it: no identity policy."""
        if self.kind != "AWS" or not self.names or not self.names[-1].endswith(":root"):
            return False
        arn = parse_arn(self.names[-1])
        return arn is not None and (arn.service, arn.resource) == ("iam", "root")


@dataclass(frozen=True, slots=True)
class Request:
    """An action (``s3:GetObject``) on a resource (an ARN, or ``*`` where there is none).

    ``resource_account`` is the account that owns the resource. None stands for a resource that
    belongs to nobody in particular (``*``); a resource policy then does not suffice alone.
    """

    action: str
    resource: str
    context: Context
    requester: Requester
    resource_account: str | None
