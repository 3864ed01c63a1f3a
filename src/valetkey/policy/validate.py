"""Whether a document may be used as a policy of its type; the flaws in AWS's words.

What is shared by all types is here; resources, principals and shared issuers have a module each.
"""

import re
from collections.abc import Iterable
from typing import Final

from valetkey.policy.decision import PolicyType, TextRange
from valetkey.policy.document import (
    VERSION_2012,
    ConditionEntry,
    PolicyDocument,
    Statement,
    Value,
)
from valetkey.policy.findings import Findings, opening
from valetkey.policy.flaws import Flaw, Kind
from valetkey.policy.globs import glob
from valetkey.policy.shared_issuers import NO_MORE, RequiredClaims, check_shared_issuers
from valetkey.policy.validate_principals import check_principal
from valetkey.policy.validate_resources import check_resource
from valetkey.policy.wanted import Unreadable, compile_value

_VENDOR = re.compile(r"[a-zA-Z0-9.\-]+")

WITH_PRINCIPAL: Final = frozenset({PolicyType.RESOURCE, PolicyType.TRUST})
"""The types of policy that stand at a resource and so must say who is meant."""


_TRUST_ACTIONS: Final = (
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:setcontext",
    "sts:setsourceidentity",
    "sts:tagsession",
)


def validate(
    document: PolicyDocument, type: PolicyType, required: RequiredClaims = NO_MORE
) -> list[Flaw]:
    """Return what keeps a document from being a policy of this type; nothing if it is one.

    ``required`` is what the statements of a trust policy must look at besides AWS's own demands.
    """
    findings = Findings(document)
    if type not in WITH_PRINCIPAL:
        _check_version(findings)
    for statement in document.statements:
        check_principal(findings, statement, type)
        if type is PolicyType.TRUST:
            check_shared_issuers(findings, statement, required)
        for entry in statement.conditions:
            _check_values(findings, statement, entry)
        _check_action(findings, statement, type)
        check_resource(findings, statement, type)
    _check_sids(findings)
    return findings.flaws


def _check_version(findings: Findings) -> None:
    """Require 2012-10-17: IAM's managed policies do, and older ones read variables as text."""
    version = findings.document.version
    if version is None or version.text != VERSION_2012:
        findings.add(
            Kind.VERSION_OLD,
            "the policy has no version" if version is None else f"version `{version.text}` is old",
            TextRange(0, 1) if version is None else version.range,
            help=f'begin the policy with `"Version": "{VERSION_2012}"`',
        )


def _check_sids(findings: Findings) -> None:
    seen: dict[str, Value] = {}
    for statement in findings.document.statements:
        sid = statement.sid
        if sid is None or not sid.text:
            continue
        if sid.text in seen:
            findings.add(
                Kind.SID_DUPLICATE,
                f"two statements have the id `{sid.text[:80]}`",
                sid.range,
                statement=statement,
                other=(seen[sid.text].range, "given first here"),
            )
        seen.setdefault(sid.text, sid)


def _check_values(findings: Findings, statement: Statement, entry: ConditionEntry) -> None:
    variables = findings.document.has_variables
    for value in entry.values:
        try:
            compile_value(entry.operator, value, variables=variables)
        except Unreadable as flaw:
            findings.add(
                Kind.VALUE,
                flaw.message,
                findings.within(value, flaw.start, flaw.end),
                statement=statement,
                notes=(f"operator `{entry.operator.written}` compares with it",),
            )


def _check_action(findings: Findings, statement: Statement, type: PolicyType) -> None:
    action = statement.action
    if action is None or not action.values:
        place = opening(statement) if action is None else action.range
        message = "the statement has no `Action`" if action is None else "no action is listed"
        findings.add(Kind.ACTION_MISSING, message, place, statement=statement)
        return
    for value in action.values:
        for message, wire in _action_flaws(value.text):
            findings.add(Kind.ACTION_INVALID, message, value.range, statement=statement, wire=wire)
        if type is PolicyType.TRUST and not _assumes(value.text):
            findings.add(
                Kind.ACTION_NOT_STS,
                f"a trust policy is about assuming its role, got `{value.text[:80]}`",
                value.range,
                statement=statement,
                help="write `sts:*` for all of them" if value.text == "*" else None,
            )


def _assumes(action: str) -> bool:
    """Tell whether an action is, or with wildcards can be, one that a trust policy is asked."""
    folded = action.lower()
    return folded.startswith("sts:") and any(map(glob(folded).matches, _TRUST_ACTIONS))


def _action_flaws(text: str) -> Iterable[tuple[str, str]]:
    """Yield what is wrong with an action's name: our words, AWS's words."""
    if text == "*":
        return
    vendor, colon, name = text.partition(":")
    shown = text[:80]
    if not colon:
        yield (
            f"action `{shown}` has no service prefix such as `s3:`",
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        )
    elif ":" in name:
        yield (
            f"action `{shown}` has more than one colon",
            "Actions/Condition can contain only one colon.",
        )
    elif vendor != "*" and not _VENDOR.fullmatch(vendor):
        yield f"`{vendor[:80]}` is no service prefix", f"Vendor {vendor} is not valid"
    elif not name:
        # Seen nowhere; an action of no name is understood as nothing, so it is refused.
        yield f"action `{shown}` names no action", "Syntax errors in policy."
