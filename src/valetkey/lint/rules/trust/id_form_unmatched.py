"""GitHub subjects with ids, as new repositories send them, match no value of the policy.

## What
A condition on a subject of GitHub's knows the older form only, `repo:OWNER/NAME:…`.

## Why
Repositories that are new, renamed or transferred since July 2026 send
`repo:OWNER@OWNER_ID/NAME@REPOSITORY_ID:…`. The old pattern does not match them: a repository that
is renamed, or deleted and made again, is refused. The tempting `repo:OWNER*/NAME*:…` admits
strangers (`subject_prefix_open`).

## Example
    "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/api:*"}

## Instead
Both forms, exactly:

    "StringLike": {
      "token.actions.githubusercontent.com:sub": [
        "repo:acme/api:*",
        "repo:acme@7700123/api@880045601:*"
      ]
    }

## References
- https://docs.github.com/en/actions/reference/security/oidc
- https://github.com/aws-actions/configure-aws-credentials/issues/1888
"""

import re
from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._names import Name, Openness, Trusted, name_in
from valetkey.lint.rules.trust._reading import TRUST, Reading, Test, demands, web_allows
from valetkey.lint.rules.trust._text import quoted
from valetkey.policy import Value

_PLAIN: Final = re.compile(r"[A-Za-z0-9-]+/(?:[A-Za-z0-9._-]+|\*)", re.ASCII)


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find subjects that only older repositories have."""
    for reading in web_allows(subject):
        for test in reading.of("sub"):
            github = test.issuer.platform is Platform.GITHUB and test.issuer.named
            if github and demands(test.entry) and test.compares_texts:
                yield from _in_condition(reading, test)


def _in_condition(reading: Reading, test: Test) -> Iterator[Finding]:
    values = list(reading.values(test))
    if any("@" in value.text.split("/", 1)[0] for value in values):
        return  # the form is known; which repositories have moved is not for lint to say
    for value in values:
        name = name_in(test.claim, value.text)
        plain = name is not None and name.label == "repo" and _PLAIN.fullmatch(name.text)
        if name is not None and plain and Trusted(test, value, name).openness is Openness.CLOSED:
            yield _finding(reading, value, name)
            return


def _finding(reading: Reading, value: Value, name: Name) -> Finding:
    owner, _, repository = name.text.partition("/")
    rest = value.text[name.start + len(name.text) :]
    exact = "*" if repository == "*" else f"{repository}@REPOSITORY_ID"
    which = f"a repository of `{owner}`" if repository == "*" else quoted(name.text)
    return RULE.finding(
        f"{quoted(value.text)} does not match the subject with ids that {which} sends"
        " once it is renamed, transferred or made anew",
        within(reading.document, value, name.start, name.start + len(name.text)),
        help=f"add {quoted(f'repo:{owner}@OWNER_ID/{exact}{rest}')} beside it,"
        " with the numbers and no wildcard in their place",
    )


RULE = PolicyRule(
    code="TRUST036",
    name="id_form_unmatched",
    severity=Severity.NOTE,
    page=__doc__,
    types=TRUST,
    check=check,
)
