"""Near misses that any value can have: blanks, capitals, wildcards, slashes, unset variables."""

import re
from typing import Final

from valetkey.explain.compare import matches, quoted
from valetkey.explain.github import github_subject
from valetkey.explain.gitlab import gitlab_claim, gitlab_subject
from valetkey.explain.lookalikes import is_open
from valetkey.explain.mismatch import Cause, Mismatch, Rule, first_cause, is_text, unless
from valetkey.explain.urls import url_difference
from valetkey.policy.operators import Family

_SHELL_VARIABLE: Final = re.compile(r"\$\{?[A-Z_][A-Z0-9_]*\}?")
_HIDDEN: Final = " \t\r\n\f\v\u00a0\u200b\u200c\u200d\u2060\ufeff"
# Claims that say whose the job is: a pattern that leaves a name unfinished admits strangers.
_NAMES: Final = frozenset(
    {"sub", "repository", "repository_owner", "organization_slug", "pipeline_slug"}
    | {f"{of}{what}_path" for of in ("", "job_", "source_") for what in ("project", "namespace")}
)
_URL_CLAIMS: Final = frozenset({"aud", "oaud", "azp", "iss"})


def cause_of(mismatch: Mismatch) -> Cause:
    """Return why a condition's value differs from what was there."""
    return first_cause(_RULES, mismatch) or _different(mismatch)


def _without_value(mismatch: Mismatch) -> Cause | None:
    if mismatch.wanted.value is not None:
        return None
    variable = re.search(r"\$\{[^}]*\}", mismatch.wanted.written)
    name = variable[0] if variable else mismatch.wanted.written
    return Cause(
        "variable-without-value",
        f"policy variable {quoted(name)} has no value in this request",
        "nothing stands here, so nothing can match",
        (
            (
                "write a condition key that the request has, or give a default:"
                " `${key, 'default'}`; a shell variable is not filled in here"
            ),
        ),
        at=variable.start() if variable else 0,
    )


def _unwanted(mismatch: Mismatch) -> Cause | None:
    """Explain an operator such as StringNotEquals, which fails because a value is the same."""
    if not mismatch.operator.base.negated:
        return None
    return Cause(
        "value-excluded",
        f"condition {quoted(mismatch.key)} must not be {quoted(mismatch.value)}, and it is"
        f" {quoted(mismatch.got)}",
        f"excluded by `{mismatch.operator.written}`",
        ("nothing should be changed, unless this value shall have access: then remove it here",),
        at=0,
    )


def _other_kind(mismatch: Mismatch) -> Cause | None:
    """Explain operators that compare numbers, times, addresses or truths."""
    if is_text(mismatch.operator):
        return None
    value, got = mismatch.value, mismatch.got
    if mismatch.operator.base.family is Family.PRESENCE:
        return Cause(
            "key-must-not-be-there",
            f"condition key {quoted(mismatch.key)} must not be there, and it is {quoted(got)}",
            "asks for its absence",
            ("nothing should be changed, unless such a request shall have access",),
            at=0,
        )
    return Cause(
        "condition-not-met",
        f"condition {quoted(mismatch.key)} wanted {quoted(value)}, got {quoted(got)}",
        f"not met by {quoted(got)}",
        _protection(mismatch)
        or ("nothing should be changed, unless such a request shall have access",),
        at=0,
    )


def _hidden_blank(mismatch: Mismatch) -> Cause | None:
    value, got = mismatch.value, mismatch.got
    if value == value.strip(_HIDDEN) and got == got.strip(_HIDDEN):
        return None
    if not matches(value.strip(_HIDDEN), got.strip(_HIDDEN), pattern=mismatch.is_pattern):
        return None
    theirs = got != got.strip(_HIDDEN)
    whose = f"the {mismatch.holder}'s value" if theirs else "the policy's value"
    text = got if theirs else value
    front = text != text.lstrip(_HIDDEN)
    place = "begins" if front else "ends"
    blank = text[0] if front else text[-1]
    what = (
        "a line break"
        if blank in "\r\n"
        else "a blank"
        if blank in " \t"
        else "an invisible character"
    )
    return Cause(
        "hidden-blank",
        f"{whose} {place} with {what}, otherwise condition {quoted(mismatch.key)} would be met",
        f"{what} {'more in the {mismatch.holder}' if theirs else 'too many'}",
        (
            f"remove {what} where the value is made (a CI variable, the `aud:` of the job)"
            if theirs
            else f"write {quoted(value.strip(_HIDDEN))}",
        ),
    )


