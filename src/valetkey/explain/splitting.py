"""Conditions that were meant as alternatives and stand where all must hold: written apart."""

import json
from collections.abc import Sequence

from valetkey.explain.edits import Edit, added, another_statement, without_conditions
from valetkey.policy import ConditionEntry, PolicyDocument, Statement
from valetkey.policy.decision import ConditionTrace, ElementTrace, StatementTrace, TextRange
from valetkey.policy.operators import Family, Qualifier

_PROVIDER = ":oidc-provider/"


def merged(
    text: str,
    document: PolicyDocument,
    trace: StatementTrace,
    part: ElementTrace | ConditionTrace,
) -> tuple[Edit, ...] | None:
    """Put the values of `StringEquals` and `StringLike` on one key under one `StringLike`.

    None where a value would change its meaning by that: one with a wildcard in it.
    """
    if not isinstance(part, ConditionTrace):
        return None
    statement = document.statements[trace.ref.index]
    entries = [one for one in statement.conditions if one.key.lower() == part.key.lower()]
    like = next((one for one in entries if one.operator.written == "StringLike"), None)
    equal = next((one for one in entries if one.operator.written == "StringEquals"), None)
    if len(entries) != 2 or like is None or equal is None or not like.values:  # noqa: PLR2004 - these two
        return None
    if any(sign in value.text for value in equal.values for sign in "*?$"):
        return None
    removal = without_conditions(text, statement, (equal,))
    if removal is None:
        return None
    last = like.values[-1].range
    return *removal, _all_added(text, last, [value.text for value in equal.values])


def _all_added(text: str, place: TextRange, values: Sequence[str]) -> Edit:
    first = added(text, place, values[0])
    more = "".join(f", {json.dumps(value)}" for value in values[1:])
    listed = first.text.endswith("]")
    return Edit(
        first.start, first.end, f"{first.text[:-1]}{more}]" if listed else first.text + more
    )


def split(
    text: str, document: PolicyDocument, trace: StatementTrace, provider: str | None
) -> tuple[Edit, ...] | None:
    """Leave one issuer's conditions in a statement, and give the others one of their own.

    None where it can't be told which key is whose.
    """
    statement = document.statements[trace.ref.index]
    if provider is None or statement.principal is None:
        return None
    foreign = [one for one in statement.conditions if _issuer(one) not in {"", provider.lower()}]
    issuers = {_issuer(one) for one in foreign}
    if len(issuers) != 1 or any(not _is_plain(one) for one in foreign):
        return None
    arns = [value.text for entry in statement.principal.entries for value in entry.values]
    theirs = [arn for arn in arns if arn.lower().endswith(f"{_PROVIDER}{next(iter(issuers))}")]
    ours = [arn for arn in arns if arn.lower().endswith(f"{_PROVIDER}{provider.lower()}")]
    edits = without_conditions(text, statement, foreign)
    if edits is None or len(ours) != 1:
        return None
    done = [*edits]
    if not theirs:
        return tuple(done)
    place = statement.principal.range
    done.append(Edit(place.start, place.end, json.dumps({"Federated": ours[0]})))
    done.append(another_statement(text, document, _of_others(statement, theirs[0], foreign)))
    return tuple(done)


def _of_others(
    statement: Statement, arn: str, conditions: Sequence[ConditionEntry]
) -> dict[str, object]:
    wanted: dict[str, dict[str, object]] = {}
    for one in conditions:
        values = [value.text for value in one.values]
        wanted.setdefault(one.operator.written, {})[one.key] = (
            values[0] if len(values) == 1 else values
        )
    actions = [value.text for value in statement.action.values] if statement.action else []
    return {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": actions[0] if len(actions) == 1 else actions,
        "Condition": wanted,
    }


def _issuer(entry: ConditionEntry) -> str:
    """Return whose key a condition is about; empty for keys that are no issuer's."""
    host = entry.key.rpartition(":")[0].lower()
    return host if "." in host or ":" in host else ""


def _is_plain(entry: ConditionEntry) -> bool:
    operator = entry.operator
    return operator.qualifier is Qualifier.NONE and operator.base.family in {
        Family.STRING,
        Family.LIKE,
    }
