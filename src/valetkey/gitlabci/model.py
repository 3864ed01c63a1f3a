"""One job of a CI file, with everything put together that the file says about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from valetkey.diagnostics import Diagnostic, Span
from valetkey.gitlabci.expand import Variable
from valetkey.gitlabci.nodes import Mapping as Map
from valetkey.gitlabci.rules import RefFilter, Rule


@dataclass(frozen=True, slots=True)
class Command:
    """One entry of a script, with the place it is written at."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class IdToken:
    """An ID token that the job asks for; ``aud`` as written, variables not yet put in.

    An ``aud`` that is an array in the file stays one, also of one element, as in the token.
    ``span`` is the place of its name, ``places`` those of its audiences.
    """

    name: str
    aud: str | tuple[str, ...]
    span: Span
    places: tuple[Span, ...] = field(default=(), compare=False, repr=False)

    @property
    def audiences(self) -> tuple[str, ...]:
        """Return the audiences, as many as there are places."""
        return (self.aud,) if isinstance(self.aud, str) else self.aud


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the job deploys to; ``tier`` is None where the file leaves it to the name."""

    name: str
    span: Span
    url: str | None = None
    action: str = "start"
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class AllowFailure:
    """Which failures of the job don't fail its pipeline."""

    always: bool = False
    exit_codes: tuple[int, ...] = ()

    def allows(self, exit_code: int) -> bool:
        """Return whether a failure with this exit code is allowed."""
        return self.always or exit_code in self.exit_codes


@dataclass(frozen=True, slots=True)
class Job:
    """A job after ``default``, ``extends``, anchors, ``!reference`` and ``include``.

    ``variables`` holds the global ones that the job inherits and its own, values as written.
    ``timeout`` counts seconds. ``notes`` name what has no effect outside GitLab; ``refusals``
    what can't be left out, so that the job can't be run here. ``keywords`` is the merged map
    that all this was read from, with what is not interpreted here (``artifacts``, ``needs``).
    """

    name: str
    span: Span
    stage: str
    before_script: tuple[Command, ...]
    script: tuple[Command, ...]
    after_script: tuple[Command, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict)
    id_tokens: tuple[IdToken, ...] = ()
    environment: Environment | None = None
    timeout: float | None = None
    rules: tuple[Rule, ...] | None = None
    only: RefFilter | None = None
    unless: RefFilter | None = None
    when: str = "on_success"
    allow_failure: AllowFailure = AllowFailure()
    tags: tuple[str, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    refusals: tuple[Diagnostic, ...] = ()
    keywords: Map | None = field(default=None, compare=False, repr=False)

    @property
    def commands(self) -> tuple[Command, ...]:
        """Return every script entry of the job, in the order of running."""
        return (*self.before_script, *self.script, *self.after_script)
