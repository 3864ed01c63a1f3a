"""What must be allowed before an S3 request goes on: every action on every resource.

Follows the API Reference's permissions of each operation. What only some headers bring about has
an action of its own, asked besides: tags, ACLs, retention, legal holds, the bypass of governance.
"""

from collections.abc import Iterator
from typing import Final

from valetkey.gateway.model import Head, Question
from valetkey.gateway.s3.condition_table import EXISTING_TAGS, has_key
from valetkey.gateway.s3.conditions import Surroundings, context_for, request_values
from valetkey.gateway.s3.copy_source import CopySource
from valetkey.gateway.s3.delete_documents import Doomed, read_delete
from valetkey.gateway.s3.documents import Said, Values, read_document
from valetkey.gateway.s3.errors import S3Error, invalid_argument
from valetkey.gateway.s3.header_names import BYPASS, GRANTS
from valetkey.gateway.s3.keys import spellings
from valetkey.gateway.s3.operation import Level
from valetkey.gateway.s3.request import S3Request
from valetkey.gateway.s3.tags import header_tags

_ALL_BUCKETS: Final = "*"
_PRIVATE: Final = "private"
_PREFIX: Final = "s3:prefix"
_REPLACE: Final = "REPLACE"


def questions(
    request: S3Request, head: Head, body: bytes | None = None, *, around: Surroundings
) -> tuple[Question, ...]:
    """Return everything that must be allowed; none for what valetkey answers to anybody.

    ``body`` is the whole body where ``request.operation.reads_body``, else None. For DeleteObjects
    these are the questions about all keys together; :func:`delete_questions` has them by key.
    Raises S3Error for a body that can't be understood, and where a stranger asks for what S3 has
    for signed requests only.
    """
    _refuse_to_strangers(request, around)
    if request.operation.name == "PostObject":
        raise ValueError("a form is decided about as the PutObject that it stands for")
    if request.operation.name == "DeleteObjects":
        doomed = read_delete(_whole(body)).objects
        return tuple(
            question
            for each in doomed
            for question in delete_questions(each, request, head, around=around)
        )
    said = Said()
    if request.operation.reads_body:
        said = read_document(request.operation.name, _whole(body))
    asked = _Asked(request, request_values(request, head, said, around), around)
    return tuple(_all_questions(asked, said))


def questions_if_tagged(
    request: S3Request, head: Head, *, around: Surroundings
) -> tuple[Question, ...]:
    """Return what a copy needs besides, if its source has tags, as they are copied along.

    S3 asks for these only where there are tags: whoever is not allowed them may still copy an
    object that has none.
    """
    source = request.copy_source
    if request.operation.name != "CopyObject" or source is None:
        return ()
    if request.headers.get("x-amz-tagging-directive") == _REPLACE:
        return ()
    asked = _Asked(request, request_values(request, head, Said(), around), around)
    action = "s3:GetObjectTagging" if source.version_id is None else "s3:GetObjectVersionTagging"
    return (*asked.about_source(action, source), *asked.about_object("s3:PutObjectTagging"))


def delete_questions(
    doomed: Doomed, request: S3Request, head: Head, *, around: Surroundings
) -> tuple[Question, ...]:
    """Return what must be allowed to delete one of the objects of a DeleteObjects."""
    values = request_values(request, head, Said(), around)
    values.pop("s3:if-match", None)
    if doomed.version_id is not None:
        values["s3:VersionId"] = doomed.version_id
    if doomed.etag is not None:
        values["s3:if-match"] = doomed.etag
    asked = _Asked(request, values, around)
    actions = request.operation.action_names(versioned=doomed.version_id is not None)
    return tuple(
        question
        for action in (*actions, *_bypass(request))
        for question in asked.about_key(action, doomed.key)
    )


def list_question(bucket: str, around: Surroundings, prefix: str | None = None) -> Question:
    """Return what must be allowed for a bucket to be listed, whole or below a prefix."""
    resource = f"arn:{around.partition}:s3:::{bucket}"
    values: Values = {} if prefix is None else {_PREFIX: prefix}
    context = context_for("s3:ListBucket", values, bucket, around)
    return Question("s3:ListBucket", resource, context, bucket)


