"""From text to a policy that requests can be held against."""

from hashlib import sha256
from typing import Final

from valetkey.diagnostics import Source
from valetkey.policy.decision import PolicyTrace, PolicyType
from valetkey.policy.document import PolicyDocument
from valetkey.policy.flaws import refusal
from valetkey.policy.index import StatementIndex
from valetkey.policy.principals import Grade
from valetkey.policy.reading import read_document
from valetkey.policy.shared_issuers import NO_MORE, RequiredClaims
from valetkey.policy.statement import Asked, CompiledStatement
from valetkey.policy.validate import validate

Match = tuple[CompiledStatement, Grade]
"""A statement that applies to a request, and how closely it names the requester."""


class CompiledPolicy:
    """A policy, understood in full and ready for requests. Built by :func:`compile_policy`.

    ``name`` is an ARN or a label and goes to every :class:`StatementRef`; ``sha256`` is that of
    the text in UTF-8, by which the text is found again.
    """

    __slots__ = ("_allows", "_denies", "document", "name", "sha256", "source", "statements", "type")

    def __init__(self, document: PolicyDocument, type: PolicyType, name: str) -> None:
        self.document: Final = document
        self.name: Final = name
        self.type: Final = type
        self.source: Final = document.source
        self.sha256: Final = sha256(document.source.text.encode()).hexdigest()
        self.statements: Final = tuple(
            CompiledStatement(statement, name, type, variables=document.has_variables)
            for statement in document.statements
        )
        self._denies = StatementIndex([each for each in self.statements if each.denies])
        self._allows = StatementIndex([each for each in self.statements if not each.denies])

    def __repr__(self) -> str:
        return f"CompiledPolicy({self.name!r}, {self.type.value!r})"

    def matching(self, asked: Asked, *, denies: bool) -> tuple[Match, ...]:
        """Return the statements of one effect that apply, in order."""
        index = self._denies if denies else self._allows
        if index.empty:
            return ()
        found: list[Match] = []
        for statement in index.candidates(asked.action, asked.request.resource):
            grade = statement.grade(asked)
            if grade is not Grade.NONE:
                found.append((statement, grade))
        return tuple(found)

    def traced(self, asked: Asked) -> tuple[PolicyTrace, tuple[Match, ...]]:
        """Return what every statement looked at, and all that apply, whatever their effect."""
        results = [(statement, *statement.trace(asked)) for statement in self.statements]
        trace = PolicyTrace(
            self.name, self.type, self.sha256, tuple(trace for _, trace, _ in results)
        )
        return trace, tuple(
            (statement, grade) for statement, _, grade in results if grade is not Grade.NONE
        )


def parse(source: Source, type: PolicyType = PolicyType.IDENTITY) -> PolicyDocument:
    """Read a document without asking whether it may be used as a policy of its type.

    ``type`` chooses AWS's words for what can't be read. Raises :class:`MalformedPolicy`.
    """
    document, flaws = read_document(source)
    if document is None or flaws:
        raise refusal(flaws, type)
    return document


def compile_policy(
    source: Source, type: PolicyType, *, name: str, required: RequiredClaims = NO_MORE
) -> CompiledPolicy:
    """Read, validate and compile a policy; raises :class:`MalformedPolicy` for any doubt.

    ``required`` is for trust policies that are about to be kept: what each of their statements
    must look at besides AWS's own demands, by issuer.
    """
    document, flaws = read_document(source)
    if document is not None:
        flaws += validate(document, type, required)
    if document is None or flaws:
        raise refusal(flaws, type)
    return CompiledPolicy(document, type, name)