def _literal_wildcard(mismatch: Mismatch) -> Cause | None:
    """Explain `*` under an operator that compares it literally (StringEquals)."""
    value, got = mismatch.value, mismatch.got
    if mismatch.is_pattern or not ("*" in value or "?" in value):
        return None
    if not matches(value, got, pattern=True):
        return None
    star = next(index for index, character in enumerate(value) if character in "*?")
    sign = value[star]
    operator = mismatch.operator
    like = operator.written.replace(operator.name, "StringLike")
    message = f"`{operator.written}` compares `{sign}` literally; it would match under `{like}`"
    if mismatch.claim in _NAMES and is_open(value):
        return Cause(
            "wildcard-under-equals",
            message,
            f"`{sign}` stands for itself here",
            (
                (
                    f"do not just change the operator: as a pattern, {quoted(value)}"
                    " would also admit"
                    " names that only begin alike; to admit exactly this one, write"
                    f" {quoted(got)}"
                ),
            ),
            at=star,
        )
    return Cause(
        "wildcard-under-equals",
        message,
        f"`{sign}` stands for itself here",
        (f"use `{like}` in place of `{operator.written}`",),
        at=star,
    )


def _capitals(mismatch: Mismatch) -> Cause | None:
    value, got = mismatch.value, mismatch.got
    if not matches(value.casefold(), got.casefold(), pattern=mismatch.is_pattern):
        return None
    at = mismatch.where.wanted
    stretch = got[mismatch.where.got : mismatch.where.got + 1]
    written = value if mismatch.is_pattern else got
    advice = (
        f"spell it as the {mismatch.holder} does: {quoted(got)}"
        if written == got
        else f"spell the fixed part as the {mismatch.holder} does, {quoted(got)}"
    )
    return Cause(
        "capitals-differ",
        f"condition {quoted(mismatch.key)} differs in upper and lower case only",
        f"{quoted(stretch)} in the {mismatch.holder}",
        (advice,),
        at=at,
    )


def _url(mismatch: Mismatch) -> Cause | None:
    """Explain audiences and issuers that differ by a slash, the scheme or a port."""
    value, got = mismatch.value, mismatch.got
    if mismatch.claim not in _URL_CLAIMS and "://" not in value:
        return None
    how = url_difference(value, got)
    if how is None:
        return None
    return Cause(
        "url-differs",
        f"condition {quoted(mismatch.key)} differs by {how} only",
        f"{quoted(got)} in the {mismatch.holder}",
        (
            f"the two must be the same to the character: write {quoted(got)} here, or ask for"
            f" {quoted(value)} in the job's `aud:`"
            if mismatch.claim != "iss"
            else f"write {quoted(got)}",
        ),
    )


def _unset_variable(mismatch: Mismatch) -> Cause | None:
    for text, where in ((mismatch.got, mismatch.holder), (mismatch.value, "policy")):
        variable = _SHELL_VARIABLE.search(text)
        if variable:
            return Cause(
                "variable-not-expanded",
                f"the {where}'s value holds {quoted(variable[0])}, a variable that was not"
                " filled in",
                "differs from here",
                (
                    (
                        "give the variable a value where the job can see it (protected"
                        " variables are"
                        " absent on unprotected refs), or write the value itself"
                    ),
                ),
                at=variable.start() if where == "policy" else None,
            )
    return None


def _protection(mismatch: Mismatch) -> tuple[str, ...] | None:
    if mismatch.claim not in {"ref_protected", "environment_protected"}:
        return None
    if (mismatch.value, mismatch.got) != ("true", "false"):
        return None
    what = "branch or tag" if mismatch.claim == "ref_protected" else "environment"
    return (
        (
            f"nothing should be changed in the policy: the job's {what} is not protected;"
            " protect it"
            " in GitLab if it shall have access"
        ),
    )


def _unprotected(mismatch: Mismatch) -> Cause | None:
    advice = _protection(mismatch)
    if advice is None:
        return None
    return Cause(
        "not-protected",
        f"condition {quoted(mismatch.key)} wanted `true`, got `false`",
        "`false` in the token",
        advice,
    )


def _different(mismatch: Mismatch) -> Cause:
    value, got = mismatch.value, mismatch.got
    found = got[mismatch.where.got : mismatch.where.got + 1]
    label = (
        f"{quoted(found)} in the {mismatch.holder}"
        if found
        else f"the {mismatch.holder}'s value ends here"
    )
    if mismatch.where.wanted >= len(value):
        label = (
            f"the {mismatch.holder}'s value goes on with {quoted(got[mismatch.where.got :][:40])}"
        )
    return Cause(
        "value-differs",
        f"condition {quoted(mismatch.key)} wanted {quoted(value)}, got {quoted(got)}",
        label,
        unless("this value", mismatch),
    )


_RULES: Final[tuple[Rule, ...]] = (
    _without_value,
    _unwanted,
    _other_kind,
    _hidden_blank,
    _literal_wildcard,
    _capitals,
    _url,
    _unset_variable,
    _unprotected,
    gitlab_subject,
    gitlab_claim,
    github_subject,
)
