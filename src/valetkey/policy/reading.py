"""From JSON to a document: which elements there are, and of which shape each must be.

Reading goes on after a flaw as far as it can, so that a person sees all of them at once; a
document with flaws is never used.
"""

from collections.abc import Iterable

from valetkey.diagnostics import Diagnostic, Source
from valetkey.policy.document import (
    VERSION_2008,
    VERSION_2012,
    ConditionEntry,
    Element,
    PolicyDocument,
    PrincipalElement,
    PrincipalEntry,
    Statement,
    Value,
)
from valetkey.policy.flaws import Flaw, Kind
from valetkey.policy.jsonnodes import Array, Member, Node, Null, Object, Text, describe
from valetkey.policy.jsontext import JsonFlaw, parse_json
from valetkey.policy.operators import parse_operator, similar_operator
from valetkey.policy.reading_elements import ElementReader, range_of, value_of

_DOCUMENT_ELEMENTS = ("Version", "Id", "Statement")
_STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_PRINCIPAL_KINDS = ("AWS", "Federated", "Service", "CanonicalUser")


def read_document(source: Source) -> tuple[PolicyDocument | None, list[Flaw]]:
    """Read a text as a policy document; with no document there is at least one flaw."""
    try:
        root = parse_json(source)
    except JsonFlaw as flaw:
        advice = (flaw.help,) if flaw.help else ()
        finding = Diagnostic(Kind.JSON, flaw.message, labels=flaw.labels, help=advice)
        return None, [Flaw(Kind.JSON, finding)]
    reader = _Reader(source)
    document = reader.document(root)
    return document, reader.flaws


