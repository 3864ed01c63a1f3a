"""The words of a linter: rule, subject, finding, edit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from valetkey.diagnostics import Diagnostic, Label, Severity, Source, Span
from valetkey.gitlabci import CiFile
from valetkey.policy import CompiledPolicy, PolicyDocument, PolicyType


@dataclass(frozen=True, slots=True)
class Provider:
    """An OIDC provider as it is known to be registered."""

    url: str
    client_ids: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the issuer as condition keys and ARNs spell it: without a scheme."""
        return self.url.split("://", 1)[-1]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may know beside the text that it looks at.

    ``providers`` are those that the configuration or the texts beside it tell of; empty means
    that nothing is known, never that there are none. ``variables`` are names of CI variables
    that are set outside the file (in the project's settings).
    """

    providers: tuple[Provider, ...] = ()
    variables: frozenset[str] = frozenset()


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of the characters ``start`` up to, not including, ``end`` of the text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has to say.

    ``edits`` remove the cause, and are there only where that is safe: they never let anybody in
    whom the text as written keeps out. ``stops``: for its cause no rule has looked at the text,
    or at a part of it, so that silence says nothing.
    """

    diagnostic: Diagnostic
    edits: tuple[Edit, ...] = ()
    stops: bool = False

    @property
    def code(self) -> str:
        """Return the code of the rule."""
        return self.diagnostic.code


@dataclass(frozen=True, slots=True)
class PolicySubject:
    """A policy document that could be read. ``compiled`` is None where IAM would refuse it."""

    document: PolicyDocument
    type: PolicyType
    compiled: CompiledPolicy | None
    facts: Facts = NO_FACTS


@dataclass(frozen=True, slots=True)
class CiSubject:
    """A CI file that GitLab would accept."""

    file: CiFile
    source: Source
    facts: Facts = NO_FACTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule. Its page is the docstring of the module that it stands in.

    ``code`` is for ever; ``name`` is the module's name and says what was found.
    """

    code: str
    name: str
    severity: Severity
    page: str = field(repr=False)

    def finding(
        self,
        message: str,
        *places: Span | tuple[Span, str],
        notes: Iterable[str] = (),
        help: str | Iterable[str] = (),
        edits: Iterable[Edit] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding of this rule; the first place is where it is shown."""
        labels = tuple(
            Label(place) if isinstance(place, Span) else Label(*place) for place in places
        )
        return Finding(
            Diagnostic(
                self.code,
                message,
                severity or self.severity,
                labels,
                tuple(notes),
                (help,) if isinstance(help, str) else tuple(help),
            ),
            tuple(edits),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRule(Rule):
    """A rule over policies of some types."""

    types: frozenset[PolicyType]
    check: Callable[[PolicySubject], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CiRule(Rule):
    """A rule over CI files."""

    check: Callable[[CiSubject], Iterable[Finding]]
