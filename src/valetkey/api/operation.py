"""What an operation is to the server, and what a call is to an operation."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from valetkey.access import Caller, CredentialKeys, Event, RequestFacts, Target
from valetkey.errors import AwsError
from valetkey.oidc import MAX_TOKEN_CHARS, KeySource
from valetkey.policy import RequiredClaims
from valetkey.store import Directory, Transaction

T = TypeVar("T")
Output = Mapping[str, Any]
Write = Callable[[Callable[[Transaction], T]], T]


@dataclass(frozen=True, slots=True)
class Services:
    """What operations may use of the world: keys, randomness, the way to an issuer's keys."""

    keys: CredentialKeys
    source: KeySource
    random: Callable[[int], bytes]
    thumbprint: Callable[[str], Awaitable[str]]
    """Fetch the thumbprint of an issuer's certificate chain, as IAM does when none is given."""
    leeway: int
    """How many seconds a token's times may be off."""
    max_token_chars: int = MAX_TOKEN_CHARS
    """How long a web identity token may be."""
    required_trust_claims: RequiredClaims = field(default_factory=dict)
    """What trust policies must look at besides AWS's own demands, by issuer."""
    aside: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "aside"))
    """Where long questions are answered one at a time, beside the requests that enforce."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to an operation, after authentication and authorisation.

    ``write`` runs a change in a transaction and returns when it is durable; operations that use
    it are marked ``writes`` in their row and run outside of the event loop.
    """

    directory: Directory
    facts: RequestFacts
    event: Event
    services: Services
    write: Callable[[Callable[[Transaction], Any]], Any]
    signed_by: Caller | None = None

    @property
    def caller(self) -> Caller:
        """Return who signed; only operations whose row says ``signed`` may ask."""
        if self.signed_by is None:
            raise AwsError(
                "MissingAuthenticationToken", "Request is missing Authentication Token", 403
            )
        return self.signed_by

    @property
    def account(self) -> str:
        """Return the caller's account: what the call's resources belong to."""
        return self.caller.account

    @property
    def now(self) -> float:
        """Return the time of the request."""
        return self.facts.now


def no_target(_call: Call, _request: Any) -> Target:
    """Return the target of an operation that is about no resource in particular."""
    return Target()


Asked = tuple[str, Target]
"""An action, and what it is about."""

Also = Callable[[Call, Any], tuple[Asked, ...]]


def nothing_more(_call: Call, _request: Any) -> tuple[Asked, ...]:
    """Return what an operation needs permission for besides its own action: nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Operation:
    """A row of the table: the function, and what ``access`` is to ask before it runs.

    ``action`` is the IAM action; None where nobody needs permission, or where the operation
    decides by itself through ``access`` (the AssumeRole family asks a role's trust policy).
    ``signed`` is False for calls that AWS takes without credentials. ``writes`` operations run
    on the writer's thread; a handler may be a coroutine function instead. ``also`` names further
    actions that must be allowed, such as tagging what is made with tags.
    """

    name: str
    handler: Callable[[Call, Any], Output | Awaitable[Output]]
    action: str | None = None
    target: Callable[[Call, Any], Target] = no_target
    signed: bool = True
    writes: bool = False
    also: Also = nothing_more

    async def __call__(self, call: Call, request: Mapping[str, Any]) -> Output:
        """Run the function here and now; awaits only where the function does."""
        result = self.handler(call, request)
        return await result if inspect.isawaitable(result) else result
