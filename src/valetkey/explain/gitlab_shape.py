"""GitLab subjects of another make than the policy expects: values, labels and their order."""

from collections.abc import Sequence

from valetkey.diagnostics import did_you_mean
from valetkey.explain.compare import matches, quoted
from valetkey.explain.gitlab_parts import Pair, agree
from valetkey.explain.mismatch import Cause, Mismatch
from valetkey.oidc.issuers import SubjectPart
from valetkey.oidc.issuers.gitlab import CLAIMS, SUBJECT_LABELS, SUBJECT_VALUES


def impossible(pairs: Sequence[Pair], mismatch: Mismatch) -> Cause | None:
    """Find a value that GitLab never sends, such as ``ref_type:mr``."""
    for pair in pairs:
        values = SUBJECT_VALUES.get(pair.label)
        if values and not any(matches(pair.wanted, value, pattern=True) for value in values):
            return _never(pair, sorted(values), mismatch.where.wanted)
    return None


def _never(pair: Pair, values: Sequence[str], differs: int) -> Cause:
    allowed = " or ".join(f"`{value}`" for value in values)
    end = pair.value_start + len(pair.wanted)
    about_refs = pair.label == "ref_type"
    return Cause(
        "impossible-value",
        f"`{pair.label}:{pair.wanted}` can never occur; GitLab sends {allowed}",
        f"GitLab sends {allowed}",
        (
            (
                "a merge request's pipeline says `ref_type:branch` and names its source"
                " branch: write"
                " `ref_type:branch` on a read-only role, which admits ordinary branch"
                " pipelines too,"
                " or tell them apart by a condition on the claim `pipeline_source`"
            ),
        )
        if about_refs
        else (f"write {allowed}",),
        at=differs if differs in range(pair.value_start, end + 1) else pair.value_start,
    )


def unknown_label(pairs: Sequence[Pair], subject: Sequence[SubjectPart]) -> Cause | None:
    """Find a label that is no component of GitLab's subjects."""
    present = [part.label for part in subject]
    for pair in pairs:
        if pair.label in SUBJECT_LABELS:
            continue
        near = None if pair.label in CLAIMS else did_you_mean(pair.label, SUBJECT_LABELS)
        return Cause(
            "unknown-component",
            f"a GitLab subject has no component {quoted(pair.label)}",
            f"this token's subject has {', '.join(f'`{label}`' for label in present)}",
            (
                f"did you mean `{near}`?"
                if near
                else f"write a condition on the key that ends in `:{pair.label}` instead",
            ),
            at=pair.start,
            slip=near is not None,
        )
    return None


def other_shape(
    pairs: Sequence[Pair], subject: Sequence[SubjectPart], mismatch: Mismatch
) -> Cause | None:
    """Find a subject made of other components, or of the same in another order."""
    labels = [part.label for part in subject]
    if _project_differs(pairs) or _in_order(pairs, labels):
        return None
    wanted = [pair.label for pair in pairs]
    at = next(
        (index for index, label in enumerate(labels[: len(wanted)]) if label != wanted[index]),
        min(len(labels), len(wanted) - 1),
    )
    return Cause(
        "other-components",
        "the token's subject is made of other components:"
        f" {', '.join(f'`{label}`' for label in labels)}",
        "the token's subject has another component here",
        (
            (
                f"the project's setting `ci_id_token_sub_claim_components` decides; if this project"
                f" shall have access, add the value {quoted(mismatch.got)}"
            ),
        ),
        at=pairs[at].start,
    )


def _in_order(pairs: Sequence[Pair], labels: Sequence[str]) -> bool:
    """Return whether the wanted labels come in the subject's order, gaps only where a star is."""
    at = 0
    star = False
    for pair in pairs:
        if pair.label not in labels[at:]:
            return False
        place = labels.index(pair.label, at)
        if place > at and not star:
            return False
        at = place + 1
        star = pair.wanted.endswith("*")
    return True


def goes_on(
    subject: Sequence[SubjectPart], pairs: Sequence[Pair], mismatch: Mismatch
) -> Cause | None:
    """Find a subject that has more components than the policy asks for."""
    more = [part for part in subject if part.label not in {pair.label for pair in pairs}]
    if not more or not all(agree(pair) for pair in pairs):
        return None
    return Cause(
        "more-components",
        f"the token's subject goes on with the component {quoted(more[0].label)}",
        f"`:{more[0].label}:{more[0].value}` follows in the token",
        (
            (
                "the project's setting `ci_id_token_sub_claim_components` decides; if this project"
                f" shall have access, add the value {quoted(mismatch.got)}"
            ),
        ),
    )


def _project_differs(pairs: Sequence[Pair]) -> bool:
    return pairs[0].got is not None and not agree(pairs[0])
