"""What a linter knows of issuers by their names alone: which platform, which claims.

There is no token to look at, only the host in a condition key and the subjects that a policy
expects of it. Claims and the form of subjects are :mod:`valetkey.oidc.issuers`'s.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from valetkey.diagnostics import did_you_mean
from valetkey.lint.claims import OF_PROTOCOL, says_whose
from valetkey.oidc.issuers import Claim, Standing, github, gitlab
from valetkey.policy import SHARED_ISSUERS


class Platform(StrEnum):
    """Whose tokens they are; the value is its name for people."""

    GITLAB = gitlab.NAME
    GITHUB = github.NAME


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer as condition keys spell it, and what its name or its subjects say of it.

    ``named`` tells that the host says which platform it is; otherwise it is guessed from the
    subjects that the policy expects.
    """

    host: str
    platform: Platform | None
    named: bool

    @property
    def shared(self) -> bool:
        """Tell whether anyone at all can have tokens of it."""
        return self.host.lower().rstrip("/") in SHARED_ISSUERS

    @property
    def claims(self) -> Mapping[str, Claim]:
        """Return every claim that the platform is known to send; nothing if it is unknown."""
        return {} if self.platform is None else _CLAIMS[self.platform]

    @property
    def values(self) -> Mapping[str, frozenset[str]]:
        """Return all values of those claims that have few."""
        return {} if self.platform is None else _VALUES[self.platform]

    @property
    def name(self) -> str:
        """Return what people call it."""
        return f"`{self.host}`" if self.platform is None else self.platform.value

    def sends(self, claim: str) -> bool:
        """Tell whether tokens may have a claim; of an unknown platform, any."""
        claim = claim.lower()
        if self.platform is None or claim in self.claims or claim in _OF_AWS:
            return True
        # An object's member is reached by a dotted path.
        if claim.split(".", 1)[0] in self.claims or claim.startswith("https://aws.amazon.com/"):
            return True
        return self.platform is Platform.GITHUB and claim.startswith(github.PROPERTY_PREFIX)

    def always_sends(self, claim: str) -> bool:
        """Tell whether every token has a claim, as far as is known."""
        claim = claim.lower()
        if claim in ALWAYS:
            return True
        known = self.claims.get(claim)
        return known is not None and known.standing is Standing.REQUIRED

    def aws_offers(self, claim: str) -> bool:
        """Tell whether AWS makes a condition key of a claim of this issuer."""
        claim = claim.lower()
        if claim in _OF_AWS or self.platform is None:
            return True
        if self.platform is Platform.GITHUB:
            return claim in _AWS_GITHUB
        return self.host.lower() == "gitlab.com" and claim in _AWS_GITLAB_COM

    def may_say_whose(self, claim: str) -> bool:
        """Tell whether a claim may say whose a token is, as any may of an unknown platform."""
        unknown = self.platform is None and claim.lower() not in OF_PROTOCOL
        return unknown or says_whose(claim)

    @property
    def audiences(self) -> tuple[str, ...]:
        """Return the claims that say for whom a token was made."""
        return ("app_id",) if self.host.lower() in _WITH_APP_IDS else ("aud", "oaud", "azp")

    def meant(self, claim: str) -> str | None:
        """Return the claim that was most likely meant by one that is never sent."""
        names = self.claims or dict.fromkeys((*ALWAYS, "amr", "email"))
        near = _MEANT.get(claim.lower())
        return near if near in names else did_you_mean(claim, names)


ALWAYS: Final = ("sub", "aud", "oaud")
"""Claims that no ID token that STS accepts is without."""

# AWS's older web identity providers, whose tokens are no JSON web tokens.
_WITH_APP_IDS: Final = frozenset({"www.amazon.com", "graph.facebook.com"})
_CLAIMS: Final[Mapping[Platform, Mapping[str, Claim]]] = {
    Platform.GITLAB: gitlab.CLAIMS,
    Platform.GITHUB: github.CLAIMS,
}
_VALUES: Final[Mapping[Platform, Mapping[str, frozenset[str]]]] = {
    Platform.GITLAB: {
        **gitlab.SUBJECT_VALUES,
        "project_visibility": frozenset({"public", "internal", "private"}),
        "runner_environment": frozenset({"gitlab-hosted", "self-hosted"}),
        "environment_action": frozenset({"start", "stop", "prepare", "verify", "access"}),
        "user_access_level": frozenset(
            {"guest", "planner", "reporter", "developer", "maintainer", "owner"}
        ),
    },
    Platform.GITHUB: github.SUBJECT_VALUES,
}
_OF_AWS: Final = frozenset({"sub", "aud", "oaud", "amr", "email"})
_AWS_GITLAB_COM: Final = frozenset(
    {
        "namespace_id",
        "project_id",
        "user_id",
        "user_login",
        "user_email",
        "user_access_level",
        "ref_protected",
        "pipeline_source",
        "runner_environment",
    }
)
_AWS_GITHUB: Final = frozenset(
    {
        "actor",
        "actor_id",
        "job_workflow_ref",
        "repository",
        "repository_id",
        "repository_owner_id",
        "workflow",
        "ref",
        "environment",
        "enterprise_id",
    }
)
_MEANT: Final = {
    "subject": "sub",
    "subj": "sub",
    "audience": "aud",
    "client_id": "aud",
    "issuer": "iss",
    "branch": "ref",
    "tag": "ref",
    "project": "project_path",
    "repo": "repository",
    "owner": "repository_owner",
    "group": "namespace_path",
    "group_path": "namespace_path",
    "group_id": "namespace_id",
    "namespace": "namespace_path",
    "user": "user_login",
    "protected": "ref_protected",
    "protected_ref": "ref_protected",
}
_NEAR: Final = 0.9


def issuer_of(host: str, subjects: Iterable[str] = ()) -> Issuer:
    """Return what is known of an issuer. ``subjects`` are those that a policy expects of it."""
    platform = _by_host(host.lower())
    if platform is not None:
        return Issuer(host, platform, named=True)
    guesses = (platform_of_subject(subject) for subject in subjects)
    return Issuer(host, next((guess for guess in guesses if guess), None), named=False)


def platform_of_subject(subject: str) -> Platform | None:
    """Return the platform whose subjects begin like this one, small mistakes allowed."""
    label, colon, _ = subject.partition(":")
    if not colon:
        return None
    if label in gitlab.FIRST_LABELS:
        return Platform.GITLAB
    if label.lower() in {"repo", "repository", "repository_owner", "repository_id"}:
        return Platform.GITHUB
    near = did_you_mean(label.replace("-", "_"), gitlab.FIRST_LABELS, cutoff=_NEAR)
    return None if near is None else Platform.GITLAB


def _by_host(host: str) -> Platform | None:
    name, _, path = host.partition("/")
    if name.startswith(("token.actions.", "vstoken.actions.")) or path == "_services/token":
        return Platform.GITHUB
    if f"{name}/{path}".startswith("github.com/enterprises/"):
        return Platform.GITHUB
    return Platform.GITLAB if name.split(".", 1)[0].startswith("gitlab") else None
