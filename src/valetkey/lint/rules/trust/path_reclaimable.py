"""Trust by a path alone, which can become another project's.

## What
A statement names a project or group by its path, and no condition pins an id.

## Why
Paths change hands: when a group or project is renamed, moved or deleted, somebody else may take
the path and with it the subject. Ids are never given away again. On a shared issuer the finding
is a warning, since anyone may take a freed name; elsewhere it is a note. GitLab refuses tokens
for reclaimed paths since 19.1 by default; GitHub puts ids into the subjects of new repositories.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:*"}

## Instead
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:*"},
    "StringEquals": {"gitlab.example:project_id": "20"}

`namespace_id` is the id of the group that a project is directly in; a pattern for a group and its
subgroups is left to the note.

Where only `sub` and `aud` are keys (AWS with a self-managed GitLab), let the subject begin with
the id: set the project's `ci_id_token_sub_claim_components` to `project_id`, `ref_type`, `ref`
(GitLab 19.1), and trust `project_id:20:ref_type:branch:ref:main`.

## References
- https://docs.gitlab.com/ci/secrets/id_token_authentication/
- https://docs.github.com/en/actions/reference/security/oidc
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._names import Name, Openness, Trusted, trusted
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._text import quoted

_BY_PATH: Final = frozenset(
    {"project_path", "namespace_path", "repo", "repository", "repository_owner"}
)
_IDS: Final = frozenset(
    {
        *("project_id", "namespace_id", "job_project_id", "job_namespace_id"),
        *("source_project_id", "source_namespace_id", "repository_id", "repository_owner_id"),
        "enterprise_id",
    }
)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find paths that stand alone."""
    for reading in web_allows(subject):
        every = list(trusted(reading))
        if any(each.test.claim in _IDS for each in every):
            continue
        for each in every:
            if each.name is not None and _is_path(each, each.name):
                yield _finding(reading, each, each.name)
                break


def _is_path(each: Trusted, name: Name) -> bool:
    known = each.test.issuer.platform is not None and name.label in _BY_PATH
    named = each.openness in (Openness.CLOSED, Openness.SIBLING) and "@" not in name.text
    return known and named and bool(name.text)


def _finding(reading: Reading, each: Trusted, name: Name) -> Finding:
    issuer = each.test.issuer
    group = "*" in name.text or name.label in ("namespace_path", "repository_owner")
    if issuer.platform is Platform.GITHUB:
        claim = "repository_owner_id" if group else "repository_id"
    else:
        claim = "namespace_id" if group else "project_id"
    start = name.start
    whose = "group" if group else "project"
    whose = {"group": "owner", "project": "repository"}[whose] if claim[0] == "r" else whose
    # The id is that of the project's own group, not of one further up.
    direct = ", which leaves only the projects directly in it" if claim == "namespace_id" else ""
    return RULE.finding(
        f"{quoted(name.text)} is a path, which another {whose} can have one day; no id is pinned",
        within(reading.document, each.value, start, start + len(name.text)),
        help=f'add `"StringEquals": {{"{issuer.host}:{claim}": "ID"}}` with the id of the {whose}'
        f"{direct}",
        severity=Severity.WARNING if issuer.shared else Severity.NOTE,
    )


RULE = PolicyRule(
    code="TRUST027",
    name="path_reclaimable",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
