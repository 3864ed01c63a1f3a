"""A pattern for tags, which developers can push unless tags are protected.

## What
A pattern admits tags by a wildcard (`ref_type:tag:ref:v*`), and nothing in the statement asks
that the ref is protected.

## Why
A tag can stand on any commit, also one that no review has seen. Protecting branches does not
protect tags: in GitLab any developer may push a tag unless a rule for protected tags says
otherwise.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:tag:ref:v*"}

## Instead
Protect `v*` in the project's settings, and demand it:

    "StringLike": {"gitlab.example:sub": "project_path:acme/api:ref_type:tag:ref:v*"},
    "StringEquals": {"gitlab.example:ref_protected": "true"}

## References
- https://docs.gitlab.com/user/project/protected_tags/
- https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/about-rulesets
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._reading import TRUST, web_allows
from valetkey.lint.rules.trust._refs import Kind, demand, open_refs
from valetkey.lint.rules.trust._text import quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find patterns for tags."""
    for reading in web_allows(subject):
        for refs in open_refs(reading):
            if refs.kind is Kind.TAG:
                value = refs.trusted.value
                which = "every tag" if refs.is_any else f"every tag like {quoted(refs.name)}"
                yield RULE.finding(
                    f"{quoted(value.text)} admits {which}, which whoever may push can make"
                    " unless it is protected",
                    within(reading.document, value, refs.start, len(value.text)),
                    help=f"protect {quoted(refs.name)} among the tags, and {demand(refs, 'tags')}",
                )


RULE = PolicyRule(
    code="TRUST029",
    name="any_tag",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
