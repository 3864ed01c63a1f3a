"""The `aud` of a token is none of the provider's client ids.

## What
An ID token that the job exchanges names an audience that no known provider is registered for.

## Why
The provider compares `aud` with its client ids character by character: a slash at the end,
`http` for `https`, or another case make another audience. AWS answers `Incorrect token audience`.

## Example
A provider with the client id `https://aws.example`, and

    id_tokens:
      ID_TOKEN:
        aud: https://aws.example/

## Instead
    id_tokens:
      ID_TOKEN:
        aud: https://aws.example

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
- https://docs.gitlab.com/ci/yaml/#id_tokens
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity, Span, did_you_mean
from valetkey.gitlabci import IdToken
from valetkey.lint.model import CiRule, CiSubject, Finding
from valetkey.lint.rules.ci._audiences import alike, difference, known_audience
from valetkey.lint.rules.ci._scripts import Shell, main_shells, once
from valetkey.lint.rules.ci._values import Names


def check(subject: CiSubject) -> Iterator[Finding]:
    """Find audiences that no provider knows."""
    providers = subject.facts.providers
    registered = {client: one for one in providers for client in one.client_ids}
    if not registered or any(not one.client_ids for one in providers):
        return iter(())
    return once(
        finding
        for shell in main_shells(subject)
        for token in shell.job.id_tokens
        for finding in _of_token(subject, shell, token, tuple(registered))
    )


def _of_token(
    subject: CiSubject, shell: Shell, token: IdToken, registered: tuple[str, ...]
) -> Iterator[Finding]:
    names = Names(subject, shell)
    values = [known_audience(names, aud, token.span) for aud in token.audiences]
    if any(value is None or value in registered for value in values):
        return
    for value, place in zip(values, token.places, strict=True):
        near = next((one for one in registered if alike(value or "", one)), None)
        if near is not None or _exchanged(shell, token):
            yield _finding(value or "", place, near, registered)


def _exchanged(shell: Shell, token: IdToken) -> bool:
    """Return whether the job hands the token to AWS itself, and not to somebody else."""
    values = (call.value("--web-identity-token") for call in shell.aws if call.exchanges)
    return any(
        value is not None and value.sole is not None and value.sole.name == token.name
        for value in values
    )


def _finding(value: str, place: Span, near: str | None, registered: tuple[str, ...]) -> Finding:
    listed = ", ".join(f"`{one}`" for one in registered)
    guess = did_you_mean(value, registered)
    if near is not None:
        advice = f"write `{near}`: {difference(value, near)}"
    elif guess is not None:
        advice = f"did you mean `{guess}`?"
    else:
        advice = "write one of the client ids, or register this one with the provider"
    return RULE.finding(
        f"no provider is registered for the audience `{value}`",
        (place, f"known client ids: {listed}" if len(registered) <= 3 else "not registered"),  # noqa: PLR2004 - more don't fit a line
        help=advice,
    )


RULE = CiRule(
    code="CI005",
    name="audience_not_of_provider",
    severity=Severity.ERROR,
    page=__doc__,
    check=check,
)
