"""GitHub Actions' ID tokens, of github.com, of GHE.com tenants and of Enterprise Servers.

A subject is `repo:OWNER/NAME:CONTEXT`, where the context is a ref, an environment or
`pull_request`; a job that names an environment has no ref in it. Repositories that are new,
renamed or transferred since July 2026 carry ids: `repo:OWNER@ID/NAME@ID:CONTEXT`. An
organisation can have other components (`include_claim_keys`), each `claim:value`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from valetkey.oidc.issuers.table import Claim, Control, JsonType, Standing, SubjectPart, fits
from valetkey.oidc.strictjson import Json

NAME = "GitHub"

SHARED_ISSUERS = frozenset({"https://token.actions.githubusercontent.com"})
"""Issuers whose tokens anyone can have: trust that names no owner is open."""

_S, _I = JsonType.STRING, JsonType.INTEGER
_REQUIRED, _OPTIONAL, _INFORMATIVE = Standing.REQUIRED, Standing.OPTIONAL, Standing.INFORMATIVE
_PLATFORM, _MAINTAINER, _ANYONE = Control.PLATFORM, Control.MAINTAINER, Control.CONTRIBUTOR

_TABLE = (
    Claim("iss", _S, _REQUIRED, _PLATFORM, "https://token.actions.githubusercontent.com",
          "the service; compared to the character with the registered provider"),
    Claim("sub", _S, _REQUIRED, _MAINTAINER, "repo:acme/api:ref:refs/heads/main",
          "repository and ref or environment; an organisation chooses its parts"),
    Claim("aud", JsonType.STRING_OR_STRINGS, _REQUIRED, _ANYONE, "sts.amazonaws.com",
          "whatever the job asks for: it says whom the token is for, not who sends it"),
    Claim("iat", _I, _REQUIRED, _PLATFORM, 1795568878, "when the job asked"),
    Claim("nbf", _I, _REQUIRED, _PLATFORM, 1795568278, "ten minutes before `iat`"),
    Claim("exp", _I, _REQUIRED, _PLATFORM, 1795569178, "five minutes after `iat`"),
    Claim("jti", _S, _REQUIRED, _PLATFORM, "6f4762ed-0758-4ccb-808d-ee3af5d723a8",
          "one token; nothing to compare with"),
    # The repository and its owner.
    Claim("repository", _S, _REQUIRED, _MAINTAINER, "acme/api",
          "owner and repository by their present names; freed names can be taken again"),
    Claim("repository_id", _S, _REQUIRED, _PLATFORM, "880045601", "the repository, for good"),
    Claim("repository_owner", _S, _REQUIRED, _MAINTAINER, "acme",
          "the owner by the present name; a freed name can be taken again"),
    Claim("repository_owner_id", _S, _REQUIRED, _PLATFORM, "7700123", "the owner, for good"),
    Claim("repository_visibility", _S, _OPTIONAL, _MAINTAINER, "private",
          "`public`, `internal` or `private`"),
    Claim("enterprise", _S, _OPTIONAL, _MAINTAINER, "acme", "the enterprise by its name"),
    Claim("enterprise_id", _S, _OPTIONAL, _PLATFORM, "12", "the enterprise, for good"),
    # Who started the run.
    Claim("actor", _S, _INFORMATIVE, _ANYONE, "ada", "people rename themselves"),
    Claim("actor_id", _S, _OPTIONAL, _PLATFORM, "583231", "the person, for good"),
    # The run and what started it.
    Claim("run_id", _S, _REQUIRED, _PLATFORM, "9021", "one run; for records"),
    Claim("run_number", _S, _OPTIONAL, _PLATFORM, "10", "for records"),
    Claim("run_attempt", _S, _OPTIONAL, _PLATFORM, "1", "for records"),
    Claim("check_run_id", _S, _OPTIONAL, _PLATFORM, "4410", "one job; for records"),
    Claim("event_name", _S, _OPTIONAL, _ANYONE, "push", "what started it"),
    Claim("sha", _S, _OPTIONAL, _ANYONE, "6104942438c14ec7bd21c6cd5bd995272b3faff6", "the commit"),
    Claim("ref", _S, _OPTIONAL, _ANYONE, "refs/heads/main",
          "the ref in full; anyone who may push can name one, protection apart"),
    Claim("ref_type", _S, _OPTIONAL, _ANYONE, "branch", "`branch` or `tag`"),
    Claim("ref_protected", _S, _OPTIONAL, _MAINTAINER, "true",
          "whether the repository protects the ref. A string"),
    Claim("head_ref", _S, _OPTIONAL, _ANYONE, "feature", "a pull request's source branch"),
    Claim("base_ref", _S, _OPTIONAL, _ANYONE, "main", "a pull request's target branch"),
    Claim("environment", _S, _OPTIONAL, _ANYONE, "production", "as the workflow says"),
    Claim("environment_node_id", _S, _OPTIONAL, _PLATFORM, "EN_kwDOA", "the environment"),
    Claim("workflow", _S, _OPTIONAL, _ANYONE, "deploy", "the workflow by its name"),
    Claim("workflow_ref", _S, _OPTIONAL, _ANYONE,
          "acme/api/.github/workflows/deploy.yml@refs/heads/main", "the workflow's file and ref"),
    Claim("workflow_sha", _S, _OPTIONAL, _ANYONE, "6104942438c14ec7bd21c6cd5bd995272b3faff6",
          "the commit of the workflow"),
    Claim("job_workflow_ref", _S, _OPTIONAL, _ANYONE,
          "acme/ci/.github/workflows/deploy.yml@refs/tags/v1",
          "the reusable workflow that the job runs"),
    Claim("job_workflow_sha", _S, _OPTIONAL, _ANYONE, "6104942438c14ec7bd21c6cd5bd995272b3faff6",
          "the commit of the reusable workflow"),
    Claim("runner_environment", _S, _OPTIONAL, _PLATFORM, "github-hosted",
          "`github-hosted` or `self-hosted`"),
)  # fmt: skip

CLAIMS: Mapping[str, Claim] = MappingProxyType({claim.name: claim for claim in _TABLE})

PROPERTY_PREFIX = "repo_property_"
"""Claims that an organisation makes of its repositories' custom properties begin so."""

