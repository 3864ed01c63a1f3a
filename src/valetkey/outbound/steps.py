"""The steps of a fetch, as they happen: what ``doctor`` prints and what a failure keeps.

Every step takes ``seconds``; ``name`` is the rung of the ladder it belongs to. Steps hold no
fetched content beyond the few header values named here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from valetkey.clock import Clock
from valetkey.outbound.chain import SentCertificate

StepName = Literal["dns", "connect", "tls", "request", "response", "redirect", "parse"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A host has these addresses, and all of them may be dialled."""

    name: ClassVar[StepName] = "dns"
    host: str
    addresses: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Connected:
    """A TCP connection stands. Over TLS ``seconds`` includes the handshake, unless probed."""

    name: ClassVar[StepName] = "connect"
    address: str
    port: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Secured:
    """The TLS peer is the host it was dialled as.

    ``anchor`` is the thumbprint of the certificate that is trusted, or None for the trust store.
    ``chain`` is what the server sent, where it was looked at (see ``GuardedClient.get``).
    """

    name: ClassVar[StepName] = "tls"
    host: str
    protocol: str
    anchor: str | None
    chain: tuple[SentCertificate, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Requested:
    """A request is about to be sent."""

    name: ClassVar[StepName] = "request"
    method: str
    url: str


@dataclass(frozen=True, slots=True)
class Responded:
    """An answer was read to its end. ``date`` is the server's own clock, as it writes it."""

    name: ClassVar[StepName] = "response"
    url: str
    status: int
    size: int
    content_type: str
    cache_control: str
    date: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Redirected:
    """The answer named another place; it is checked like the first."""

    name: ClassVar[StepName] = "redirect"
    url: str
    to: str
    status: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """An answer was understood: ``what`` it is and, in a few words, what is in it."""

    name: ClassVar[StepName] = "parse"
    what: Literal["discovery", "jwks"]
    url: str
    found: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The step that ended the fetch, and why."""

    name: StepName
    url: str
    reason: str
    help: str | None
    seconds: float


Step = Resolved | Connected | Secured | Requested | Responded | Redirected | Parsed | Failed
Listener = Callable[[Step], None]


class Trail:
    """The steps of one fetch: kept in order, and told to a listener as they happen."""

    def __init__(self, clock: Clock, listener: Listener | None = None) -> None:
        self._clock = clock
        self._listener = listener
        self._steps: list[Step] = []
        self._at: StepName = "dns"
        self._since = clock()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps so far."""
        return tuple(self._steps)

    @property
    def at(self) -> StepName:
        """Return the step that is being taken."""
        return self._at

    def begin(self, name: StepName) -> None:
        """Note that a step begins: from here its time counts."""
        self._at, self._since = name, self._clock()

    def seconds(self) -> float:
        """Return how long the present step has taken."""
        return max(0.0, self._clock() - self._since)

    def add(self, step: Step) -> None:
        """Keep a step that is done."""
        self._steps.append(step)
        if self._listener is not None:
            self._listener(step)

    def fail(self, url: str, reason: str, help: str | None) -> None:
        """Keep the present step as the one that failed."""
        self.add(Failed(self._at, url, reason, help, self.seconds()))
