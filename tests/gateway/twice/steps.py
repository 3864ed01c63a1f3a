"""One step of the twice-run table, and what is compared of its two answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

HEADERS = (
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "expires",
    "x-amz-delete-marker",
    "x-amz-mp-parts-count",
    "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-mode",
    "x-amz-storage-class",
    "x-amz-tagging-count",
)
"""The headers that clients look at; ids and dates are another's each time."""

IDS = frozenset(
    ("UploadId", "VersionId", "CopySourceVersionId", "ContinuationToken", "NextContinuationToken",
     "VersionIdMarker", "NextVersionIdMarker", "DeleteMarkerVersionId", "NextUploadIdMarker",
     "UploadIdMarker", "HostId", "RequestId", "ID")
)  # fmt: skip
_ONLY_SOMETIMES = frozenset(("ResponseMetadata", "Owner", "Initiator", "Expires", "ExpiresString"))


@dataclass(frozen=True)
class Ref:
    """What an earlier step of the case answered: ``Ref(0, "UploadId")``."""

    step: int
    path: str

    def look_up(self, answers: Sequence[Any]) -> Any:
        found = answers[self.step]
        for name in self.path.split("."):
            found = found[int(name)] if name.isdigit() else found[name]
        return found


@dataclass(frozen=True)
class Step:
    """An operation by boto3's name; ``{bucket}`` in a text is the case's own bucket."""

    operation: str
    given: Mapping[str, Any] = field(default_factory=dict)


def do(operation: str, **given: Any) -> Step:
    """Return a step on the case's bucket."""
    return Step(operation, given)


@dataclass(frozen=True)
class Seen:
    """An answer as it is compared."""

    status: int
    code: str | None
    answer: Any
    headers: Mapping[str, str]


def run(client: Any, bucket: str, steps: Sequence[Step]) -> list[Seen]:
    """Run a case's steps against one side."""
    answers: list[Any] = []
    seen = []
    for step in steps:
        given = _filled({"Bucket": bucket, **step.given}, bucket, answers)
        if given["Bucket"] is None:
            del given["Bucket"]
        answer = _ask(client, step.operation, given)
        answers.append(answer)
        seen.append(_seen(answer, bucket))
    return seen


def _ask(client: Any, operation: str, given: dict[str, Any]) -> Any:
    try:
        answer = getattr(client, operation)(**given)
    except ClientError as error:
        return error.response
    except BotoCoreError as error:
        return {"Error": {"Code": type(error).__name__}, "ResponseMetadata": {"HTTPStatusCode": 0}}
    if "Body" in answer:
        answer["Body"] = answer["Body"].read()
    return answer


def _filled(value: Any, bucket: str, answers: Sequence[Any]) -> Any:
    match value:
        case Ref():
            try:
                return value.look_up(answers)
            except (KeyError, IndexError, TypeError):
                return "absent"
        case str():
            return value.replace("{bucket}", bucket)
        case dict():
            return {key: _filled(each, bucket, answers) for key, each in value.items()}
        case list():
            return [_filled(each, bucket, answers) for each in value]
        case _:
            return value


def _seen(answer: Any, bucket: str) -> Seen:
    metadata = answer.get("ResponseMetadata", {})
    error = answer.get("Error")
    sent = metadata.get("HTTPHeaders", {})
    # An error's length is that of its document, which names other ids.
    kept = {} if error else {name: sent[name] for name in HEADERS if name in sent}
    if "Body" not in answer and kept.get("content-type", "").startswith("application/xml"):
        # A document is as long as the fractions of its dates are.
        kept.pop("content-length", None)
    return Seen(
        metadata.get("HTTPStatusCode", 0),
        error and error["Code"],
        None if error else _plain(answer, bucket),
        kept,
    )


def _plain(value: Any, bucket: str) -> Any:
    match value:
        case dict():
            return {
                key: "<id>" if key in IDS and each else _plain(each, bucket)
                for key, each in value.items()
                if key not in _ONLY_SOMETIMES
            }
        case list():
            return [_plain(each, bucket) for each in value]
        case datetime():
            return "<date>"
        case str():
            return _DATE.sub("<date>", value.replace(bucket, "<bucket>"))
        case bytes():
            return value
        case _:
            return value


_DATE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z?")
