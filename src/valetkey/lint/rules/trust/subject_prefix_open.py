"""A wildcard right behind a group's name also admits groups whose names begin alike.

## What
A pattern for a subject, or for a claim with the path of a project or group, has its first
wildcard within the name of the group or owner, or right behind the name of a project.

## Why
`*` stands for any characters, `/` and `:` among them. `project_path:acme*` was meant for the
group `acme`; it also admits `project_path:acme-evil/x:...`, a group that anybody may found. The
finding is an error where a stranger's group gets in, and a warning where it takes a project in
the same group.

## Example
    "StringLike": {"gitlab.example:sub": "project_path:acme*"}
    "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme*/api*:*"}

## Instead
End the name with its border, `/` behind a group and `:` behind a project:

    "StringLike": {"gitlab.example:sub": "project_path:acme/*"}

A GitHub repository with ids in its subject is named exactly, `repo:acme@7700123/api@880045601:*`,
beside the older form; never by wildcards in place of the ids.

## References
- https://docs.gitlab.com/ci/cloud_services/aws/
- https://docs.github.com/en/actions/reference/security/oidc
- https://hackingthe.cloud/aws/exploitation/Misconfigured_Resource-Based_Policies/exploiting_misconfigured_gitlab_oidc_aws_iam_roles/
"""

from collections.abc import Iterator

from valetkey.diagnostics import Severity
from valetkey.lint.issuers import Platform
from valetkey.lint.model import Edit, Finding, PolicyRule, PolicySubject
from valetkey.lint.places import whole, within
from valetkey.lint.rules.trust._names import Name, Openness, Trusted, stranger, unpinned
from valetkey.lint.rules.trust._reading import TRUST, Reading, web_allows
from valetkey.lint.rules.trust._text import quoted


def check(subject: PolicySubject) -> Iterator[Finding]:
    """Find names that go on with a wildcard."""
    for reading in web_allows(subject):
        for each in unpinned(reading):
            if each.name is None or each.openness not in (Openness.OWNER, Openness.SIBLING):
                continue
            yield _finding(reading, each, each.name)


def _finding(reading: Reading, each: Trusted, name: Name) -> Finding:
    at = name.wild or 0
    text = each.value.text
    example = stranger(each)
    sibling = each.openness is Openness.SIBLING
    shown = text if example is None else example
    whom = "a neighbour" if sibling else "a stranger"
    edits: tuple[Edit, ...] = ()
    if text[name.start + at :] == "*" and not sibling and "/" not in name.text:
        place = whole(reading.document, each.value)
        if place.text == text and name.label in ("project_path", "repo"):
            end = place.start + name.start + at
            edits = (Edit(end, end, "/"),)
    return RULE.finding(
        f"{quoted(text)} also admits {whom}: {quoted(shown)}",
        (
            within(reading.document, each.value, name.start, name.start + at + 1),
            "any name that begins so",
        ),
        help=_help(each, name),
        edits=edits,
        severity=Severity.WARNING if sibling else Severity.ERROR,
    )


def _help(each: Trusted, name: Name) -> str:
    text, at = each.value.text, name.wild or 0
    if name.label.endswith("_id"):
        return "write the whole id: an id has no beginning that means anything"
    if name.label.endswith("namespace_path") and text[at:] == "*":
        return f"write `{text[:at]}` for the group, and `{text[:at]}/*` for its subgroups"
    if each.test.issuer.platform is Platform.GITHUB and "/" in name.text:
        owner, _, repository = name.text.replace("*", "").replace("?", "").partition("/")
        rest = text[name.start + len(name.text) :]
        head = text[: name.start]
        plain = f"{head}{owner}/{repository or '*'}{rest}"
        if name.label != "repo" or not repository:
            return f"write {quoted(plain)}"
        exact = f"{head}{owner}@OWNER_ID/{repository}@REPOSITORY_ID{rest}"
        return f"write {quoted(plain)}, and {quoted(exact)} beside it for a subject with ids"
    return _bordered(name, text)


def _bordered(name: Name, text: str) -> str:
    at = name.wild or 0
    before, after = text[: name.start + at], text[name.start + at + 1 :].lstrip("*?")
    if "/" in name.text[:at]:
        border = ":*" if name.start else ""
        return f"write {quoted(before + (after if after[:1] == ':' else border))}"
    if after.startswith("/") or name.label in ("repository_owner", "organization"):
        return f"write {quoted(before + after)}"
    return f"write {quoted(f'{before}/*{after}')}"


RULE = PolicyRule(
    code="TRUST003",
    name="subject_prefix_open",
    severity=Severity.ERROR,
    page=__doc__,
    types=TRUST,
    check=check,
)
