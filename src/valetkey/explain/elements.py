"""A Principal, Action or Resource that is not the request's, as a finding in the policy's text."""

import json

from valetkey.arn import Arn, parse_arn
from valetkey.diagnostics import Diagnostic, Label
from valetkey.explain.compare import Difference, difference, listed, matches, quoted, side_by_side
from valetkey.explain.conditions import View
from valetkey.explain.mismatch import Cause, Found, unset_or
from valetkey.explain.places import span, wanted_character
from valetkey.policy.decision import ElementTrace, Wanted

_MOST = 64
_ACTIONS_OF_TOKENS = {
    "sts:TagSession": "the token carries session tags",
    "sts:SetSourceIdentity": "the token carries a source identity",
}


def explain_element(element: ElementTrace, view: View) -> Found:
    """Return why an element did not match: the value that came nearest, and what to write."""
    pair = None if element.name.startswith("Not") else _nearest(element)
    if pair is None:
        return _whole(element, view)
    wanted, got, where = pair
    cause = _cause(element, wanted, got, where)
    labels = []
    if view.source is not None:
        at = where.wanted if cause.at is None else cause.at
        labels.append(Label(wanted_character(view.source, wanted, at), cause.label))
        around = span(view.source, element.range)
        if "\n" not in around.text:
            labels.append(Label(around))
    notes = [f"`{element.name}`:\n{side_by_side(unset_or(wanted), got, where)}"]
    if element.note:
        notes.append(element.note)
    finding = Diagnostic(
        cause.code,
        cause.message,
        labels=tuple(labels),
        notes=(*notes, *cause.notes),
        help=cause.help,
    )
    return Found(element, cause, finding, wanted, got)


def _whole(element: ElementTrace, view: View) -> Found:
    """Explain an element with no value to compare, or the inverse form, which names too much."""
    got = listed(element.got)
    message = f"`{element.name}` does not match {got}"
    advice = "nothing should be changed, unless this request shall be admitted"
    if element.name.startswith("Not"):
        message = f"`{element.name}` excludes {got}"
    labels = view.labels(
        (span(view.source, element.range) if view.source else None, f"{got} in the request")
    )
    notes = (element.note,) if element.note else ()
    cause = Cause(f"{element.name.lower()}-differs", message, f"{got} in the request", (advice,))
    finding = Diagnostic(cause.code, message, labels=labels, notes=notes, help=cause.help)
    return Found(element, cause, finding)


def _nearest(element: ElementTrace) -> tuple[Wanted, str, Difference] | None:
    pattern = element.name != "Principal"
    pairs = [
        (
            wanted,
            got,
            difference(
                unset_or(wanted), got, pattern=pattern, ignore_case=element.name == "Action"
            ),
        )
        for wanted in element.wanted[:_MOST]
        for got in element.got[:_MOST]
    ]
    return max(pairs, key=lambda pair: (pair[2].got, pair[2].wanted), default=None)


def _cause(element: ElementTrace, wanted: Wanted, got: str, where: Difference) -> Cause:
    value = unset_or(wanted)
    found = got[where.got : where.got + 1]
    label = f"{quoted(found)} in the request" if found else "the request's value ends here"
    if element.name == "Action":
        return _action(value, got, label)
    if element.name == "Principal":
        return _principal(element, value, got, label)
    if value.casefold() == got.casefold() or matches(
        value.casefold(), got.casefold(), pattern=True
    ):
        return Cause(
            "capitals-differ",
            f"`{element.name}` differs in upper and lower case only: wanted {quoted(value)}, got"
            f" {quoted(got)}",
            label,
            ("resources have case: spell the one that is meant as the request does",),
        )
    return Cause(
        "resource-differs",
        f"`{element.name}` wanted {quoted(value)}, got {quoted(got)}",
        label,
        (f"nothing should be changed, unless it shall be admitted: then add {quoted(got)}",),
    )


def _action(value: str, got: str, label: str) -> Cause:
    why = _ACTIONS_OF_TOKENS.get(got)
    return Cause(
        "action-differs",
        f"`Action` wanted {quoted(value)}, got {quoted(got)}",
        label,
        (_act(got, why),),
    )


def _act(got: str, why: str | None) -> str:
    if why:
        return f"{why}: add {quoted(got)} to the actions"
    if got.startswith("sts:"):
        return f"write {quoted(got)}"
    return f"nothing should be changed, unless it shall be allowed: then add {quoted(got)}"


def _principal(element: ElementTrace, value: str, got: str, label: str) -> Cause:
    named, asked = parse_arn(value), parse_arn(got)
    provider = asked is not None and asked.resource.startswith("oidc-provider/")
    message = f"`Principal` names {quoted(value)}, the request is from {quoted(got)}"
    if element.note and provider:
        return Cause(
            "principal-kind",
            message,
            "an `AWS` principal",
            # In quotes of JSON: a stranger's issuer is one value there, whatever it holds.
            (f'write `"Principal": {{"Federated": {json.dumps(got)}}}`',),
            at=0,
        )
    if not provider:
        return Cause(
            "principal-differs",
            message,
            label,
            (f"nothing should be changed, unless it shall have access: then add {quoted(got)}",),
        )
    how, slip = _how(named, asked)
    return Cause("principal-differs", f"{message}: {how}", label, (_write(got),), slip=slip)


def _how(named: Arn | None, asked: Arn | None) -> tuple[str, bool]:
    """Return in words how two providers differ, and whether one and the same must be meant."""
    if named is None or asked is None:
        return "a provider is named by its ARN", False
    if named.resource == asked.resource and named.account != asked.account:
        return "the account differs", True
    if named.resource.rstrip("/") == asked.resource.rstrip("/"):
        return "a trailing slash differs", True
    if named.resource.casefold() == asked.resource.casefold():
        return "upper and lower case differ", True
    return "this is another issuer's provider", False


def _write(got: str) -> str:
    return (
        f"if the issuer shall be trusted, write {quoted(got)}; nothing should be changed otherwise"
    )
