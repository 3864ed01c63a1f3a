"""GitLab's subjects, compared part by part; and its claims that surprise people."""

from collections.abc import Sequence
from typing import Final

from valetkey.explain.compare import matches, quoted
from valetkey.explain.gitlab_parts import Pair, agree, wanted_parts
from valetkey.explain.gitlab_shape import goes_on, impossible, other_shape, unknown_label
from valetkey.explain.lookalikes import extends_name
from valetkey.explain.mismatch import Cause, Mismatch, unless
from valetkey.oidc.issuers.gitlab import FIRST_LABELS, parse_subject

_MERGE_REQUEST: Final = "merge_request_event"


def gitlab_subject(mismatch: Mismatch) -> Cause | None:
    """Say which part of a subject differs: the project, branch or tag, or its name."""
    subject = parse_subject(mismatch.got)
    if mismatch.claim != "sub" or subject is None:
        return None
    wanted = wanted_parts(mismatch.value)
    if not wanted:
        return None
    got = {part.label: part.value for part in subject}
    pairs = [Pair(label, value, start, got.get(label)) for label, value, start in wanted]
    return (
        impossible(pairs, mismatch)
        or unknown_label(pairs, subject)
        or other_shape(pairs, subject, mismatch)
        or _other_part(pairs, mismatch)
        or goes_on(subject, pairs, mismatch)
    )


def _other_part(pairs: Sequence[Pair], mismatch: Mismatch) -> Cause | None:
    differing = [pair for pair in pairs if not agree(pair)]
    if not differing:
        return None
    first = differing[0]
    labels = {pair.label for pair in differing}
    if first.label in FIRST_LABELS:
        return _other_project(first, mismatch)
    if "ref_type" in labels:
        return _branch_or_tag(differing, mismatch)
    if labels == {"ref"}:
        return _other_ref(first, mismatch)
    if first.label == "ref_protected":
        return Cause(
            "not-protected",
            f"the job's ref is not protected: `ref_protected:{first.got}`",
            f"{quoted(first.got or '')} in the token",
            (
                (
                    "nothing should be changed in the policy: protect the branch or tag"
                    " in GitLab if"
                    " it shall have access"
                ),
            ),
        )
    return None


def _other_project(pair: Pair, mismatch: Mismatch) -> Cause:
    got = pair.got or ""
    runs_in = mismatch.claims.get("job_project_path")
    if _is_fork(pair, runs_in):
        return Cause(
            "fork",
            f"the job is of a merge request from the fork {quoted(got)}",
            f"{quoted(got)}, a fork, in the token",
            (
                (
                    "nothing should be changed: the refusal protects you; whoever forks"
                    f" {quoted(pair.wanted)} decides what such a job does"
                ),
            ),
        )
    if extends_name(pair.wanted, got):
        return Cause(
            "look-alike",
            f"the project {quoted(got)} only begins like {quoted(pair.wanted)}",
            f"{quoted(got)} in the token: another name",
            (
                (
                    "nothing should be changed: the refusal protects you from names that only begin"
                    f" alike; if it is yours all the same, add the value {quoted(mismatch.got)}"
                ),
            ),
        )
    moved = got.rsplit("/", 1)[-1] == pair.wanted.rsplit("/", 1)[-1]
    notes = (
        (("a project's path changes when it is renamed or moved, or its group is; the condition"
         " key for `project_id` stays the same"),)
        if moved
        else ()
    )  # fmt: skip
    return Cause(
        "other-project",
        f"the job is of another project: wanted {quoted(pair.wanted)}, got {quoted(got)}",
        f"{quoted(got)} in the token",
        unless(f"project {quoted(got)}", mismatch),
        notes=notes,
    )


def _is_fork(pair: Pair, runs_in: object) -> bool:
    return (
        pair.label == "project_path"
        and isinstance(runs_in, str)
        and runs_in != pair.got
        and matches(pair.wanted, runs_in, pattern=True)
    )


def _branch_or_tag(differing: Sequence[Pair], mismatch: Mismatch) -> Cause:
    pair = next(pair for pair in differing if pair.label == "ref_type")
    got = pair.got or ""
    more = (
        ("protect the tags in GitLab, or anyone who may push can make one",) if got == "tag" else ()
    )
    return Cause(
        "branch-or-tag",
        f"the job is for a {got}, the policy wants a {pair.wanted}: `ref_type` differs",
        f"{quoted(got)} in the token",
        (*unless(f"this {got}", mismatch), *more),
    )


def _other_ref(pair: Pair, mismatch: Mismatch) -> Cause:
    got = pair.got or ""
    kind = str(mismatch.claims.get("ref_type", "branch"))
    kind = kind if kind in {"branch", "tag"} else "ref"
    notes: tuple[str, ...] = ()
    if mismatch.claims.get("pipeline_source") == _MERGE_REQUEST:
        notes = ("it is a merge request's pipeline, whose ref is the source branch",)
    return Cause(
        f"other-{kind}",
        f"this is another {kind}: wanted {quoted(pair.wanted)}, got {quoted(got)}",
        f"{quoted(got)} in the token",
        unless(f"{kind} {quoted(got)}", mismatch),
        notes=notes,
    )


def gitlab_claim(mismatch: Mismatch) -> Cause | None:
    """Explain claims whose values are not what people expect of them."""
    value, got = mismatch.value, mismatch.got
    if mismatch.claim == "namespace_path" and got.startswith(f"{value.rstrip('/*')}/"):
        return Cause(
            "direct-group",
            f"`namespace_path` is the group that the project is directly in, {quoted(got)}",
            "the token's value goes on: a subgroup",
            unless(f"group {quoted(got)}", mismatch),
        )
    if mismatch.claim == "ref_path" and value.startswith("refs/merge-requests"):
        return Cause(
            "impossible-value",
            "`ref_path` never names a merge request; GitLab sends its source branch",
            f"{quoted(got)} in the token",
            ("compare the claim `pipeline_source` with `merge_request_event` instead",),
        )
    return None
