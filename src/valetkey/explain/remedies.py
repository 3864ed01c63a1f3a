"""What could be written instead of a part that did not match: by its cause.

A remedy has up to two forms: ``meant``, which keeps what the author seems to have meant and may
admit more than this request, and ``exact``, which admits this request's own value. Which of them
may be suggested is for the evaluator to say (``suggestion``), never for this module.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from valetkey.diagnostics import Source
from valetkey.explain.compare import quoted
from valetkey.explain.edits import Edit, added, entry_at, member_after, replaced
from valetkey.explain.lookalikes import is_open
from valetkey.explain.mismatch import Found, read_operator
from valetkey.explain.model import Case
from valetkey.explain.places import inside
from valetkey.explain.splitting import merged, split
from valetkey.explain.statements import Place
from valetkey.policy import PolicyDocument, PolicyType
from valetkey.policy.decision import ConditionTrace, ElementTrace, TextRange

Edits = tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """Changes to the policy's text for one part; ``tempting`` says what ``meant`` does.

    ``keeps`` tells that ``meant`` corrects what stands there, and so is the better one where the
    two admit the same; ``asks`` that the refusal may be right, so that a person must say.
    """

    exact: Edits | None = None
    meant: Edits | None = None
    tempting: str = ""
    keeps: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Patient:
    """A part that did not match, in the policy that it stands in."""

    case: Case
    place: Place
    document: PolicyDocument
    found: Found

    @property
    def source(self) -> Source:
        """Return the policy's text."""
        return self.document.source

    @property
    def text(self) -> str:
        """Return the policy's text."""
        return self.document.source.text


def remedy_of(patient: Patient) -> Remedy | None:
    """Return what could be written instead, or None where the refusal does its duty."""
    make = _BY_CODE.get(patient.found.cause.code)
    return make(patient) if make is not None else None


def _is_plain(value: str | None) -> bool:
    """Return whether a value means itself wherever it is written in a policy."""
    return value is not None and not any(sign in value for sign in "*?$") and value.isprintable()


def _inner(patient: Patient, place: TextRange) -> TextRange:
    span = inside(patient.source, place)
    return TextRange(span.start, span.end)


def _exact(patient: Patient, *, instead: bool) -> Edits | None:
    found = patient.found
    if found.wanted is None or not _is_plain(found.got):
        return None
    got = found.got or ""
    if instead:
        return (replaced(found.wanted.range, got),)
    return (added(patient.text, found.wanted.range, got),)


def _instead(patient: Patient) -> Remedy:
    """Write the value that was there for one that can never be there."""
    if patient.found.cause.code == "unknown-component" and not patient.found.cause.slip:
        return Remedy()
    if isinstance(patient.found.part, ElementTrace):
        return Remedy()  # a resource's name is not all that its statement is about
    return Remedy(exact=_exact(patient, instead=True))


def _beside(patient: Patient) -> Remedy:
    """Add the value that was there; the tempting way is a star in place of what differs."""
    if patient.place.policy.type is not PolicyType.TRUST:
        return Remedy()  # who may do something with the permission is not this policy's to say
    return Remedy(_exact(patient, instead=False), *_with_star(patient), asks=True)


def _with_star(patient: Patient) -> tuple[Edits | None, str]:
    found = patient.found
    if not isinstance(found.part, ConditionTrace) or found.wanted is None or found.got is None:
        return None, ""
    pattern, words = _widened(found.cause.code, found.got)
    if not pattern:
        return None, ""
    operator = read_operator(found.part.operator)
    edits = [added(patient.text, found.wanted.range, pattern)]
    if not operator.takes_wildcards:
        like = operator.written.replace(operator.name, "StringLike")
        place = _inner(patient, found.part.operator_range)
        edits.append(Edit(place.start, place.end, like))
        words += f" under `{like}`"
    return tuple(edits), words


def _widened(code: str, got: str) -> tuple[str, str]:
    """Return the pattern that comes to mind, and what it does in words."""
    head = got.rpartition(":")[0]
    match code:
        case "other-branch" | "other-tag" | "other-ref":
            return f"{head}:*", "a wildcard in place of the name of the ref"
        case "branch-or-tag":
            start = got.partition(":ref_type:")[0]
            return f"{start}:*", "a wildcard in place of `ref_type` and `ref`"
        case "environment-subject":
            repository = ":".join(got.split(":")[:2])
            return f"{repository}:*", "a wildcard in place of the environment"
        case "id-qualified-subject":
            owner, _, rest = got.partition("@")
            name = rest.partition("/")[2].partition("@")[0]
            return f"{owner}*/{name}*:*", "wildcards in place of the ids"
        case _:
            return "", ""


