"""What can be wrong with a document, and what AWS says about it.

AWS has several validators with different sentences and a different order of checks: the one of
identity policies goes through the whole document once per kind of flaw, the one of trust
policies goes statement by statement. All flaws are gathered; the wire gets the sentence of the
one that AWS would have met first, the operator gets all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from valetkey.diagnostics import Diagnostic
from valetkey.policy.decision import PolicyType
from valetkey.policy.errors import MalformedPolicy


class Kind(StrEnum):
    """A kind of flaw; the value is the code of its diagnostic."""

    JSON = "policy-json"
    SHAPE = "policy-shape"
    UNKNOWN_ELEMENT = "policy-unknown-element"
    UNKNOWN_OPERATOR = "policy-unknown-operator"
    BOTH_FORMS = "policy-both-forms"
    VERSION = "policy-version"
    VERSION_OLD = "policy-version-old"
    STATEMENT_EMPTY = "policy-no-statement"
    EFFECT_MISSING = "policy-effect-missing"
    EFFECT_UNKNOWN = "policy-effect-unknown"
    EFFECT_CASE = "policy-effect-case"
    VALUE = "policy-value"
    SID_DUPLICATE = "policy-sid-duplicate"
    PRINCIPAL_PROHIBITED = "policy-principal-prohibited"
    PRINCIPAL_MISSING = "policy-principal-missing"
    PRINCIPAL_EMPTY = "policy-principal-empty"
    PRINCIPAL_SHAPE = "policy-principal-shape"
    PRINCIPAL_INVALID = "policy-principal-invalid"
    NOT_PRINCIPAL_ALLOW = "policy-not-principal-allow"
    NOT_PRINCIPAL = "policy-not-principal"
    ACTION_MISSING = "policy-action-missing"
    ACTION_INVALID = "policy-action-invalid"
    ACTION_NOT_STS = "policy-action-not-sts"
    RESOURCE_MISSING = "policy-resource-missing"
    RESOURCE_INVALID = "policy-resource-invalid"
    RESOURCE_LEGACY = "policy-resource-shape"
    RESOURCE_PROHIBITED = "policy-resource-prohibited"
    NOT_RESOURCE_PROHIBITED = "policy-not-resource-prohibited"
    SHARED_ISSUER = "policy-shared-issuer"


@dataclass(frozen=True, slots=True)
class Flaw:
    """A flaw, the statement it is in (-1: the document itself) and AWS's own words for it.

    ``wire`` is None where the sentence follows from the kind alone.
    """

    kind: Kind
    diagnostic: Diagnostic
    statement: int = -1
    wire: str | None = None


MOST_DIAGNOSTICS: Final = 20
"""No one reads more at once; a hostile document must not make us write a book."""

_LEGACY: Final = "The policy failed legacy parsing"

# Rank and sentence by kind; kinds that are not listed are rank 0 with the sentence for syntax.
_IDENTITY_SYNTAX: Final = "Syntax errors in policy."
_IDENTITY: Final[dict[Kind, tuple[int, str]]] = {
    Kind.VERSION_OLD: (1, "Policy document must be version 2012-10-17 or greater."),
    Kind.EFFECT_CASE: (2, _LEGACY),
    Kind.VALUE: (2, _LEGACY),
    Kind.RESOURCE_LEGACY: (2, _LEGACY),
    Kind.PRINCIPAL_PROHIBITED: (3, "Policy document should not specify a principal."),
    Kind.SID_DUPLICATE: (5, "Statement IDs (SID) in a single policy must be unique."),
    Kind.ACTION_MISSING: (6, "Policy statement must contain actions."),
    Kind.RESOURCE_INVALID: (7, _IDENTITY_SYNTAX),
    Kind.ACTION_INVALID: (8, _IDENTITY_SYNTAX),
    Kind.RESOURCE_MISSING: (9, "Policy statement must contain resources."),
}
_IDENTITY_OWN_WORDS: Final = frozenset({Kind.ACTION_INVALID, Kind.RESOURCE_INVALID})

_TRUST_SYNTAX: Final = "Syntax error in policy."
_TRUST: Final[dict[Kind, tuple[int, str]]] = {
    Kind.JSON: (0, "This policy contains invalid Json"),
    Kind.UNKNOWN_ELEMENT: (1, _TRUST_SYNTAX),
    Kind.SHAPE: (1, _TRUST_SYNTAX),
    Kind.VERSION: (2, "The policy must contain a valid version string"),
    Kind.STATEMENT_EMPTY: (3, "Could not parse the policy: Statement is empty!"),
    Kind.EFFECT_MISSING: (4, "Missing required field Effect"),
    Kind.EFFECT_CASE: (5, _TRUST_SYNTAX),
    Kind.EFFECT_UNKNOWN: (5, _TRUST_SYNTAX),
    Kind.NOT_PRINCIPAL_ALLOW: (6, "Allow with NotPrincipal is not allowed."),
    Kind.NOT_PRINCIPAL: (6, "AssumeRole policy must not contain NotPrincipal field."),
    Kind.PRINCIPAL_MISSING: (7, "Missing required field Principal"),
    Kind.PRINCIPAL_SHAPE: (7, "Principal must be a JSON object."),
    Kind.PRINCIPAL_EMPTY: (7, "Missing required field Principal cannot be empty!"),
    Kind.PRINCIPAL_INVALID: (8, _TRUST_SYNTAX),
    Kind.SHARED_ISSUER: (9, _TRUST_SYNTAX),
    Kind.UNKNOWN_OPERATOR: (10, _TRUST_SYNTAX),
    Kind.VALUE: (10, _TRUST_SYNTAX),
    Kind.BOTH_FORMS: (11, _TRUST_SYNTAX),
    Kind.ACTION_MISSING: (12, "Missing required field Action"),
    Kind.ACTION_NOT_STS: (13, "AssumeRole policy may only specify STS AssumeRole actions."),
    Kind.RESOURCE_PROHIBITED: (14, "Has prohibited field Resource"),
    Kind.NOT_RESOURCE_PROHIBITED: (15, "AssumeRole policy must not contain resources."),
    Kind.SID_DUPLICATE: (16, "The Statement Ids in the policy are not unique"),
}
_TRUST_STATEMENT_RANKS: Final = 4
"""From this rank on, the trust validator goes statement by statement."""

_RESOURCE_SYNTAX: Final = "This resource policy contains a syntax error."
_RESOURCE: Final[dict[Kind, tuple[int, str]]] = {
    Kind.PRINCIPAL_INVALID: (1, "This resource policy contains an unsupported principal."),
}


def refusal(flaws: Iterable[Flaw], type: PolicyType) -> MalformedPolicy:
    """Return the refusal of a document with these flaws: AWS's sentence, our findings."""
    in_order = sorted(flaws, key=lambda flaw: _rank(flaw, type))
    return MalformedPolicy(
        _sentence(in_order[0], type),
        [flaw.diagnostic for flaw in in_order[:MOST_DIAGNOSTICS]],
    )


