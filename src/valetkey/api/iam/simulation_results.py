"""What the evaluator decided, as the policy simulator's answers say it.

Follows the IAM API reference, *EvaluationResult*, *ResourceSpecificResult* and *Statement*. Where
AWS's answers were seen to differ from their model, they are followed (the names of policy types).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from valetkey.api.iam.shapes import (
    EvaluationResult,
    PolicyEvaluationDecisionType,
    PolicySourceType,
    Position,
    ResourceSpecificResult,
    Statement,
)
from valetkey.api.iam.simulation_policies import Sourced
from valetkey.policy import (
    CompiledPolicy,
    Decision,
    PolicyTrace,
    PolicyType,
    Reason,
    StatementRef,
)

KINDS = {
    PolicyType.IDENTITY: "IAM Policy",
    PolicyType.BOUNDARY: "Permissions Boundary Policy",
    PolicyType.RESOURCE: "Resource Policy",
    PolicyType.TRUST: "Resource Policy",
}
_STRICTNESS: tuple[PolicyEvaluationDecisionType, ...] = ("allowed", "implicitDeny", "explicitDeny")
_BREAK = re.compile(r"\r\n|\r|\n")
_BLANK = " \t\n\r"

Details = dict[str, PolicyEvaluationDecisionType]


class Judged(NamedTuple):
    """A resource, what was decided about it, and whether it is another account's."""

    resource: str
    decision: Decision
    cross_account: bool

    @property
    def verdict(self) -> PolicyEvaluationDecisionType:
        """Return the decision in the simulator's words."""
        if self.decision.allowed:
            return "allowed"
        explicit = self.decision.reason is Reason.EXPLICIT_DENY
        return "explicitDeny" if explicit else "implicitDeny"

    @property
    def traces(self) -> tuple[PolicyTrace, ...]:
        """Return what each policy looked at."""
        return self.decision.trace or ()

    @property
    def matched(self) -> tuple[StatementRef, ...]:
        """Return the statements behind the decision: what denies, or all that allows.

        A boundary's Allow only caps, and is not named.
        """
        if not self.decision.allowed:
            return self.decision.determining
        return tuple(
            statement.ref
            for trace in self.traces
            for statement in trace.statements
            if statement.matched and trace.type is not PolicyType.BOUNDARY
        )

    @property
    def details(self) -> Details:
        """Return what the policies of each type say by themselves, by the type's name."""
        types = {trace.type for trace in self.traces} | {PolicyType.IDENTITY}
        if self.cross_account and not types & {PolicyType.RESOURCE, PolicyType.TRUST}:
            types.add(PolicyType.RESOURCE)
        return {KINDS[each]: self.side(each) for each in PolicyType if each in types}

    def side(self, type: PolicyType) -> PolicyEvaluationDecisionType:
        """Return what the policies of one type say by themselves."""
        effects = {
            statement.ref.effect
            for trace in self.traces
            for statement in trace.statements
            if trace.type is type and statement.matched
        }
        if effects - {"Allow"}:
            return "explicitDeny"
        return "allowed" if effects else "implicitDeny"


def strictest(verdicts: Iterable[PolicyEvaluationDecisionType]) -> PolicyEvaluationDecisionType:
    """Return the most restrictive of some decisions."""
    return max(verdicts, key=_STRICTNESS.index)


class Writer:
    """Writes results for one simulation; each statement's place is worked out once."""

    def __init__(self, policies: Iterable[Sourced], missing: Sequence[str]) -> None:
        self._sourced = {
            (each.policy.name, each.policy.type): (each, Places(each.policy)) for each in policies
        }
        self._capped = any(used_as is PolicyType.BOUNDARY for _, used_as in self._sourced)
        self._missing = list(missing)
        self._written: dict[StatementRef, Statement] = {}

    def result(self, action: str, judged: Sequence[Judged]) -> EvaluationResult:
        """Return the result of an action on its resources; ``*`` alone stands for none."""
        verdict = strictest(each.verdict for each in judged)
        single = judged[0].resource if len(judged) == 1 else "*"
        answer: EvaluationResult = {
            "EvalActionName": action,
            "EvalResourceName": single,
            "EvalDecision": verdict,
            "MatchedStatements": self._statements(ref for each in judged for ref in each.matched),
            "MissingContextValues": self._missing_for(each.verdict for each in judged),
        }
        if self._capped:
            allowed = all(each.side(PolicyType.BOUNDARY) == "allowed" for each in judged)
            answer["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
        if single != "*" or len(judged) > 1:
            answer["EvalDecisionDetails"] = _strictest_details(judged)
            answer["ResourceSpecificResults"] = [self._specific(each) for each in judged]
        return answer

    def _specific(self, judged: Judged) -> ResourceSpecificResult:
        answer: ResourceSpecificResult = {
            "EvalResourceName": judged.resource,
            "EvalResourceDecision": judged.verdict,
            "MatchedStatements": self._statements(judged.matched),
            "MissingContextValues": self._missing_for((judged.verdict,)),
        }
        if judged.cross_account:
            answer["EvalDecisionDetails"] = judged.details
        if self._capped:
            allowed = judged.side(PolicyType.BOUNDARY) == "allowed"
            answer["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
        return answer

    def _missing_for(self, verdicts: Iterable[PolicyEvaluationDecisionType]) -> list[str]:
        # Seen on AWS: every key that no entry has, of all policies, where nothing matched;
        # none where a statement decided.
        return self._missing if "implicitDeny" in verdicts else []

    def _statements(self, refs: Iterable[StatementRef]) -> list[Statement]:
        return [self._statement(ref) for ref in dict.fromkeys(refs)]

    def _statement(self, ref: StatementRef) -> Statement:
        if ref not in self._written:
            sourced, places = self._sourced[ref.policy, ref.type]
            start, end = places.of(ref.index)
            self._written[ref] = {
                "SourcePolicyId": sourced.id,
                # The model has another set of words; AWS says these (as observed).
                "SourcePolicyType": cast("PolicySourceType", KINDS[ref.type]),
                "StartPosition": start,
                "EndPosition": end,
            }
        return self._written[ref]


def _strictest_details(judged: Sequence[Judged]) -> Details:
    found = [each.details for each in judged if each.cross_account]
    names = dict.fromkeys(name for details in found for name in details)
    return {
        name: strictest(details[name] for details in found if name in details) for name in names
    }


class Places:
    """Where AWS says that a policy's statements begin and end, lines and columns from 1.

    A statement begins where the parser stood before it: behind the bracket of the list, behind the
    statement before, or, for one that stands in no list, behind its own brace. It ends behind its
    closing brace. A carriage return, a line feed, or both together end a line.
    """

    def __init__(self, policy: CompiledPolicy) -> None:
        self._text = policy.source.text
        self._statements = policy.document.statements
        self._breaks = [found.end() for found in _BREAK.finditer(self._text)]

    def of(self, index: int) -> tuple[Position, Position]:
        """Return where a statement begins and ends."""
        place = self._statements[index].range
        if index:
            return self._position(self._statements[index - 1].range.end), self._position(place.end)
        before = len(self._text[: place.start].rstrip(_BLANK))
        listed = self._text[before - 1 : before] == "["
        return self._position(before if listed else place.start + 1), self._position(place.end)

    def _position(self, offset: int) -> Position:
        line = bisect_right(self._breaks, offset)
        start = self._breaks[line - 1] if line else 0
        return {"Line": line + 1, "Column": offset - start + 1}
