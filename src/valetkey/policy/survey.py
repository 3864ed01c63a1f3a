"""What a policy is about, for those who explain, lint or count it."""

from collections.abc import Iterator
from typing import NamedTuple

from valetkey.policy.compiled import CompiledPolicy
from valetkey.policy.decision import PolicyType, TextRange
from valetkey.policy.document import PolicyDocument, Statement, Value
from valetkey.policy.templates import TemplateFlaw, parse_template


class PrincipalUse(NamedTuple):
    """A principal that a statement names; ``kind`` is ``*`` for a bare ``"*"``."""

    statement: Statement
    kind: str
    value: Value
    negated: bool


class KeyUse(NamedTuple):
    """A condition key that a statement looks at, as written, in a condition or a variable."""

    statement: Statement
    key: str
    range: TextRange
    operator: str | None


def principals_of(document: PolicyDocument) -> tuple[PrincipalUse, ...]:
    """Return every principal in the order of the text."""
    return tuple(_principals(document))


def condition_keys(policy: PolicyDocument | CompiledPolicy) -> frozenset[str]:
    """Return the condition keys that a policy looks at, in lower case: keys ignore case."""
    return frozenset(use.key.lower() for use in key_uses(policy))


def key_uses(policy: PolicyDocument | CompiledPolicy) -> tuple[KeyUse, ...]:
    """Return where a policy looks at condition keys; variables have no operator."""
    document = policy.document if isinstance(policy, CompiledPolicy) else policy
    return tuple(_key_uses(document))


def counted_characters(text: str, type: PolicyType) -> int:
    """Count a document's characters as AWS does against its size limits.

    Blanks between the tokens of the JSON do not count, except in a trust policy, where all
    characters do (quota ``ACLSizePerRole``). Blanks within strings always count.
    """
    if type is PolicyType.TRUST:
        return len(text)
    count, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character in " \t\r\n":
            continue
        else:
            in_string = character == '"'
        count += 1
    return count


def _principals(document: PolicyDocument) -> Iterator[PrincipalUse]:
    for statement in document.statements:
        principal = statement.principal
        if principal is None:
            continue
        if principal.everyone is not None:
            yield PrincipalUse(statement, "*", principal.everyone, principal.negated)
        for entry in principal.entries:
            for value in entry.values:
                yield PrincipalUse(statement, entry.kind, value, principal.negated)


def _key_uses(document: PolicyDocument) -> Iterator[KeyUse]:
    for statement in document.statements:
        for entry in statement.conditions:
            if not entry.key:
                continue  # an operator with no keys under it
            yield KeyUse(statement, entry.key, entry.key_range, entry.operator.written)
            if entry.operator.takes_variables:
                yield from _variable_uses(document, statement, entry.values)
        if statement.resource is not None:
            yield from _variable_uses(document, statement, statement.resource.values)


def _variable_uses(
    document: PolicyDocument, statement: Statement, values: tuple[Value, ...]
) -> Iterator[KeyUse]:
    if not document.has_variables:
        return
    for value in values:
        try:
            template = parse_template(value.text, variables=True, wildcards=True)
        except TemplateFlaw:
            continue  # a document that does not compile may be surveyed all the same
        for variable in template.variables():
            yield KeyUse(statement, variable.written, value.range, None)
