"""One request on its way through the gateway: who sent it, and what was verified of it."""

from collections.abc import Callable
from dataclasses import dataclass

from valetkey.access import (
    ANONYMOUS,
    Caller,
    CredentialKeys,
    Event,
    RequestFacts,
    authenticate_head,
)
from valetkey.gateway.model import Head
from valetkey.sigv4 import (
    ECDSA,
    HttpRequest,
    MissingSignature,
    VerifiedSignature,
    parse_signature,
    refuse_other_scope,
)
from valetkey.store import Directory


@dataclass(frozen=True, slots=True)
class Visit:
    """A request whose sender is known. ``proof`` is None for one that nobody signed."""

    head: Head
    event: Event
    directory: Directory
    facts: RequestFacts
    caller: Caller
    proof: VerifiedSignature | None


def enter(
    head: Head,
    event: Event,
    directory: Directory,
    keys: CredentialKeys,
    *,
    service: str,
    secure: bool,
    region: str,
    body_sha256: Callable[[], str] | None = None,
    anonymous: bool = False,
) -> Visit:
    """Authenticate a request for a service.

    ``body_sha256`` hashes a body that is there already; without it the body is still to come and
    to be held to the visit's proof. ``region`` is what a request without a signature is for.
    Raises what ``access.authenticate_head`` raises, and ``MissingSignature`` unless ``anonymous``.
    """
    event.service = service
    event.user_agent = head.header(b"user-agent")
    request = HttpRequest(
        head.method, head.raw_path, head.raw_query, head.headers, body_sha256 or _not_read
    )
    signature = parse_signature(request)
    caller, proof = ANONYMOUS, None
    if signature is not None:
        event.access_key_id = signature.access_key_id
        caller, proof = authenticate_head(
            request,
            signature,
            directory=directory,
            keys=keys,
            now=event.time,
            service=service,
            body="stream" if body_sha256 is None else "whole",
        )
        if signature.algorithm == ECDSA and body_sha256 is not None:
            # S3's buckets have regions of their own, which are looked at once they are known.
            refuse_other_scope(signature, None, region)
        # One of SigV4A names a set of regions, and is good for the one that is asked.
        region = signature.region or region
        remember(event, caller)
    elif not anonymous:
        raise MissingSignature(
            help="give the client credentials: `aws configure`, or AWS_ACCESS_KEY_ID and kin"
        )
    referer = head.header(b"referer")
    facts = RequestFacts(event.time, event.source_ip, secure, region, event.user_agent, referer)
    return Visit(head, event, directory, facts, caller, proof)


def remember(event: Event, caller: Caller) -> None:
    """Note in the record who sent the request."""
    event.account, event.caller_arn, event.caller_id = caller.account, caller.arn, caller.user_id
    if caller.session is not None:
        event.session_name = caller.session.name


def _not_read() -> str:
    raise AssertionError("the body is hashed while it streams, never before")
