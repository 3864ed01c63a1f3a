"""Looking a resource's tags up at the upstream: the one request more, and its answer's reading.

For services whose tags can be had by the resource's own ARN or id. Who sends it signs it with
the upstream's credentials.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote, urlencode

from valetkey.arn import Arn, parse_arn
from valetkey.errors import AwsError
from valetkey.gateway.apis.xml import Element, parse_xml
from valetkey.gateway.model import Headers
from valetkey.wire.json_text import parse_json

Tags = Mapping[str, str]

_EC2_VERSION: Final = "2016-11-15"
_FORM: Final = ((b"content-type", b"application/x-www-form-urlencoded; charset=utf-8"),)


@dataclass(frozen=True)
class LookUp:
    """A request to send to the upstream, without its host and signature."""

    service: str
    """The name to sign for."""
    region: str
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    reader: Callable[[bytes], Tags]

    def parse(self, status: int, body: bytes) -> Tags:
        """Return what an answer tells; raises :class:`AwsError` where it tells nothing.

        Without its tags a resource can't be judged: that is no reason to let anybody at it.
        """
        if status != 200:  # noqa: PLR2004 - HTTP's OK
            raise _unknown(f"the upstream answered {status} where it was asked for facts")
        try:
            return self.reader(body)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _unknown("the upstream's answer does not tell what it was asked for") from error


def _unknown(reason: str) -> AwsError:
    return AwsError("AccessDenied", "Access Denied", 403, reason=reason)


def tag_lookup(service: str, resource: str) -> LookUp | None:
    """Return the request that tells a resource's tags; None where there is no such request.

    ``service`` is the prefix of IAM's actions, ``resource`` a question's ARN.
    """
    arn = parse_arn(resource)
    if arn is None or resource.endswith("*") or arn.service != service:
        return None
    maker = _MAKERS.get(service)
    return maker(arn) if maker else None


def _ec2(arn: Arn) -> LookUp:
    identifier = arn.resource.partition("/")[2]
    form = {
        "Action": "DescribeTags",
        "Version": _EC2_VERSION,
        "Filter.1.Name": "resource-id",
        "Filter.1.Value.1": identifier,
    }
    body = urlencode(form).encode()
    return LookUp("ec2", arn.region, "POST", "/", "", _FORM, body, _read_ec2(identifier))


def _read_ec2(identifier: str) -> Callable[[bytes], Tags]:
    def read(body: bytes) -> Tags:
        root = parse_xml(body)
        if root.tag != "DescribeTagsResponse":
            raise ValueError("another answer")
        if "".join(_one(root, "nextToken")):
            raise ValueError("more tags than one answer holds")
        found: dict[str, str] = {}
        for item in (
            item for each in root.children if each.tag == "tagSet" for item in each.children
        ):
            # A filter that was passed over gives the tags of every resource.
            if "".join(_one(item, "resourceId")) != identifier:
                raise ValueError("tags of another resource")
            key = "".join(_one(item, "key"))
            if key in found:
                raise ValueError("a tag twice")
            found[key] = "".join(_one(item, "value"))
        return found

    return read


def _one(element: Element, tag: str) -> list[str]:
    return next((child.text for child in element.children if child.tag == tag), [])


def _json(
    signing: str, target: str, version: str, member: str, read: Callable[[Any], Tags]
) -> Callable[[Arn], LookUp]:
    def make(arn: Arn) -> LookUp:
        headers = (
            (b"content-type", f"application/x-amz-json-{version}".encode()),
            (b"x-amz-target", target.encode()),
        )
        body = f'{{"{member}":"{_quoted(str(arn))}"}}'.encode()
        return LookUp(signing, arn.region, "POST", "/", "", headers, body, _of_json(read))

    return make


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _of_json(read: Callable[[Any], Tags]) -> Callable[[bytes], Tags]:
    def reader(body: bytes) -> Tags:
        value = parse_json(body)
        if type(value) is not dict or value.get("NextToken") or value.get("nextToken"):
            raise ValueError("no object, or one of several pages")
        return read(value)

    return reader


def _listed(member: str, key: str = "Key", value: str = "Value") -> Callable[[Any], Tags]:
    def read(answer: Any) -> Tags:
        found = {}
        for entry in answer[member]:
            name, text = entry[key], entry.get(value) or ""
            if type(name) is not str or type(text) is not str or name in found:
                raise ValueError("no tag")
            found[name] = text
        return found

    return read


def _mapped(member: str) -> Callable[[Any], Tags]:
    def read(answer: Any) -> Tags:
        found = answer.get(member) or {}
        if not all(type(key) is str and type(text) is str for key, text in found.items()):
            raise ValueError("no tags")
        return dict(found)

    return read


def _sqs(arn: Arn) -> LookUp:
    url = f"https://sqs.{arn.region}.amazonaws.com/{arn.account}/{arn.resource}"
    headers = (
        (b"content-type", b"application/x-amz-json-1.0"),
        (b"x-amz-target", b"AmazonSQS.ListQueueTags"),
    )
    body = f'{{"QueueUrl":"{_quoted(url)}"}}'.encode()
    return LookUp("sqs", arn.region, "POST", "/", "", headers, body, _of_json(_mapped("Tags")))


def _table(arn: Arn) -> LookUp | None:
    steps = arn.resource.split("/")
    table = arn._replace(resource="/".join(steps[:2]))
    return _DYNAMODB(table)


_DYNAMODB: Final = _json(
    "dynamodb", "DynamoDB_20120810.ListTagsOfResource", "1.0", "ResourceArn", _listed("Tags")
)


def _lambda(arn: Arn) -> LookUp:
    base = arn._replace(resource=":".join(arn.resource.split(":")[:2]))
    path = f"/2017-03-31/tags/{quote(str(base), safe='')}"
    return LookUp("lambda", arn.region, "GET", path, "", (), b"", _of_json(_mapped("Tags")))


def _logs(arn: Arn) -> LookUp:
    group = ":".join(arn.resource.split(":")[:2])
    return _LOGS(arn._replace(resource=group))


_LOGS: Final = _json(
    "logs", "Logs_20140328.ListTagsForResource", "1.1", "resourceArn", _mapped("tags")
)

_MAKERS: Final[Mapping[str, Callable[[Arn], LookUp | None]]] = MappingProxyType(
    {
        "dynamodb": _table,
        "ec2": _ec2,
        "ecr": _json(
            "ecr", "AmazonEC2ContainerRegistry_V20150921.ListTagsForResource", "1.1",
            "resourceArn", _listed("tags"),
        ),
        "ecs": _json(
            "ecs", "AmazonEC2ContainerServiceV20141113.ListTagsForResource", "1.1",
            "resourceArn", _listed("tags", "key", "value"),
        ),
        "events": _json(
            "events", "AWSEvents.ListTagsForResource", "1.1", "ResourceARN", _listed("Tags")
        ),
        "kinesis": _json(
            "kinesis", "Kinesis_20131202.ListTagsForResource", "1.1", "ResourceARN",
            _listed("Tags"),
        ),
        "kms": _json(
            "kms", "TrentService.ListResourceTags", "1.1", "KeyId",
            _listed("Tags", "TagKey", "TagValue"),
        ),
        "lambda": _lambda,
        "logs": _logs,
        "sqs": _sqs,
        "states": _json(
            "states", "AWSStepFunctions.ListTagsForResource", "1.0", "resourceArn",
            _listed("tags", "key", "value"),
        ),
    }
)  # fmt: skip
