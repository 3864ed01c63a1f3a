"""Matching ``Principal``: by which of their names a requester is admitted, if by any."""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from valetkey.arn import ACCOUNT_ID, parse_arn
from valetkey.policy.decision import ElementTrace, PolicyType, Wanted
from valetkey.policy.document import PrincipalElement, Value
from valetkey.policy.request import Requester


class Grade(IntEnum):
    """How closely a policy names the requester; what else must agree depends on it.

    ``ACCOUNT`` delegates to the account's own identity policies. ``EVERYONE`` and ``ROLE`` are
    a grant, still limited by a permissions boundary and session policies; a grant to a user, a
    session or anyone who is no AWS principal (``DIRECT``) is final. So is one to everyone whose
    ``aws:PrincipalArn`` is as the statement says (IAM guide, *IAM role principals*).
    """

    NONE = 0
    ACCOUNT = 1
    EVERYONE = 2
    ROLE = 3
    DIRECT = 4


class PrincipalMatcher:
    """A compiled ``Principal`` or ``NotPrincipal``."""

    __slots__ = (
        "_accounts",
        "_at_large",
        "_denies",
        "_element",
        "_everyone",
        "_named",
        "_of_accounts",
        "_trust",
    )

    def __init__(
        self,
        element: PrincipalElement,
        type: PolicyType,
        *,
        denies: bool,
        tests_arn: bool = False,
    ) -> None:
        """Compile; ``tests_arn`` says that a condition requires an ``aws:PrincipalArn``."""
        self._element = element
        self._denies = denies
        self._at_large = (
            Grade.DIRECT if tests_arn and type is PolicyType.RESOURCE else Grade.EVERYONE
        )
        self._trust = type is PolicyType.TRUST
        self._everyone = element.everyone is not None
        self._named: dict[str, set[str]] = {}
        self._accounts: set[str] = set()
        self._of_accounts: set[str] = set()
        for entry in element.entries:
            names = self._named.setdefault(entry.kind, set())
            names.update(value.text for value in entry.values)
        for name in self._named.get("AWS", ()):
            account = account_named(name)
            if account is not None:
                self._accounts.add(account)
                self._of_accounts.add(name)

    def grade(self, requester: Requester) -> Grade:
        """Return how the requester is named, or ``NONE``."""
        if self._element.negated:
            return Grade.NONE if self._excepts(requester) else Grade.EVERYONE
        best = self._grade_by_name(requester)
        if best is Grade.DIRECT:
            return best
        return max(best, self._grade_at_large(requester))

    def _grade_by_name(self, requester: Requester) -> Grade:
        named = self._named.get(requester.kind, _NOBODY)
        for place, name in enumerate(requester.names):
            if name in named and name not in self._of_accounts:
                # A grant to a role is limited by its boundary wherever its ARN stands in the list.
                role = requester.kind == "AWS" and (place > 0 or ":role/" in name)
                return Grade.ROLE if role else Grade.DIRECT
        for unique_id in requester.ids:
            if unique_id in named or unique_id in self._named.get("CanonicalUser", _NOBODY):
                user = unique_id.startswith("AIDA") and not requester.is_federated_user
                return Grade.DIRECT if user else Grade.ROLE
        return Grade.NONE

    def _grade_at_large(self, requester: Requester) -> Grade:
        """Grade what names no one in particular: everyone, or an account."""
        kind = requester.kind
        stars = "*" in self._named.get("AWS", _NOBODY)
        if self._everyone and (kind == "AWS" or not self._trust or self._denies):
            return self._at_large
        # Seen on AWS: {"AWS": "*"} in a trust policy does not admit a web identity. Elsewhere it
        # stands for the public as well. In a Deny it is taken as widely as it can be meant.
        if stars and (kind == "AWS" or self._denies or (kind == "Anonymous" and not self._trust)):
            return self._at_large
        if kind == "AWS" and self._names_account(requester):
            return Grade.ACCOUNT
        if self._denies and "CanonicalUser" in self._named and kind in ("AWS", "Anonymous"):
            return Grade.EVERYONE  # whose id it is can't be known here
        return Grade.NONE

    def _names_account(self, requester: Requester) -> bool:
        """Tell whether the requester's account is named; an ARN is of one partition.

        In a Deny an account is meant in any partition.
        """
        account = requester.account
        if account not in self._accounts:
            return False
        if self._denies and not self._element.negated:
            return True
        arn = parse_arn(requester.names[0]) if requester.names else None
        root = arn and f"arn:{arn.partition}:iam::{account}:root"
        return account in self._of_accounts or root in self._of_accounts

    def _excepts(self, requester: Requester) -> bool:
        """Tell whether NotPrincipal spares the requester.

        AWS wants the account listed beside the user, role or session that is spared, and a
        session listed beside its role; short of that it may deny, so we do.
        """
        if self._everyone:
            return True
        named = self._named.get(requester.kind, _NOBODY)
        if requester.kind in ("AWS", "Anonymous") and "*" in self._named.get("AWS", _NOBODY):
            return True
        if requester.kind == "AWS" and not self._names_account(requester):
            return False
        return bool(requester.names) and all(name in named for name in requester.names)

    def trace(self, requester: Requester) -> ElementTrace:
        """Show how each principal judged the requester."""
        got = (*requester.names, *requester.ids) or (requester.kind,)
        grade = self.grade(requester)
        wanted = tuple(
            Wanted(value.text, value.text, value.range, self._names(kind, value, requester))
            for kind, value in self._values()
        )
        return ElementTrace(
            self._element.name,
            self._element.range,
            got,
            wanted,
            grade is not Grade.NONE,
            self._note(requester, grade),
        )

    def _values(self) -> Iterator[tuple[str, Value]]:
        if self._element.everyone is not None:
            yield "*", self._element.everyone
        for entry in self._element.entries:
            for value in entry.values:
                yield entry.kind, value

    def _names(self, kind: str, value: Value, requester: Requester) -> bool:
        if value.text == "*":
            return self._grade_at_large(requester) is self._at_large
        if kind not in (requester.kind, "CanonicalUser"):
            return False
        if value.text in requester.names or value.text in requester.ids:
            return True
        return kind == "AWS" and account_named(value.text) == requester.account is not None

    def _note(self, requester: Requester, grade: Grade) -> str | None:
        if grade is not Grade.NONE or self._element.negated:
            return None
        if requester.kind == "Federated" and "AWS" in self._named:
            return "`AWS` principals do not admit a web identity; name its provider as `Federated`"
        return None


_NOBODY: Final[frozenset[str]] = frozenset()


def account_named(principal: str) -> str | None:
    """Return the account that a principal stands for: a bare id or ``arn:…:root``."""
    if ACCOUNT_ID.fullmatch(principal):
        return principal
    arn = parse_arn(principal)
    if arn is not None and arn.service == "iam" and arn.resource == "root":
        return arn.account
    return None
