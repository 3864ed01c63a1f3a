"""The `aud` of an ID token is empty.

## What
An `aud`, with the variables of the file put in, is empty or has blanks around it.

## Why
No provider has an empty client id, and a blank counts as a character. The token is signed and
handed out all the same; the exchange refuses it.

## Example
    variables:
      AUDIENCE: ""
    deploy:
      id_tokens:
        ID_TOKEN:
          aud: $AUDIENCE

## Instead
    variables:
      AUDIENCE: https://aws.example

## References
- https://docs.gitlab.com/ci/yaml/#id_tokens
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._audiences import known_audience
from valetkey.lint.rules.ci._scripts import main_shells, once
from valetkey.lint.rules.ci._values import Names


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find audiences that nobody can have registered."""
    return once(_found(subject))


def _found(subject: CiSubject) -> Iterator[Finding]:
    for shell in main_shells(subject):
        for token in shell.job.id_tokens:
            names = Names(subject, shell)
            for aud, place in zip(token.audiences, token.places, strict=True):
                value = known_audience(names, aud, place)
                if value is None or value == value.strip() != "":
                    continue
                what = "has blanks around it" if value.strip() else "is empty"
                yield RULE.finding(
                    f"the audience of the ID token `{token.name}` {what}",
                    (place, "no provider is registered for this"),
                    help="write the client id that the provider is registered for",
                )


RULE = CiRule(
    code="CI007",
    name="audience_empty",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
