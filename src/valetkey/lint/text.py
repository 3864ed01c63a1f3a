"""From a text of any recognised form to its findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from valetkey.diagnostics import Diagnostic, Severity, Source
from valetkey.gitlabci import Includes
from valetkey.lint.detect import Form, may_hold_policies, recognise
from valetkey.lint.embedded import (
    Checked,
    Document,
    Shared,
    Unreadable,
    documents,
    lint_document,
    located,
    read_hcl,
    read_json,
    read_yaml,
)
from valetkey.lint.embedded.tree import Map, Node
from valetkey.lint.model import NO_FACTS, Facts, Finding, Rule
from valetkey.lint.run import lint_ci, lint_policy
from valetkey.policy import PolicyType

CI: Final = "ci"
_TEMPLATES: Final = ("{{", "{%")
_TEMPLATED: Final = "it looks like a template: look at what is made of it"


@dataclass(frozen=True, slots=True)
class Asking:
    """How texts are to be looked at.

    ``kind`` is a policy type or ``ci`` where somebody said so. ``rules`` None means all of them.
    ``named``: the text was asked for by name, so that saying nothing about it is no answer.
    """

    facts: Facts = NO_FACTS
    rules: tuple[Rule, ...] | None = None
    kind: PolicyType | str | None = None
    includes: Includes | None = None
    named: bool = True


def lint_text(source: Source, asking: Asking) -> tuple[Checked, ...] | None:
    """Return what is wrong with a text; None where it is nothing that is recognised."""
    form = Form.CI if asking.kind == CI else recognise(source)
    if form is None and isinstance(asking.kind, PolicyType):
        form = Form.JSON
    if form is None:
        return (_nothing(source, "lint-unrecognised"),) if asking.named else None
    return _READERS[form](source, asking)


def _ci(source: Source, asking: Asking) -> tuple[Checked, ...]:
    found = lint_ci(source, asking.facts, asking.rules, asking.includes)
    return tuple(Checked(finding) for finding in found)


def _json(source: Source, asking: Asking) -> tuple[Checked, ...] | None:
    likely = may_hold_policies(source.text)
    if not likely and not asking.named:
        return None
    try:
        root = read_json(source)
    except Unreadable as error:
        # What is no JSON is refused as IAM would refuse it, if it was to be a policy at all.
        return (_unread(error.finding),) if likely or asking.named else None
    kind = _type(asking)
    found = tuple(documents(root))
    if found and found[0].root is not root:
        return _embedded(source, root, asking)
    if kind or (isinstance(root, Map) and root.get("Statement") is not None):
        kind = kind or (found[0].type if found else PolicyType.IDENTITY)
        return located(source, kind, lint_policy(source, kind, asking.facts, asking.rules))
    return _embedded(source, root, asking)


def _yaml(source: Source, asking: Asking) -> tuple[Checked, ...] | None:
    if not may_hold_policies(source.text):
        return (_nothing(source, "lint-unrecognised"),) if asking.named else None
    try:
        root, shared = read_yaml(source)
    except Unreadable as error:
        finding = error.finding
        if not asking.named and any(mark in source.text for mark in _TEMPLATES):
            finding = replace(finding, severity=Severity.NOTE, help=(_TEMPLATED,))
        return (_unread(finding),)
    return _embedded(source, root, asking, shared)


def _hcl(source: Source, asking: Asking) -> tuple[Checked, ...] | None:
    if not may_hold_policies(source.text):
        return (_nothing(source, "lint-nothing"),) if asking.named else None
    root, findings = read_hcl(source)
    unread = tuple(_unread(each) for each in findings)
    found = _embedded(source, root, asking, quiet=bool(unread))
    return None if found is None and not unread else (*unread, *(found or ()))


def _embedded(
    source: Source, root: Node, asking: Asking, shared: Shared = (), *, quiet: bool = False
) -> tuple[Checked, ...] | None:
    found = tuple(documents(root))
    if not found:
        return (_nothing(source, "lint-nothing"),) if asking.named and not quiet else None
    return tuple(_each(found, source, asking, shared))


def _each(
    found: Iterable[Document], source: Source, asking: Asking, shared: Shared
) -> Iterator[Checked]:
    for each in found:
        document = Document(each.root, _type(asking) or each.type, shared)
        yield from lint_document(document, source, asking.facts, asking.rules)


def _type(asking: Asking) -> PolicyType | None:
    return asking.kind if isinstance(asking.kind, PolicyType) else None


def _unread(finding: Diagnostic) -> Checked:
    return Checked(Finding(finding, stops=True))


def _nothing(source: Source, code: str) -> Checked:
    """Say that a text that was asked for by name has nothing in it to look at."""
    if code == "lint-nothing":
        message = f"`{source.name}` holds no policy that is recognised"
        return Checked(Finding(Diagnostic(code, message, Severity.NOTE)))
    message = f"`{source.name}` is neither a policy nor a CI file that is recognised"
    advice = "say with --type what it is; docs/lint.md lists what is recognised"
    return _unread(Diagnostic(code, message, Severity.ERROR, help=(advice,)))


_READERS: Final[Mapping[Form, Callable[[Source, Asking], tuple[Checked, ...] | None]]] = {
    Form.CI: _ci,
    Form.JSON: _json,
    Form.YAML: _yaml,
    Form.HCL: _hcl,
}
