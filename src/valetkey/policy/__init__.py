"""The IAM policy language: read with positions, compiled once, evaluated to a decision.

Owns the documents (:func:`parse`), what AWS says about bad ones (:class:`MalformedPolicy`), the
compiled form (:func:`compile_policy`) and the one evaluator (:func:`decide`), whose decision
carries its reasons and, if asked, the whole trace. Serves everything that authorises, lints or
explains. Knows nothing of tokens, HTTP, storage, clocks: what is true of a request comes in as
its :class:`Context`.

Where AWS documents what happens, that happens. Where it does not, an Allow does not apply and a
Deny does.
"""

from valetkey.policy.compiled import CompiledPolicy, compile_policy, parse
from valetkey.policy.decision import (
    ConditionTrace,
    Decision,
    ElementTrace,
    PolicyTrace,
    PolicyType,
    Reason,
    StatementRef,
    StatementTrace,
    TextRange,
    Wanted,
)
from valetkey.policy.document import (
    ConditionEntry,
    Element,
    PolicyDocument,
    PrincipalElement,
    PrincipalEntry,
    Statement,
    Value,
)
from valetkey.policy.errors import AmbiguousKey, MalformedPolicy
from valetkey.policy.evaluate import Policies, decide
from valetkey.policy.globs import Glob, glob
from valetkey.policy.messages import denied_message
from valetkey.policy.operators import (
    BASES,
    Family,
    Operator,
    Qualifier,
    parse_operator,
    similar_operator,
)
from valetkey.policy.render import render
from valetkey.policy.request import Context, PrincipalKind, Request, Requester, Values
from valetkey.policy.shared_issuers import SHARED_ISSUERS, RequiredClaims, required_keys
from valetkey.policy.survey import (
    KeyUse,
    PrincipalUse,
    condition_keys,
    counted_characters,
    key_uses,
    principals_of,
)
from valetkey.policy.validate_principals import is_aws_principal, is_federated_principal

__all__ = [
    "BASES",
    "SHARED_ISSUERS",
    "AmbiguousKey",
    "CompiledPolicy",
    "ConditionEntry",
    "ConditionTrace",
    "Context",
    "Decision",
    "Element",
    "ElementTrace",
    "Family",
    "Glob",
    "KeyUse",
    "MalformedPolicy",
    "Operator",
    "Policies",
    "PolicyDocument",
    "PolicyTrace",
    "PolicyType",
    "PrincipalElement",
    "PrincipalEntry",
    "PrincipalKind",
    "PrincipalUse",
    "Qualifier",
    "Reason",
    "Request",
    "Requester",
    "RequiredClaims",
    "Statement",
    "StatementRef",
    "StatementTrace",
    "TextRange",
    "Value",
    "Values",
    "Wanted",
    "compile_policy",
    "condition_keys",
    "counted_characters",
    "decide",
    "denied_message",
    "glob",
    "is_aws_principal",
    "is_federated_principal",
    "key_uses",
    "parse",
    "parse_operator",
    "principals_of",
    "render",
    "required_keys",
    "similar_operator",
]