class _Asked:
    """Builds the questions of one request."""

    def __init__(self, request: S3Request, values: Values, around: Surroundings) -> None:
        self.request = request
        self.values = values
        self._around = around

    def about_place(self, action: str) -> Iterator[Question]:
        """Ask about what the request's path names."""
        if self.request.key is not None:
            return self.about_object(action)
        return self._about_bucket(action)

    def _about_bucket(self, action: str) -> Iterator[Question]:
        bucket = self.request.bucket
        resource = bucket or _ALL_BUCKETS
        prefix = self.values.get(_PREFIX)
        if isinstance(prefix, str) and has_key(action, _PREFIX):
            for spelling in spellings(prefix):
                values = {**self.values, _PREFIX: spelling}
                yield self._question(action, resource, bucket, values)
        else:
            yield self._question(action, resource, bucket, self.values)

    def about_object(self, action: str) -> Iterator[Question]:
        """Ask about the object that the path names."""
        return self.about_key(action, self.request.key or "")

    def about_key(self, action: str, key: str) -> Iterator[Question]:
        """Ask about an object in the request's bucket."""
        return self._about(action, self.request.bucket or "", key, self.values)

    def about_source(self, action: str, source: CopySource) -> Iterator[Question]:
        """Ask about the object that is copied; its version is the one that is looked at."""
        values = {key: value for key, value in self.values.items() if key != "s3:VersionId"}
        if source.version_id is not None:
            values["s3:VersionId"] = source.version_id
        return self._about(action, source.bucket, source.key, values)

    def _about(self, action: str, bucket: str, key: str, values: Values) -> Iterator[Question]:
        for spelling in spellings(key):
            yield self._question(action, f"{bucket}/{spelling}", bucket, values)

    def _question(self, action: str, resource: str, bucket: str | None, values: Values) -> Question:
        return Question(
            action,
            f"arn:{self._around.partition}:s3:::{resource}",
            context_for(action, values, bucket, self._around),
            bucket,
            existing_tags=action in EXISTING_TAGS,
        )


def _all_questions(asked: _Asked, said: Said) -> Iterator[Question]:
    request = asked.request
    operation = request.operation
    source = request.copy_source
    if source is not None:
        reading = "s3:GetObject" if source.version_id is None else "s3:GetObjectVersion"
        yield from asked.about_source(reading, source)
    for action in operation.action_names(versioned=request.version_id is not None):
        yield from asked.about_place(action)
    if operation.name == "CreateBucket":
        for action in _with_new_bucket(request, said):
            yield from asked.about_place(action)
    elif operation.level is Level.OBJECT:
        for action in _with_object(request):
            yield from asked.about_object(action)
    for role in said.roles:
        yield Question("iam:PassRole", role, {"iam:PassedToService": "s3.amazonaws.com"})


def _with_object(request: S3Request) -> Iterator[str]:
    """Yield the actions that an object's headers bring along."""
    headers = request.headers
    if request.operation.marker != "acl" and _sets_acl(request):
        yield "s3:PutObjectAcl"
    if header_tags(headers.get("x-amz-tagging", "")):
        yield "s3:PutObjectTagging"
    if "x-amz-object-lock-mode" in headers or "x-amz-object-lock-retain-until-date" in headers:
        yield "s3:PutObjectRetention"
    if "x-amz-object-lock-legal-hold" in headers:
        yield "s3:PutObjectLegalHold"
    yield from _bypass(request)


def _with_new_bucket(request: S3Request, said: Said) -> Iterator[str]:
    """Yield the actions that a CreateBucket with these headers needs (API Reference)."""
    if _sets_acl(request):
        yield "s3:PutBucketAcl"
    if request.headers.get("x-amz-bucket-object-lock-enabled", "false").lower() != "false":
        yield "s3:PutBucketObjectLockConfiguration"
        yield "s3:PutBucketVersioning"
    if "x-amz-object-ownership" in request.headers:
        yield "s3:PutBucketOwnershipControls"
    if said.tags:
        yield "s3:TagResource"


def _sets_acl(request: S3Request) -> bool:
    # A private ACL is what there is without one.
    named = request.headers.keys() & GRANTS
    return bool(named - {"x-amz-acl"}) or request.headers.get("x-amz-acl", _PRIVATE) != _PRIVATE


def _bypass(request: S3Request) -> tuple[str, ...]:
    value = request.headers.get(BYPASS, "false").lower()
    if value not in ("true", "false"):
        raise invalid_argument(f"Invalid {BYPASS}", BYPASS, value)
    return ("s3:BypassGovernanceRetention",) if value == "true" else ()


def _refuse_to_strangers(request: S3Request, around: Surroundings) -> None:
    if around.signature is not None:
        return
    if any(name.startswith("response-") for name, _ in request.query):
        raise S3Error(
            "InvalidRequest",
            "Request specific response headers cannot be used for anonymous GET requests.",
        )
    if request.operation.name == "SelectObjectContent":
        raise S3Error("AccessDenied", refusal=True, reason="S3 Select is for signed requests only")


def _whole(body: bytes | None) -> bytes:
    if body is None:
        # A caller that forgets the body must not have the request decided without it.
        raise ValueError("this operation can't be decided about without its body")
    return body