def _rank(flaw: Flaw, type: PolicyType) -> tuple[int, int, int]:
    """Order as AWS's validator meets them; the sort is stable, so the text's order remains."""
    match type:
        case PolicyType.TRUST:
            rank = _TRUST.get(flaw.kind, (1, ""))[0]
            if rank < _TRUST_STATEMENT_RANKS:
                return rank, 0, 0
            return _TRUST_STATEMENT_RANKS, flaw.statement, rank
        case PolicyType.RESOURCE:
            return _RESOURCE.get(flaw.kind, (0, ""))[0], 0, 0
        case _:
            return _IDENTITY.get(flaw.kind, (0, ""))[0], 0, 0


def _sentence(flaw: Flaw, type: PolicyType) -> str:
    match type:
        case PolicyType.TRUST:
            return flaw.wire or _TRUST.get(flaw.kind, (1, _TRUST_SYNTAX))[1]
        case PolicyType.RESOURCE:
            # What the texts below say about a resource policy was seen nowhere.
            return _RESOURCE.get(flaw.kind, (0, _RESOURCE_SYNTAX))[1]
        case _:
            own = flaw.wire if flaw.kind in _IDENTITY_OWN_WORDS else None
            return own or _IDENTITY.get(flaw.kind, (0, _IDENTITY_SYNTAX))[1]