class _Reader(ElementReader):
    """Each method is one element of the language."""

    def document(self, root: Node) -> PolicyDocument | None:
        if not isinstance(root, Object):
            self.flaw(Kind.SHAPE, f"a policy is an object, got {describe(root)}", root)
            return None
        members = self.members(root, _DOCUMENT_ELEMENTS, "a policy")
        version = self.text(members.get("Version"))
        if version is not None and version.text not in (VERSION_2012, VERSION_2008):
            self.flaw(
                Kind.VERSION,
                f"version `{version.text[:40]}` is unknown",
                version,
                help=f"write `{VERSION_2012}`",
            )
        statements = self._statements(root, members.get("Statement"))
        return PolicyDocument(self.source, version, self.text(members.get("Id")), statements)

    def _statements(self, root: Object, member: Member | None) -> tuple[Statement, ...]:
        if member is None:
            self.flaw(Kind.STATEMENT_EMPTY, "the policy has no `Statement`", _brace(root))
            return ()
        node = member.value
        if not isinstance(node, Array | Object):
            what = f"`Statement` is an object or a list of objects, got {describe(node)}"
            self.flaw(Kind.SHAPE, what, node)
            return ()
        items = node.items if isinstance(node, Array) else (node,)
        if not items:
            self.flaw(Kind.STATEMENT_EMPTY, "`Statement` is an empty list", node)
        return tuple(self._one_statement(index, item) for index, item in enumerate(items))

    def _one_statement(self, index: int, node: Node) -> Statement:
        self.statement = index
        members: dict[str, Member] = {}
        if isinstance(node, Object):
            members = self.members(node, _STATEMENT_ELEMENTS, "a statement")
        else:
            self.flaw(Kind.SHAPE, f"a statement is an object, got {describe(node)}", node)
        statement = Statement(
            index,
            range_of(node),
            self.text(members.get("Sid")),
            self._effect(node, members.get("Effect")),
            self._principal(self._either(members, "Principal", "NotPrincipal")),
            self._element(self._either(members, "Action", "NotAction")),
            self._element(self._either(members, "Resource", "NotResource")),
            tuple(self._conditions(members.get("Condition"))),
        )
        self.statement = -1
        return statement

    def _effect(self, node: Node, member: Member | None) -> Value | None:
        if member is None:
            if isinstance(node, Object):
                self.flaw(Kind.EFFECT_MISSING, "the statement has no `Effect`", _brace(node))
            return None
        effect = self.text(member)
        if effect is None or effect.text in ("Allow", "Deny"):
            return effect
        known = effect.text.lower() in ("allow", "deny")
        self.flaw(
            Kind.EFFECT_CASE if known else Kind.EFFECT_UNKNOWN,
            f"effect `{effect.text[:40]}` is unknown",
            effect,
            help=f"write `{effect.text.capitalize()}`" if known else "write `Allow` or `Deny`",
            wire=f"Invalid effect: {effect.text}",
        )
        return effect

    def _either(self, members: dict[str, Member], plain: str, negated: str) -> Member | None:
        first, second = members.get(plain), members.get(negated)
        if first is not None and second is not None:
            message = f"a statement has `{plain}` or `{negated}`, not both"
            self.flaw(Kind.BOTH_FORMS, message, second.name)
        return first or second

    def _element(self, member: Member | None) -> Element | None:
        if member is None:
            return None
        nullable = member.name.value in ("Resource", "NotResource")
        values = tuple(self.values(member, nullable=nullable))
        name, node = member.name, member.value
        nulls = (
            nullable and isinstance(node, Array) and any(isinstance(n, Null) for n in node.items)
        )
        return Element(name.value, range_of(name), range_of(node), values, nulls)

    def _principal(self, member: Member | None) -> PrincipalElement | None:
        if member is None:
            return None
        node, name = member.value, member.name
        everyone: Value | None = None
        entries: tuple[PrincipalEntry, ...] = ()
        match node:
            case Text(value="*"):
                everyone = value_of(node)
            case Object():
                found = self.members(node, _PRINCIPAL_KINDS, "a principal")
                entries = tuple(
                    PrincipalEntry(kind, range_of(entry.name), tuple(self.values(entry)))
                    for kind, entry in found.items()
                )
            case Text():
                message = f"`{name.value}` is `*` or an object, got `{node.value[:80]}`"
                advice = f'write `{{"AWS": "{node.value[:80]}"}}`'
                self.flaw(Kind.PRINCIPAL_SHAPE, message, node, help=advice)
            case _:
                message = f"`{name.value}` is `*` or an object, got {describe(node)}"
                self.flaw(Kind.SHAPE, message, node)
        return PrincipalElement(name.value, range_of(name), range_of(node), everyone, entries)

    def _conditions(self, member: Member | None) -> Iterable[ConditionEntry]:
        if member is None:
            return
        if not isinstance(member.value, Object):
            message = f"`Condition` is an object, got {describe(member.value)}"
            self.flaw(Kind.SHAPE, message, member.value)
            return
        for block in member.value.members:
            operator = parse_operator(block.name.value)
            if operator is None:
                self._unknown_operator(block.name)
                continue
            if not isinstance(block.value, Object):
                message = (
                    f"an operator holds an object of condition keys, got {describe(block.value)}"
                )
                self.flaw(Kind.SHAPE, message, block.value)
                continue
            if not block.value.members:
                # AWS takes it and does not say what it means; it was meant to limit something.
                place = range_of(block.value)
                yield ConditionEntry(operator, range_of(block.name), "", place, place, ())
            for entry in block.value.members:
                if not entry.name.value:
                    self.flaw(Kind.SHAPE, "the condition key is empty", entry.name)
                yield ConditionEntry(
                    operator,
                    range_of(block.name),
                    entry.name.value,
                    range_of(entry.name),
                    range_of(entry.value),
                    tuple(self.values(entry, scalars=True)),
                )

    def _unknown_operator(self, name: Text) -> None:
        similar = similar_operator(name.value) if self.advises() else None
        self.flaw(
            Kind.UNKNOWN_OPERATOR,
            f"condition operator `{name.value[:80]}` is unknown",
            name,
            help=f"did you mean `{similar}`?" if similar else None,
        )


def _brace(node: Object) -> Node:
    """Return the place of an object's opening brace: where something absent would stand."""
    return Node(node.start, node.start + 1)
