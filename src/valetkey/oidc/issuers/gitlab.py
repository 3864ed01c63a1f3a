"""GitLab's CI/CD ID tokens (`id_tokens:`), of gitlab.com and of self-managed instances.

Every claim that GitLab's code can put into such a token, by name. Ids are strings there, and
so are booleans; only `runner_id` and the times are numbers. A subject is `label:value` pairs
joined by colons, without any escaping: neither project paths nor ref names can hold a colon.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from valetkey.oidc.issuers.table import (
    Claim,
    Control,
    JsonType,
    Standing,
    SubjectPart,
    TypeMismatch,
    fits,
)
from valetkey.oidc.issuers.table import type_mismatches as _type_mismatches
from valetkey.oidc.issuers.table import unknown_claims as _unknown_claims
from valetkey.oidc.strictjson import Json

NAME = "GitLab"

SHARED_ISSUERS = frozenset({"https://gitlab.com"})
"""Issuers whose tokens anyone can have: trust that does not name a project or group is open."""

_S, _I = JsonType.STRING, JsonType.INTEGER
_REQUIRED, _OPTIONAL, _INFORMATIVE = Standing.REQUIRED, Standing.OPTIONAL, Standing.INFORMATIVE
_PLATFORM, _MAINTAINER, _ANYONE = Control.PLATFORM, Control.MAINTAINER, Control.CONTRIBUTOR

_TABLE = (
    # Registered claims: judged by `verify`, whatever the issuer.
    Claim("iss", _S, _REQUIRED, _PLATFORM, "https://gitlab.example.com",
          "the instance; compared to the character with the registered provider"),
    Claim("sub", _S, _REQUIRED, _MAINTAINER,
          "project_path:acme/api:ref_type:branch:ref:main",
          "project and ref; a maintainer chooses its parts, a contributor the name of the ref"),
    Claim("aud", JsonType.STRING_OR_STRINGS, _REQUIRED, _ANYONE, "https://valetkey.example",
          "whatever the job asks for: it says whom the token is for, not who sends it"),
    Claim("iat", _I, _REQUIRED, _PLATFORM, 1795568878, "when a runner took the job"),
    Claim("nbf", _I, _REQUIRED, _PLATFORM, 1795568873, "five seconds before `iat`"),
    Claim("exp", _I, _REQUIRED, _PLATFORM, 1795572478,
          "`iat` and the job's timeout, or five minutes"),
    Claim("jti", _S, _REQUIRED, _PLATFORM, "5d1d0949-ea4c-4c65-9a4d-318c32285fd0",
          "one token; nothing to compare with"),
    # The project whose pipeline it is. In a fork's merge request it is the fork.
    Claim("project_id", _S, _REQUIRED, _PLATFORM, "20",
          "the project, for good: it survives renames and is never given away again"),
    Claim("project_path", _S, _REQUIRED, _MAINTAINER, "acme/payments/api",
          "the project's present path; a freed path can become another project's"),
    Claim("namespace_id", _S, _REQUIRED, _PLATFORM, "72",
          "the group that the project is directly in; changes on transfer"),
    Claim("namespace_path", _S, _REQUIRED, _MAINTAINER, "acme/payments",
          "the direct group's present path, not the top group"),
    # Who started the pipeline.
    Claim("user_id", _S, _REQUIRED, _PLATFORM, "1", "the person, for good; empty without one"),
    Claim("user_login", _S, _INFORMATIVE, _ANYONE, "ada",
          "people rename themselves, and freed names are taken again"),
    Claim("user_email", _S, _INFORMATIVE, _ANYONE, "ada@example.com",
          "people change it; prefer `user_id`"),
    Claim("user_access_level", _S, _OPTIONAL, _MAINTAINER, "maintainer",
          "the person's role in the project; since 16.9, null without a person"),
    Claim("user_identities", JsonType.OBJECTS, _INFORMATIVE, _ANYONE,
          [{"provider": "github", "extern_uid": "2435223452345"}],
          "only if the person turned it on"),
    Claim("groups_direct", JsonType.STRINGS, _OPTIONAL, _ANYONE, ["acme/payments"],
          "groups that the person is in directly; anyone can found groups"),
    # The project in which the job runs: the parent, when a fork's merge request runs there.
    Claim("job_project_id", _S, _OPTIONAL, _PLATFORM, "20",
          "where the job runs; differs from `project_id` for a fork; since 18.3"),
    Claim("job_project_path", _S, _OPTIONAL, _MAINTAINER, "acme/payments/api",
          "where the job runs, by its present path; since 18.3"),
    Claim("job_namespace_id", _S, _OPTIONAL, _PLATFORM, "72",
          "the group of the project in which the job runs; since 18.3"),
    Claim("job_namespace_path", _S, _OPTIONAL, _MAINTAINER, "acme/payments",
          "the same by its present path; since 18.3"),
    Claim("source_project_id", _S, _OPTIONAL, _PLATFORM, "20",
          "where the commit comes from; since 19"),
    Claim("source_project_path", _S, _OPTIONAL, _MAINTAINER, "acme/payments/api",
          "where the commit comes from, by its present path; since 19"),
    Claim("source_namespace_id", _S, _OPTIONAL, _PLATFORM, "72",
          "the group where the commit comes from; since 19"),
    Claim("source_namespace_path", _S, _OPTIONAL, _MAINTAINER, "acme/payments",
          "the same by its present path; since 19"),
    # The pipeline and the job.
    Claim("pipeline_id", _S, _REQUIRED, _PLATFORM, "574", "one pipeline; for records"),
    Claim("pipeline_source", _S, _REQUIRED, _ANYONE, "push",
          "what started it; a contributor chooses among push, web, api, merge request"),
    Claim("job_id", _S, _REQUIRED, _PLATFORM, "302", "one job; for records"),
    Claim("job_source", _S, _OPTIONAL, _PLATFORM, "push",
          "pipeline source, or the policy that added the job; since 18.9"),
    Claim("job_config", JsonType.OBJECT, _OPTIONAL, _MAINTAINER,
          {"url": "https://gitlab.example.com/acme/policies/-/blob/6104942/policy.yml",
           "sha": "6104942438c14ec7bd21c6cd5bd995272b3faff6"},
          "the policy file that added the job; since 18.9"),
    Claim("sha", _S, _OPTIONAL, _ANYONE, "6104942438c14ec7bd21c6cd5bd995272b3faff6",
          "the commit; since 16.0"),
    Claim("ref", _S, _REQUIRED, _ANYONE, "main",
          "branch or tag; anyone who may push can name one, protection apart. Merge request "
          "pipelines give the source branch"),
    Claim("ref_type", _S, _REQUIRED, _ANYONE, "branch", "`branch` or `tag`, nothing else"),
    Claim("ref_path", _S, _OPTIONAL, _ANYONE, "refs/heads/main", "the ref in full; since 16.0"),
    Claim("ref_protected", _S, _REQUIRED, _MAINTAINER, "true",
          "whether the project protects the ref: what keeps contributors out. A string"),
    # The environment, where the job names one.
    Claim("environment", _S, _OPTIONAL, _ANYONE, "production",
          "as the CI file says: any contributor can name any environment"),
    Claim("environment_protected", _S, _OPTIONAL, _MAINTAINER, "false",
          "whether the project protects the environment; always `false` in the free edition"),
    Claim("deployment_tier", _S, _OPTIONAL, _ANYONE, "production", "as the CI file says"),
    Claim("environment_action", _S, _OPTIONAL, _ANYONE, "start", "as the CI file says"),
    # The runner.
    Claim("runner_id", _I, _OPTIONAL, _PLATFORM, 1, "the runner; the only id that is a number"),
    Claim("runner_environment", _S, _OPTIONAL, _PLATFORM, "self-hosted",
          "`gitlab-hosted` or `self-hosted`"),
    # The configuration.
    Claim("ci_config_ref_uri", _S, _OPTIONAL, _ANYONE,
          "gitlab.example.com/acme/payments/api//.gitlab-ci.yml@refs/heads/main",
          "the CI file at its ref; without a scheme, absent for a file of another project"),
    Claim("ci_config_sha", _S, _OPTIONAL, _ANYONE, "6104942438c14ec7bd21c6cd5bd995272b3faff6",
          "the commit of the CI file"),
    Claim("project_visibility", _S, _OPTIONAL, _MAINTAINER, "private",
          "`public`, `internal` or `private`; since 16.3"),
    Claim("target_audience", _S, _INFORMATIVE, _MAINTAINER,
          "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b",
          "of the Google Cloud integration only"),
)  # fmt: skip

CLAIMS: Mapping[str, Claim] = MappingProxyType({claim.name: claim for claim in _TABLE})

_REQUIRED_NAMES = tuple(claim.name for claim in _TABLE if claim.standing is Standing.REQUIRED)

SUBJECT_LABELS = frozenset(
    {
        "project_path",
        "project_id",
        "job_project_path",
        "job_project_id",
        "source_project_path",
        "source_project_id",
        "ref_type",
        "ref",
        "ref_protected",
        "environment_protected",
        "deployment_tier",
    }
)
"""The components that a maintainer can put into `sub`."""

FIRST_LABELS = frozenset(label for label in SUBJECT_LABELS if "project" in label)
"""The components that `sub` can begin with."""

SUBJECT_VALUES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ref_type": frozenset({"branch", "tag"}),
        "ref_protected": frozenset({"true", "false"}),
        "environment_protected": frozenset({"true", "false"}),
        "deployment_tier": frozenset({"production", "staging", "testing", "development", "other"}),
    }
)
"""All values of those components that have few; a pattern for another one matches nothing."""

LEGACY_JOB_TOKEN = (
    "this is a legacy CI job token, not an ID token",
    "declare `id_tokens:` in the job, its `aud` the provider's client id, and send its variable",
)
_LEGACY_SUBJECT = re.compile(r"job_[0-9]+", re.ASCII)


def recognise(issuer: str, claims: Mapping[str, Json]) -> bool:
    """Return whether claims have the shape of a GitLab ID token of ``issuer``.

    For messages only: anyone can make such claims, and only the signature says who did.
    """
    if claims.get("iss") != issuer:
        return False
    if any(not fits(CLAIMS[name].type, claims.get(name)) for name in _REQUIRED_NAMES):
        return False
    sub = claims["sub"]
    return isinstance(sub, str) and parse_subject(sub) is not None


def parse_subject(sub: str) -> tuple[SubjectPart, ...] | None:
    """Return the `label:value` pairs of a subject, in order.

    None where it is no subject of GitLab's: an unknown or repeated label, a label without a
    value, or a beginning that names no project.
    """
    pieces = sub.split(":")
    if len(pieces) % 2 or pieces[0] not in FIRST_LABELS:
        return None
    parts = []
    start = 0
    for label, value in zip(pieces[::2], pieces[1::2], strict=True):
        if label not in SUBJECT_LABELS or not value:
            return None
        parts.append(SubjectPart(label, value, start))
        start += len(label) + len(value) + 2
    return tuple(parts) if len({part.label for part in parts}) == len(parts) else None


def unknown_claims(claims: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the claims that GitLab is not known to send; each is a condition key all the same."""
    return _unknown_claims(CLAIMS, claims)


def type_mismatches(claims: Mapping[str, Json]) -> tuple[TypeMismatch, ...]:
    """Return the claims that came as another type than GitLab's, such as a boolean for "true"."""
    return _type_mismatches(CLAIMS, claims)


def is_legacy_job_token(claims: Mapping[str, Json]) -> bool:
    """Return whether this looks like `CI_JOB_JWT`, which GitLab 17.0 removed."""
    sub, iss = claims.get("sub"), claims.get("iss")
    return (
        "aud" not in claims
        and isinstance(iss, str)
        and "://" not in iss
        and isinstance(sub, str)
        and _LEGACY_SUBJECT.fullmatch(sub) is not None
    )