def _under_like(patient: Patient) -> Remedy:
    """Turn `StringEquals` into `StringLike`, or write the value itself."""
    part = patient.found.part
    if not isinstance(part, ConditionTrace):
        return Remedy()
    operator = read_operator(part.operator)
    like = operator.written.replace(operator.name, "StringLike")
    place = _inner(patient, part.operator_range)
    written = patient.found.wanted.written if patient.found.wanted is not None else ""
    if part.key.lower().endswith(":sub") and is_open(written):
        # Whether this token is one of those that were meant can't be told from such a pattern.
        return Remedy(
            meant=(Edit(place.start, place.end, like),),
            tempting=f"`{like}` in place of `{operator.written}`",
        )
    return Remedy(
        exact=_exact(patient, instead=True),
        meant=(Edit(place.start, place.end, like),),
        tempting=f"`{like}` in place of `{operator.written}`",
        keeps=True,
    )


def _impossible(patient: Patient) -> Remedy:
    """Tell a merge request's pipeline from others by its source, not by its ref."""
    found, case = patient.found, patient.case
    exact = _exact(patient, instead=True)
    key = f"{case.provider}:pipeline_source"
    entry = entry_at(patient.document.statements, _key_range(found))
    written = found.wanted.written if found.wanted is not None else ""
    if case.context.get(key) != "merge_request_event" or ":ref_type:mr" not in written:
        return Remedy(exact=exact)
    if exact is not None and entry is not None:
        exact = (*exact, member_after(patient.text, entry, key, "merge_request_event"))
    meant = None
    if found.wanted is not None:
        branch = written.replace(":ref_type:mr", ":ref_type:branch")
        meant = (replaced(found.wanted.range, branch),)
    return Remedy(exact, meant, "`ref_type:branch` in place of `ref_type:mr`")


def _key_range(found: Found) -> TextRange:
    part = found.part
    return part.key_range if isinstance(part, ConditionTrace) else TextRange(0, 0)


def _other_key(patient: Patient) -> Remedy:
    """Write the key that was meant; if its value then lets more in, write this one's as well."""
    found = patient.found
    key = found.cause.key
    if key is None or not isinstance(found.part, ConditionTrace):
        return Remedy()
    rename = replaced(found.part.key_range, key)
    entry = entry_at(patient.document.statements, found.part.key_range)
    got = next((v for k, v in patient.case.context.items() if k.lower() == key.lower()), None)
    exact = None
    if entry is not None and isinstance(got, str) and _is_plain(got):
        exact = (rename, replaced(entry.range, got))
    return Remedy(exact, (rename,), f"{quoted(key)} with the values as they stand", keeps=True)


def _operator(patient: Patient) -> Remedy:
    part = patient.found.part
    if not isinstance(part, ConditionTrace):
        return Remedy()
    place = _inner(patient, part.operator_range)
    edit = Edit(place.start, place.end, f"ForAnyValue:{part.operator}")
    return Remedy(meant=(edit,), tempting=f"`ForAnyValue:{part.operator}`", keeps=True)


def _principal(patient: Patient) -> Remedy:
    """Correct the ARN of the same issuer's provider; another issuer is never suggested."""
    found = patient.found
    if found.wanted is None or found.got is None or not found.cause.slip:
        return Remedy()
    return Remedy(exact=(replaced(found.wanted.range, found.got),))


def _principal_kind(patient: Patient) -> Remedy:
    part = patient.found.part
    if not isinstance(part, ElementTrace) or not _is_plain(patient.found.got):
        return Remedy()
    body = json.dumps({"Federated": patient.found.got})
    return Remedy(exact=(Edit(part.range.start, part.range.end, body),))


def _action(patient: Patient) -> Remedy:
    found = patient.found
    if patient.place.policy.type is not PolicyType.TRUST or found.wanted is None:
        return Remedy()
    return Remedy(exact=_exact(patient, instead=False))


def _merge(patient: Patient) -> Remedy:
    edits = merged(patient.text, patient.document, patient.place.statement, patient.found.part)
    return Remedy(meant=edits, tempting="one `StringLike` with all the values", keeps=True)


def _split(patient: Patient) -> Remedy:
    edits = split(patient.text, patient.document, patient.place.statement, patient.case.provider)
    tempting = "a statement for each issuer, with what is left to it"
    return Remedy(meant=edits, tempting=tempting, keeps=True)


_BY_CODE: Final[Mapping[str, Callable[[Patient], Remedy]]] = {
    "wildcard-under-equals": _under_like,
    "capitals-differ": _instead,
    "hidden-blank": _instead,
    "url-differs": _instead,
    "impossible-value": _impossible,
    "unknown-component": _instead,
    "environment-subject": _beside,
    "id-qualified-subject": _beside,
    "other-form": _beside,
    "other-ref": _beside,
    "other-branch": _beside,
    "other-tag": _beside,
    "branch-or-tag": _beside,
    "other-components": _beside,
    "more-components": _beside,
    "direct-group": _beside,
    "value-differs": _beside,
    "missing-claim": _other_key,
    "missing-key": _other_key,
    "wrong-issuer-in-key": _other_key,
    "several-values": _operator,
    "unsatisfiable": _merge,
    "other-issuer": _split,
    "principal-differs": _principal,
    "principal-kind": _principal_kind,
    "action-differs": _action,
}