_REQUIRED_NAMES = tuple(claim.name for claim in _TABLE if claim.standing is Standing.REQUIRED)

CONTEXTS = ("ref", "environment", "pull_request")
"""What the context of a default subject begins with."""

FIRST_LABELS = frozenset({"repo", "context", *CLAIMS})
"""What a subject can begin with; an organisation chooses."""

SUBJECT_VALUES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ref_type": frozenset({"branch", "tag"}),
        "ref_protected": frozenset({"true", "false"}),
        "repository_visibility": frozenset({"public", "internal", "private"}),
        "runner_environment": frozenset({"github-hosted", "self-hosted"}),
    }
)
"""All values of those claims that have few."""

_ID = re.compile(r"@[0-9]+", re.ASCII)


class Repository(NamedTuple):
    """A subject's `OWNER/NAME`, with or without ids, and the context that follows."""

    repository: str
    context: str

    @property
    def plain(self) -> str:
        """Return owner and name without their ids."""
        return _ID.sub("", self.repository)

    @property
    def form(self) -> str:
        """Return the word that the context begins with."""
        return self.context.split(":", 1)[0]


def repository_of(sub: str) -> Repository | None:
    """Return the repository and the context of a default subject, or None for another one."""
    if not sub.startswith("repo:"):
        return None
    repository, _, context = sub.removeprefix("repo:").partition(":")
    return Repository(repository, context)


def recognise(issuer: str, claims: Mapping[str, Json]) -> bool:
    """Return whether claims have the shape of a GitHub ID token of ``issuer``; trusts nothing."""
    return claims.get("iss") == issuer and all(
        fits(CLAIMS[name].type, claims.get(name)) for name in _REQUIRED_NAMES
    )


def parse_subject(sub: str) -> tuple[SubjectPart, ...] | None:
    """Return repository and context of a default subject, or None where it is none.

    The context's value is a ref in full or the environment's name; `pull_request` has none.
    """
    found = repository_of(sub)
    if found is None or found.form not in CONTEXTS:
        return None
    owner, _, name = found.plain.partition("/")
    if not owner or not name or "/" in name:
        return None
    start = len("repo:") + len(found.repository) + 1
    value = found.context.partition(":")[2]
    if (found.form == "pull_request") is bool(value):
        return None
    if found.form == "ref" and not value.startswith(("refs/heads/", "refs/tags/")):
        return None
    return (
        SubjectPart("repo", found.repository, 0),
        SubjectPart(found.form, value, start),
    )
