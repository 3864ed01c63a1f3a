"""An Allow for a web identity that never asks whose job it is.

## What
A statement lets tokens of a provider take the role and compares neither `sub` nor another claim
that says whose job it is, or excludes some subjects only (`StringNotLike`).

## Why
The signature says only that the issuer made the token. Without a condition on the subject every
job of every project at this issuer may take the role. For the issuers on AWS's list of shared
ones such a policy is refused altogether; a private GitLab is on no list, so nothing stops it. Of
an issuer whose platform lint does not know, any claim but `aud`, `iss` and the like may say it.

## Example
    "Condition": {"StringEquals": {"gitlab.example:aud": "https://sts.example"}}

## Instead
    "Condition": {
      "StringEquals": {"gitlab.example:aud": "https://sts.example"},
      "StringLike": {"gitlab.example:sub": "project_path:acme/api:*"}
    }

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

from collections.abc import Iterator
from typing import Final

from valetkey.diagnostics import Severity
from valetkey.lint.claims import says_whose
from valetkey.lint.issuers import Issuer, Platform, issuer_of
from valetkey.lint.model import Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.lint.rules.trust._providers import Named
from valetkey.lint.rules.trust._reading import TRUST, Reading, demands, web_allows
from valetkey.lint.rules.trust._text import quoted
from valetkey.policy import required_keys

_PROVIDERS_OWN = ("sts:rolesessionname", "sts:roleauthorizedbyidp")


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find providers that a statement trusts as a whole."""
    for reading in web_allows(subject):
        for named in reading.providers:
            # A shared issuer without its tenant is refused before lint has a say.
            if required_keys(named.key) or "." not in named.key or _is_asked(reading):
                continue
            yield _finding(reading, named)


def _is_asked(reading: Reading) -> bool:
    for test in reading.tests:
        meant = test.claim
        if not test.issuer.sends(test.claim):
            # A claim spelt wrong is another rule's finding; here it counts as what was meant.
            meant = test.issuer.meant(test.claim) or ""
        demanded = demands(test.entry)
        passing = demanded or meant != test.claim or not test.entry.operator.base.negated
        if (says_whose(meant) and passing) or (demanded and test.issuer.may_say_whose(meant)):
            return True
    return any(
        entry.key.lower() in _PROVIDERS_OWN and demands(entry)
        for entry in reading.statement.conditions
    )


def _finding(reading: Reading, named: Named) -> Finding:
    excluded = [test for test in reading.of("sub") if test.entry.operator.base.negated]
    issuer = issuer_of(
        named.key, (test.entry.values[0].text for test in excluded[:1] if test.entry.values)
    )
    what = "only says which subjects it does not trust" if excluded else "never looks at `sub`"
    size = len(named.value.text)
    who = f"whoever gets a token of {quoted(named.key)}"
    if issuer.platform is not None:
        who = f"every job of every project at {quoted(named.key)}"
    return RULE.finding(
        f"the statement {what}: {who} is admitted",
        within(reading.document, named.value, named.start, size),
        help=f'add `"StringLike": {{"{named.key}:sub": "{_example(issuer)}"}}`',
    )


def _example(issuer: Issuer) -> str:
    return "SUBJECT" if issuer.platform is None else _SUBJECTS[issuer.platform]


_SUBJECTS: Final = {
    Platform.GITLAB: "project_path:GROUP/PROJECT:ref_type:branch:ref:main",
    Platform.GITHUB: "repo:OWNER/NAME:ref:refs/heads/main",
}

RULE = PolicyRule(
    code="TRUST005",
    name="subject_unchecked",
    severity=Severity.WARNING,
    page=__doc__,
    types=TRUST,
    check=check,
)
