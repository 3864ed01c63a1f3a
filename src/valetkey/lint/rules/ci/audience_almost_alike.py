"""Two audiences of one file differ by a slash, a scheme or a letter's case only.

## What
The ID tokens of a file name audiences that look the same and are not: `https://aws.example` and
`https://aws.example/`.

## Why
Audiences are compared character by character. Of the two, a provider knows one; the jobs with
the other are refused, with a message that shows neither.

## Example
    plan:
      id_tokens: { ID_TOKEN: { aud: https://aws.example } }
    apply:
      id_tokens: { ID_TOKEN: { aud: https://aws.example/ } }

## Instead
Write the provider's client id in both, or write it once, as a variable or under `default:`.

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
- https://docs.gitlab.com/ci/yaml/#id_tokens
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._audiences import difference, skeleton


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find an audience that is almost that of an earlier token."""
    registered = {client for one in subject.facts.providers for client in one.client_ids}
    first: dict[str, tuple[str, Span]] = {}
    said: set[str] = set()
    for aud, place in _audiences(subject):
        known, before = first.setdefault(skeleton(aud), (aud, place))
        if known == aud or aud in said or "$" in aud or {aud, known} <= registered:
            continue
        said.add(aud)
        yield RULE.finding(
            f"the audience `{aud}` is not that of other tokens, `{known}`",
            (place, difference(aud, known)),
            (before, "written so here"),
            help="write what the provider is registered for in both places",
        )


def _audiences(subject: CiSubject) -> Iterator[tuple[str, Span]]:
    for job in subject.file.jobs.values():
        for token in job.id_tokens:
            yield from zip(token.audiences, token.places, strict=True)


RULE = CiRule(
    code="CI006",
    name="audience_almost_alike",
    severity=Severity.WARNING,
    page=__doc__,
    check=check,
)
