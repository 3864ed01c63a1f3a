"""An S3 request that is understood, with everything that serving it needs."""

import base64
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from valetkey.gateway.basic import check_known
from valetkey.gateway.decide import Asked
from valetkey.gateway.model import Headers, Question
from valetkey.gateway.parts import Parts
from valetkey.gateway.payload import read_document, says_no_body
from valetkey.gateway.places import ANY_REGION, Places
from valetkey.gateway.s3 import (
    MAX_DOCUMENT_BYTES,
    S3Request,
    Surroundings,
    answer_headers,
    upstream_headers,
    upstream_target,
)
from valetkey.gateway.s3.keys import encoded, encoded_value
from valetkey.gateway.upstream import UpstreamRequest
from valetkey.gateway.upstream.lookups import object_tags
from valetkey.gateway.visit import Visit
from valetkey.store import BucketPlace


@dataclass(frozen=True, slots=True)
class Errand:
    """One request on its way to a store. ``document`` is its body, read whole where it is one."""

    parts: Parts
    visit: Visit
    request: S3Request
    places: Places
    around: Surroundings
    source: AsyncIterator[bytes]
    document: bytes | None = None

    @property
    def request_id(self) -> str:
        """Return the id by which the request's record is found."""
        return self.visit.event.request_id

    @property
    def region(self) -> str | None:
        """Return the region to sign for where the upstream takes any; None for its own."""
        own = self.places.own
        return self.visit.facts.region if own and own.upstream.region == ANY_REGION else None

    def own_headers(self) -> Headers:
        """Return the headers that every answer has."""
        return answer_headers(self.request_id, host_id(self.request_id))

    async def with_document(self) -> "Errand":
        """Return the errand with its body, verified, where that is a document.

        Where there ought to be none, what comes is held to what was said of it, and ends here.
        """
        operation = self.request.operation
        if operation.body == "payload" or (operation.body == "none" and says_no_body(self.visit)):
            return self
        whole_object = operation.body == "none" or operation.name == "CompleteMultipartUpload"
        document = await read_document(
            self.visit,
            self.source,
            MAX_DOCUMENT_BYTES,
            checksums_of="object" if whole_object else "body",
        )
        return self if operation.body == "none" else replace(self, document=document)

    def place(self, question: Question) -> BucketPlace | None:
        """Return where the bucket is that a question is about."""
        return self.places.by_name.get(question.bucket or "")

    def asked(self, questions: Iterable[Question]) -> Iterator[Asked]:
        """Yield questions with what answering them needs."""
        for question in questions:
            yield Asked(question, self.place(question), partial(self._tags, question))

    async def source_has_tags(self) -> bool:
        """Tell whether the object that is to be copied has tags."""
        source = self.request.copy_source
        if source is None:
            return False
        return bool(await self._tags_at(f"{source.bucket}/{source.key}", source.version_id))

    async def _tags(self, question: Question) -> dict[str, str]:
        """Look up the tags of the object that a question is about; an absent one has none."""
        version = question.context.get("s3:VersionId")
        bucket_and_key = question.resource.split(":", 5)[-1]
        return await self._tags_at(bucket_and_key, version if isinstance(version, str) else None)

    async def _tags_at(self, bucket_and_key: str, version: str | None) -> dict[str, str]:
        if self.places.upstream.features != "all":
            return {}  # it keeps no tags, and would answer with the object
        query = b"" if version is None else b"versionId=" + encoded_value(version)
        path = b"/" + encoded(bucket_and_key)
        found = await object_tags(self.parts.upstreams, self.places.upstream, path, query)
        return found or {}

    def upstream_request(
        self,
        body: bytes | AsyncIterator[bytes] | None = None,
        *,
        length: int | None = None,
        sha256: str | None = None,
        checksum: str | None = None,
        more: Headers = (),
        body_replaced: bool = False,
    ) -> UpstreamRequest:
        """Return the request as it goes on to the upstream; ``more`` are headers besides.

        Raises S3Error where the upstream would overlook a part of it.
        """
        check_known(self.places.upstream, self.request, self.visit.head)
        path, query = upstream_target(self.request)
        headers = upstream_headers(self.visit.head, self.request, body_replaced=body_replaced)
        return UpstreamRequest(
            self.visit.head.method,
            path,
            query,
            (*headers, *more),
            body,
            length=length,
            payload_sha256=sha256,
            checksum=checksum,
            region=self.region,
        )


def host_id(request_id: str) -> str:
    """Return the extended request id that goes with an id: S3's answers have two."""
    return base64.b64encode(hashlib.sha256(request_id.encode()).digest()).decode()
