"""From one text to its findings, by every rule that applies to it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from valetkey.diagnostics import Source
from valetkey.errors import ValetkeyError
from valetkey.gitlabci import Includes
from valetkey.gitlabci import parse as parse_ci
from valetkey.lint.model import (
    NO_FACTS,
    CiRule,
    CiSubject,
    Facts,
    Finding,
    PolicyRule,
    PolicySubject,
    Rule,
)
from valetkey.lint.registry import all_rules
from valetkey.policy import MalformedPolicy, PolicyType, compile_policy
from valetkey.policy import parse as parse_policy


def lint_policy(
    source: Source,
    type: PolicyType,
    facts: Facts = NO_FACTS,
    rules: Iterable[Rule] | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with a policy.

    What IAM would refuse comes first, under the codes of the policy room; the rules run all the
    same as long as the document can be read.
    """
    refused: tuple[Finding, ...] = ()
    compiled = None
    try:
        compiled = compile_policy(source, type, name=source.name)
        document = compiled.document
    except MalformedPolicy as error:
        refused = tuple(Finding(diagnostic) for diagnostic in error.diagnostics())
        try:
            document = parse_policy(source, type)
        except MalformedPolicy:
            return tuple(replace(each, stops=True) for each in refused)
    subject = PolicySubject(document, type, compiled, facts)
    found = (
        finding
        for rule in _chosen(rules)
        if isinstance(rule, PolicyRule) and type in rule.types
        for finding in rule.check(subject)
    )
    return (*refused, *_by_place(found))


def lint_ci(
    source: Source,
    facts: Facts = NO_FACTS,
    rules: Iterable[Rule] | None = None,
    includes: Includes | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with a CI file; what GitLab would refuse comes alone."""
    try:
        file = parse_ci(source, includes)
    except ValetkeyError as error:
        return tuple(Finding(diagnostic, stops=True) for diagnostic in error.diagnostics())
    subject = CiSubject(file, source, facts)
    found = (
        finding
        for rule in _chosen(rules)
        if isinstance(rule, CiRule)
        for finding in rule.check(subject)
    )
    return tuple(_by_place(found))


def _chosen(rules: Iterable[Rule] | None) -> Iterable[Rule]:
    return all_rules() if rules is None else rules


def _by_place(findings: Iterable[Finding]) -> Iterator[Finding]:
    yield from sorted(findings, key=_place)


def _place(finding: Finding) -> tuple[str, int, str]:
    labels = finding.diagnostic.labels
    if not labels:
        return "", 0, finding.code
    return labels[0].span.source.name, labels[0].span.start, finding.code
