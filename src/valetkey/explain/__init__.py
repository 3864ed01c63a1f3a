"""Why a request was allowed or refused, as a person reads it, and what to write instead.

Owns the explanation: the ladder of steps that a request climbed, the nearest statement of the
policy with a caret under the first character that differs, and the advice (often: to change
nothing, because the refusal protects). Makes no decision: it formats one that was made, with the
trace that came with it. Does not know how requests arrive.

Advice never widens more than it must: the value to add is the exact one, never a pattern. Before
a change to a policy is suggested, the evaluator itself is asked whether it allows the request and
keeps every stranger out.
"""

from valetkey.explain.explain import explain
from valetkey.explain.model import (
    Asked,
    Case,
    DecidedBy,
    Explanation,
    NearMiss,
    State,
    Step,
    Suggestion,
    Temptation,
)
from valetkey.explain.permission import explain_permission
from valetkey.explain.record import case_of, explain_record
from valetkey.explain.text import VERSION, as_json, as_text
from valetkey.explain.token import explain_token

__all__ = [
    "VERSION",
    "Asked",
    "Case",
    "DecidedBy",
    "Explanation",
    "NearMiss",
    "State",
    "Step",
    "Suggestion",
    "Temptation",
    "as_json",
    "as_text",
    "case_of",
    "explain",
    "explain_permission",
    "explain_record",
    "explain_token",
]
