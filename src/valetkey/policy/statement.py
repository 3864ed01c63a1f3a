"""A statement, compiled to tell whether it applies to a request."""

from typing import Final, NamedTuple

from valetkey.policy.conditions import Condition
from valetkey.policy.decision import (
    ElementTrace,
    PolicyType,
    StatementRef,
    StatementTrace,
)
from valetkey.policy.document import Statement
from valetkey.policy.elements import ActionMatcher, ResourceMatcher
from valetkey.policy.operators import Family, Qualifier
from valetkey.policy.principals import Grade, PrincipalMatcher
from valetkey.policy.request import Request


class Asked(NamedTuple):
    """A request, prepared once for all statements of all policies."""

    request: Request
    action: str

    @classmethod
    def by(cls, request: Request) -> "Asked":
        """Prepare a request."""
        return cls(request, request.action.lower())


class CompiledStatement:
    """The matchers of one statement.

    Hidden in :meth:`grade` is the rule for what can't be evaluated: it lets an Allow fail and a
    Deny apply, unless something else in the statement rules the request out for certain.
    """

    __slots__ = ("_conditions", "_principal", "action", "denies", "ref", "resource")

    def __init__(
        self, statement: Statement, policy: str, type: PolicyType, *, variables: bool
    ) -> None:
        if statement.effect is None or statement.action is None:
            raise ValueError("a statement is compiled after it was validated")
        self.denies: Final = statement.denies
        self.ref: Final = StatementRef(
            policy,
            type,
            statement.index,
            statement.sid.text if statement.sid else None,
            statement.effect.text,
            statement.range,
        )
        self.action: Final = ActionMatcher(statement.action)
        self.resource: Final = (
            ResourceMatcher(statement.resource, variables=variables) if statement.resource else None
        )
        self._principal = (
            PrincipalMatcher(
                statement.principal, type, denies=self.denies, tests_arn=_tests_arn(statement)
            )
            if statement.principal
            else None
        )
        self._conditions = tuple(
            Condition(entry, variables=variables) for entry in statement.conditions
        )

    def grade(self, asked: Asked) -> Grade:
        """Return how closely the statement applies, ``NONE`` for not at all; stops early."""
        if not self.action.test(asked.action):
            return Grade.NONE
        request = asked.request
        if self.resource is not None:
            truth = self.resource.test(request.resource, request.context)
            if not truth and (truth is False or not self.denies):
                return Grade.NONE
        grade = (
            Grade.DIRECT if self._principal is None else self._principal.grade(request.requester)
        )
        if grade is Grade.NONE:
            return grade
        for condition in self._conditions:
            truth = condition.test(request.context)
            if not truth and (truth is False or not self.denies):
                return Grade.NONE
        return grade

    def trace(self, asked: Asked) -> tuple[StatementTrace, Grade]:
        """Show all that the statement looks at, also past the first mismatch."""
        request = asked.request
        elements: list[ElementTrace] = []
        grade = Grade.DIRECT
        if self._principal is not None:
            grade = self._principal.grade(request.requester)
            elements.append(self._principal.trace(request.requester))
        elements.append(self.action.trace(request.action))
        if self.resource is not None:
            elements.append(
                self.resource.trace(request.resource, request.context, denies=self.denies)
            )
        conditions = tuple(
            condition.trace(request.context, denies=self.denies) for condition in self._conditions
        )
        matched = all(element.matched for element in elements) and all(
            condition.matched for condition in conditions
        )
        trace = StatementTrace(self.ref, matched, tuple(elements), conditions)
        return trace, grade if matched else Grade.NONE


_PRINCIPAL_ARN: Final = "aws:principalarn"
_NAMING: Final = frozenset({Family.STRING, Family.FOLDED_STRING, Family.LIKE, Family.ARN})


def _tests_arn(statement: Statement) -> bool:
    """Tell whether a condition requires the principal's ARN to be there and to be as it says."""
    return any(
        entry.key.lower() == _PRINCIPAL_ARN
        and entry.operator.base.family in _NAMING
        and not entry.operator.base.negated
        and not entry.operator.if_exists
        and entry.operator.qualifier is not Qualifier.ALL
        for entry in statement.conditions
    )
