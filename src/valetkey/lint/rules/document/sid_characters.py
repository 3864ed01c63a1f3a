"""A statement's id has characters that IAM does not take.

## What
The `Sid` of a statement of an identity policy, a boundary or a session policy has a character
other than a letter or a digit.

## Why
IAM takes ASCII letters and digits only, and refuses the whole policy. Some services take more in
the policies of their resources, so that an id that was copied from there fails here.

## Example
    {"Sid": "read the kiln", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}

## Instead
    {"Sid": "ReadTheKiln", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}

## References
- https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
"""

import re
from collections.abc import Iterator

from valetkey.diagnostics import Severity, visible
from valetkey.lint.model import Edit, Finding, PolicyRule, PolicySubject
from valetkey.lint.places import within
from valetkey.policy import PolicyType, Value

_OTHER = re.compile(r"[^A-Za-z0-9]+")


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find ids that IAM refuses."""
    sids = [each.sid for each in subject.document.statements if each.sid is not None]
    taken = {sid.text for sid in sids}
    for sid in sids:
        other = _OTHER.search(sid.text)
        if other is None:
            continue
        better = _without(sid)
        edits: tuple[Edit, ...] = ()
        if better and better not in taken:
            taken.add(better)
            edits = (Edit(sid.start, sid.end, f'"{better}"'),)
        yield RULE.finding(
            f"a `Sid` has letters and digits only, got `{visible(other[0])[:40]}` in it",
            within(subject.document, sid, *other.span()),
            help=f"write `{better}`" if edits else "use letters and digits only",
            edits=edits,
        )


def _without(sid: Value) -> str:
    words = [word for word in _OTHER.split(sid.text) if word]
    return "".join(word[0].upper() + word[1:] for word in words)


RULE = PolicyRule(
    code="POL004",
    name="sid_characters",
    severity=Severity.ERROR,
    page=__doc__,
    types=frozenset({PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION}),
    check=check,
)
