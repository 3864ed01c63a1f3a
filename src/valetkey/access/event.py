"""The record of a request while the request is under way."""

import re
from dataclasses import dataclass, field
from typing import Any

from valetkey.errors import AwsError
from valetkey.policy import CompiledPolicy, Context, Decision
from valetkey.store import Outcome, RequestRecord

SERVER_ERROR = 500
_LONG = 300
"""Session tokens have more characters in a row than this; what else is sent has fewer."""
_TOKEN = re.compile(rf"(?<![\w-])eyJ[\w-]*+\.[\w-]*+(?:\.[\w-]*+)*|[\w+/=-]{{{_LONG},}}", re.ASCII)


def without_tokens(text: str | None) -> str | None:
    """Return a text without the tokens in it: one in the wrong parameter is repeated by messages.

    A JWT is known by its beginning, a session token by its length.
    """
    if text is None or ("eyJ" not in text and len(text) < _LONG):
        return text
    return _TOKEN.sub("<token>", text)


@dataclass(slots=True)
class Event:
    """Built first and emitted on every path, so that no return and no exception skips it.

    It holds a token's SHA-256 and claims, never the token; an access key id, never a secret.
    """

    request_id: str
    time: float
    service: str = ""
    operation: str = ""
    account: str | None = None
    action: str | None = None
    resource: str | None = None
    caller_arn: str | None = None
    caller_id: str | None = None
    access_key_id: str | None = None
    session_name: str | None = None
    issued_access_key_id: str | None = None
    issuer: str | None = None
    token_sha256: str | None = None
    claims: dict[str, Any] | None = None
    source_ip: str | None = None
    user_agent: str | None = None
    outcome: Outcome = Outcome.GRANTED
    status: int = 200
    wire_code: str | None = None
    wire_message: str | None = None
    reason: str | None = None
    help: str | None = None
    check: str | None = None
    decision: Decision | None = None
    context: dict[str, str | list[str]] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    traced: bool = False
    """Whether grants too are kept with their whole trace; refusals always are."""

    def decided(self, decision: Decision, policies: tuple[CompiledPolicy, ...]) -> None:
        """Keep a decision and the texts that it points into."""
        self.decision = decision
        for policy in policies:
            self.documents[policy.sha256] = policy.source.text

    def saw(self, context: Context) -> None:
        """Keep the condition values that a refusal was judged by."""
        self.context = {
            key: without_tokens(value) or "" if isinstance(value, str) else list(value)
            for key, value in context.items()
        }

    def failed(self, error: AwsError) -> None:
        """Keep the answer that an error gave, and its reason."""
        if error.status >= SERVER_ERROR:
            self.outcome = Outcome.FAILED
        elif self.outcome is Outcome.GRANTED:
            self.outcome = Outcome.REFUSED if error.refusal else Outcome.INVALID
        self.status = error.status
        self.wire_code = error.code
        self.wire_message = without_tokens(error.message)
        self.reason = without_tokens(error.reason)
        self.resource = without_tokens(self.resource)
        self.session_name = without_tokens(self.session_name)
        self.help = error.help
        self.check = error.check

    def to_record(self, duration_us: int) -> RequestRecord:
        """Return the event as it is kept."""
        self.user_agent = without_tokens(self.user_agent)
        kept = {name: getattr(self, name) for name in _KEPT}
        return RequestRecord(duration_us=duration_us, **kept)


_KEPT = tuple(name for name in RequestRecord.__struct_fields__ if name != "duration_us")
"""What a record holds of an event: all that has a name in both."""
