"""A subject's pattern names no owner, so every project of the issuer is admitted.

## What
The first wildcard of a pattern stands where the group, the owner or the project's id should be
named, and no other condition of the statement names one.

## Why
`project_path:*`, `repo:*/deploy:*` or `*` admit jobs of anybody who can have a token of this
issuer: on gitlab.com or GitHub anyone at all, on a private instance everyone with an account. AWS
refuses `*` alone for shared issuers and accepts the others. It is an error for a shared issuer,
and where the wildcard stands before the first colon; on a private instance else a warning.

## Example
    "StringLike": {"gitlab.com:sub": "project_path:*:ref_type:branch:ref:main"}

## Instead
    "StringLike": {"gitlab.com:sub": "project_path:acme/*:ref_type:branch:ref:main"}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
- https://docs.gitlab.com/ci/cloud_services/aws/
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._names import Openness, Trusted, stranger, unpinned
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._text import first_wildcard, quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns without an owner."""
    for reading in web_allows(subject):
        for each in unpinned(reading):
            if each.openness is Openness.ANYBODY:
                yield _finding(reading, each)


def _finding(reading: Reading, each: Trusted) -> Finding:
    text, issuer = each.value.text, each.test.issuer
    at = first_wildcard(text) or 0
    example = stranger(each)
    said = f"{quoted(text)} names no owner"
    who = "anybody at all" if issuer.shared else f"whoever gets a token of `{issuer.host}`"
    return RULE.finding(
        f"{said} and admits {who}" + (f": {quoted(example)}" if example else ""),
        (within(reading.document, each.value, at, at + 1), "stands for every owner"),
        help=_help(each),
        severity=Severity.ERROR if issuer.shared or each.name is None else Severity.WARNING,
    )


def _help(each: Trusted) -> str:
    if each.test.claim != "sub":
        return "write the name or id of your group or project"
    platform, name = each.test.issuer.platform, each.name
    owner = "OWNER" if platform is Platform.GITHUB else "GROUP"
    if platform is not None and name is not None and name.label in ("project_path", "repo"):
        # `*/api` keeps its end, `*` becomes all below the group: no more than what is written.
        rest = name.text[1:] if name.text[1:2] == "/" else f"/{name.text}"
        head, tail = each.value.text[: name.start], each.value.text[name.start + len(name.text) :]
        return f"name your {owner.lower()}: {quoted(f'{head}{owner}{rest}{tail}')}"
    if platform is Platform.GITLAB:
        return "begin with your group and a slash: `project_path:GROUP/*`"
    if platform is Platform.GITHUB:
        return "begin with your owner and a slash: `repo:OWNER/*`"
    return "write the name of your organisation or project"


RULE = PolicyRule(
    code="TRUST004",
    name="subject_names_nobody",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
