"""The gateway's one entrance: a request that is not for the server's own services."""

from valetkey.access import Event
from valetkey.errors import AwsError
from valetkey.gateway.api_calls import serve_api
from valetkey.gateway.apis import encode_error as encode_api_error
from valetkey.gateway.apis.marks import guessed
from valetkey.gateway.authorize import authorize
from valetkey.gateway.errand import host_id
from valetkey.gateway.inquiry import Inquiry
from valetkey.gateway.model import Answer, Head, Incoming
from valetkey.gateway.parts import Parts
from valetkey.gateway.proxied_headers import NeedsStream
from valetkey.gateway.route import S3, is_gateways, scope_service
from valetkey.gateway.s3 import encode_error, in_s3_words
from valetkey.gateway.stores import serve_s3
from valetkey.store import Directory

_SHOWN = 1024


class Gateway:
    """Serves one worker process; belongs to its event loop."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def takes(self, head: Head, directory: Directory) -> bool:
        """Tell whether a request goes through here; nothing of it is verified for that."""
        if is_gateways(head, directory, self.parts.domains):
            return True
        # One of AWS's that no upstream has: that is said in the words of its own protocol.
        return bool(self.parts.catalogue.of_scope(scope_service(head) or ""))

    async def answer(
        self, incoming: Incoming, event: Event, directory: Directory, *, secure: bool
    ) -> Answer:
        """Serve a request; a refusal is an answer, and stands in the event.

        Raises only what is no AwsError: the client going away, and faults of ours.
        """
        service = _service(incoming.head)
        try:
            if service == S3:
                return await serve_s3(self.parts, incoming, event, directory, secure=secure)
            return await serve_api(self.parts, service, incoming, event, directory, secure=secure)
        except AwsError as error:
            event.failed(error)
            return self.refusal(incoming.head, error, event)

    def refusal(self, head: Head, error: AwsError, event: Event) -> Answer:
        """Return the answer to a request that was refused or failed, in its service's words."""
        service = _service(head)
        if service != S3:
            entries = self.parts.catalogue.of_scope(service)
            return encode_api_error(service, guessed(head, entries), error, event.request_id)
        said = in_s3_words(
            error,
            presigned=_presigned(head),
            access_key_id=event.access_key_id,
            with_token=_with_token(head),
        )
        return encode_error(
            said,
            resource=head.raw_path[:_SHOWN].decode("latin-1"),
            request_id=event.request_id,
            host_id=host_id(event.request_id),
            head=head.method == "HEAD",
        )

    async def authorize(
        self, inquiry: Inquiry, event: Event, directory: Directory, *, secure: bool
    ) -> Answer:
        """Decide for a proxy in front; raises :class:`NeedsStream`, a refusal is an answer."""
        try:
            return await authorize(self.parts, inquiry, event, directory, secure=secure)
        except NeedsStream:
            raise
        except AwsError as error:
            event.failed(error)
            return self.refusal(inquiry.head, error, event)

    async def close(self) -> None:
        """Let go of all connections."""
        await self.parts.upstreams.close()


def _service(head: Head) -> str:
    """Return the service that a request is for; one without a readable signature is S3's."""
    return scope_service(head) or S3


def _presigned(head: Head) -> bool:
    return b"X-Amz-" in head.raw_query and head.header(b"authorization") is None


def _with_token(head: Head) -> bool:
    return head.header(b"x-amz-security-token") is not None or b"X-Amz-Security-Token" in (
        head.raw_query
    )
