"""Why a request was allowed or refused, as a person reads it, and what to write instead.

Owns the explanation: the ladder of steps that a request climbed, the nearest statement of the
policy with a caret under the first character that differs, and the advice (often: to change
nothing, because the refusal protects). Makes no decision: it formats one that was made, with the
trace that came with it. Does not know how requests arrive.

Advice never widens more than it must: the value to add is the exact one, never a pattern.
"""

from valetkey.explain.explain import explain
from valetkey.explain.model import Case, Explanation, State, Step
from valetkey.explain.record import case_of, explain_record
from valetkey.explain.text import as_json, as_text
from valetkey.explain.token import explain_token

__all__ = [
    "Case",
    "Explanation",
    "State",
    "Step",
    "as_json",
    "as_text",
    "case_of",
    "explain",
    "explain_record",
    "explain_token",
]
