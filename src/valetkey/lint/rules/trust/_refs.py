"""Which refs a wanted subject admits, and whether something protects them."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from valetkey.lint.issuers import Platform
from valetkey.lint.patterns import overlap
from valetkey.lint.rules.trust._names import Openness, Trusted, trusted
from valetkey.lint.rules.trust._parts import Parts, is_ours, parts_of
from valetkey.lint.rules.trust._reading import Reading, demands
from valetkey.lint.rules.trust._text import first_wildcard
from valetkey.oidc.issuers.github import repository_of
from valetkey.policy import glob


class Kind(Enum):
    """What a ref is, as far as a pattern says."""

    ANY = "branch or tag"
    ANY_JOB = "branch, tag, pull request or environment"
    BRANCH = "branch"
    TAG = "tag"


class Refs(NamedTuple):
    """The refs of a wanted subject: the pattern for their name, and where it begins."""

    trusted: Trusted
    kind: Kind
    name: str
    start: int

    @property
    def wild(self) -> int | None:
        """Return where the first wildcard of the name stands."""
        return first_wildcard(self.name)

    @property
    def platform(self) -> Platform | None:
        """Return whose refs they are."""
        return self.trusted.test.issuer.platform

    @property
    def is_any(self) -> bool:
        """Tell whether every name is admitted."""
        return self.name != "" and not self.name.strip("*")


def demand(refs: Refs, what: str) -> str:
    """Return the advice that makes protection of ``what``, branches or tags, count."""
    if refs.platform is Platform.GITHUB:
        # AWS makes no condition key of GitHub's `ref_protected`.
        return f"let the subject end with `environment:NAME`, which only protected {what} may use"
    host = refs.trusted.test.host
    return f'add `"StringEquals": {{"{host}:ref_protected": "true"}}`'


def open_refs(reading: Reading) -> Iterator[Refs]:
    """Yield the subjects with a wildcard for the ref, unless something else limits the ref."""
    if _is_limited(reading):
        return
    for each in trusted(reading, patterns=True):
        # Where strangers get in, their branches are not what matters.
        if each.test.claim != "sub" or each.openness in (Openness.ANYBODY, Openness.OWNER):
            continue
        platform = each.test.issuer.platform
        if platform is Platform.GITLAB:
            found = _gitlab(each)
        else:
            found = _github(each) if platform is Platform.GITHUB else None
        if found is not None and found.wild is not None:
            yield found


def _is_limited(reading: Reading) -> bool:
    """Tell whether a claim beside the subject says which ref, or that it is protected."""
    if reading.demands("ref_protected", "true"):
        return True
    limits = ("ref", "ref_path", "environment_protected", "workflow_ref", "job_workflow_ref")
    return any(
        demands(test.entry)
        and all(each.text.strip("*") for each in test.entry.values)
        and test.entry.values
        for test in reading.of(*limits, "ci_config_ref_uri")
    )


def _gitlab(each: Trusted) -> Refs | None:
    text = each.value.text
    parts = parts_of(text)
    if not is_ours(parts) or _is_protected(parts):
        return None
    kind = _gitlab_kind(parts)
    if kind is None:
        return None
    ref = parts.get("ref")
    if ref is not None:
        start = ref.start + len("ref:")
        return Refs(each, kind, ref.value, start)
    # No ref is written: a star at the end stands for it, as for all that is missing.
    if text.endswith("*") and "ref_protected" not in text:
        return Refs(each, kind, "*", len(text) - 1)
    return None


def _gitlab_kind(parts: Parts) -> Kind | None:
    """Return what the type of the ref admits; None for one that never occurs."""
    kind = parts.get("ref_type")
    if kind is None:
        return Kind.ANY
    pattern = glob(kind.value)
    branch, tag = pattern.matches("branch"), pattern.matches("tag")
    if branch and tag:
        return Kind.ANY
    return Kind.BRANCH if branch else Kind.TAG if tag else None


def _is_protected(parts: Parts) -> bool:
    return any(
        pair.value == "true"
        for pair in parts.pairs
        if pair.label in ("ref_protected", "environment_protected")
    )


def _github(each: Trusted) -> Refs | None:
    text = each.value.text
    found = repository_of(text)
    if found is None:
        return None
    form, _, ref = found.context.partition(":")
    if form != "ref":
        open_end = found.context in ("", "*") and text.endswith("*")
        return Refs(each, Kind.ANY_JOB, "*", len(text) - 1) if open_end else None
    return _github_ref(each, ref)


def _github_ref(each: Trusted, ref: str) -> Refs | None:
    text = each.value.text
    for kind, prefix in ((Kind.BRANCH, "refs/heads/"), (Kind.TAG, "refs/tags/")):
        if ref.startswith(prefix):
            name = ref.removeprefix(prefix)
            return Refs(each, kind, name, len(text) - len(name))
    at = first_wildcard(ref)
    branch, tag = (overlap(ref, f"refs/{kind}/*") for kind in ("heads", "tags"))
    if at is None or not (branch or tag):
        return None
    kind = Kind.ANY if branch and tag else Kind.BRANCH if branch else Kind.TAG
    return Refs(each, kind, ref[at:], len(text) - len(ref) + at)
