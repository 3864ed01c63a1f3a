"""The services whose requests name resources in ways of their own."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from valetkey.arn import parse_arn
from valetkey.gateway.apis.authorization import Action
from valetkey.gateway.apis.dynamodb import tables_of
from valetkey.gateway.apis.ec2ids import EC2_ID, type_of_id
from valetkey.gateway.apis.errors import Misfit
from valetkey.gateway.apis.place import Place, Special
from valetkey.gateway.apis.request import ApiRequest, Value
from valetkey.gateway.apis.sqs import queue_of_url

Rule = Callable[[ApiRequest, Action, Place], Iterable[Special]]


def special(request: ApiRequest, action: Action, place: Place) -> Iterator[Special]:
    """Yield the resources that a service's own rule finds."""
    rule = RULES.get(request.prefix)
    if rule is not None:
        yield from rule(request, action, place)


class Owned(NamedTuple):
    """The types and members that a service's own rule has to itself, once it finds anything."""

    kinds: frozenset[str]
    members: frozenset[str]


_NOTHING: Final = Owned(frozenset(), frozenset())


def owned(prefix: str) -> Owned:
    """Return what the general rules leave to a service's own."""
    return OWNED.get(prefix, _NOTHING)


def strings(request: ApiRequest, *members: str) -> Iterator[str]:
    """Yield the texts of members that hold one, or a list of them."""
    for member in members:
        value: Value = request.input.get(member, "")
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one:
                yield one


def _sqs(request: ApiRequest, _: Action, place: Place) -> Iterator[Special]:
    for url in strings(request, "QueueUrl"):
        account, name = queue_of_url(url)
        yield Special("queue", place.arn("sqs", name, account=account))
    for name in strings(request, "QueueName"):
        owner = request.input.get("QueueOwnerAWSAccountId")
        account = owner if isinstance(owner, str) and owner else place.account
        yield Special("queue", place.arn("sqs", name, account=account))


_FUNCTION = re.compile(
    r"(?:(?:(?P<account>[0-9]{12}):)?function:)?(?P<name>[A-Za-z0-9_\-]+)"
    r"(?::(?P<qualifier>\$LATEST|[A-Za-z0-9_\-]+))?",
    re.ASCII,
)


def _lambda(request: ApiRequest, _: Action, place: Place) -> Iterator[Special]:
    for value in strings(request, "FunctionName"):
        arn = parse_arn(value)
        if arn is None:
            found = _FUNCTION.fullmatch(value)
            if found is None:
                raise Misfit("`FunctionName` is no function's name or ARN")
            account = found["account"] or place.account
            named = found["qualifier"]
            base = place.arn("lambda", f"function:{found['name']}", account=account)
        else:
            kind, _colon, rest = arn.resource.partition(":")
            name, _colon, named = rest.partition(":")
            base = str(arn._replace(resource=f"{kind}:{name}"))
        yield Special("function", _qualified(request, base, named or ""))


def _qualified(request: ApiRequest, base: str, named: str) -> str:
    """Return a function's ARN with the version or alias that the request names, if any."""
    given = request.input.get("Qualifier")
    qualifier = given if isinstance(given, str) else ""
    if named and qualifier and named != qualifier:
        raise Misfit("`FunctionName` and `Qualifier` name two versions")
    qualifier = qualifier or named
    return f"{base}:{qualifier}" if qualifier else base


def _kms(request: ApiRequest, action: Action, place: Place) -> Iterator[Special]:
    members = _KMS_KEYS.get(action.name, ("KeyId", "TargetKeyId"))
    for value in strings(request, *members):
        if value.startswith("alias/"):
            # The key behind an alias is not known here: it may be any.
            yield Special("key", place.arn("kms", "key/*"))
            continue
        arn = parse_arn(value)
        if arn is not None and arn.resource.startswith("alias/"):
            yield Special("key", str(arn._replace(resource="key/*")))
        elif arn is None:
            yield Special("key", place.arn("kms", f"key/{value}"))
        else:
            yield Special("key", value)
    for value in strings(request, "AliasName"):
        yield Special("alias", place.arn("kms", value))


_KMS_KEYS: Final = MappingProxyType(
    {"ReEncryptFrom": ("SourceKeyId",), "ReEncryptTo": ("DestinationKeyId",)}
)


def _logs(request: ApiRequest, action: Action, place: Place) -> Iterator[Special]:
    """Yield log groups in the form that AWS asks for them, which ends in ``:log-stream:``.

    Only the actions that put tags on a log group ask for the group's bare ARN.
    """
    if action.name == "DescribeLogGroups":
        yield Special("log-group", place.arn("logs", "log-group::log-stream:"))
        return
    kinds = kinds_of(action)
    tail = "" if "TagResource" in action.name or "TagsForResource" in action.name else _STREAMS
    tagged = (one for one in strings(request, "resourceArn") if ":log-group:" in one)
    for value in (*strings(request, *_GROUPS), *tagged):
        arn = parse_arn(value)
        base = str(arn).removesuffix(":*") if arn else place.arn("logs", f"log-group:{value}")
        if "log-group" in kinds:
            yield Special("log-group", base + tail)
        if "log-stream" in kinds:
            named = tuple(strings(request, "logStreamName")) or ("*",)
            for stream in named:
                yield Special("log-stream", f"{base}{_STREAMS}{stream}")


_STREAMS: Final = ":log-stream:"
_GROUPS: Final = (
    "logGroupName", "logGroupNames", "logGroupIdentifier", "logGroupIdentifiers", "logGroupArn",
    "logGroupArnList",
)  # fmt: skip


def kinds_of(action: Action) -> frozenset[str]:
    """Return the names of an action's resource types."""
    return frozenset(row.kind.name for row in action.rows if row.kind)


def _ssm(request: ApiRequest, action: Action, place: Place) -> Iterator[Special]:
    kinds = kinds_of(action)
    if "parameter" in kinds:
        for value in strings(request, "Name", "Names", "Path"):
            if parse_arn(value) is not None:
                yield Special("parameter", value)
            else:
                name = value.partition(":")[0].removeprefix("/")
                yield Special("parameter", place.arn("ssm", f"parameter/{name}"))
    elif "document" in kinds:
        for value in strings(request, "Name", "DocumentName"):
            account = "" if value.startswith(("AWS-", "AWSEC2-", "AWSConfigRemediation-")) else None
            arn = place.arn("ssm", f"document/{value}", account=account)
            yield Special("document", value if parse_arn(value) else arn)
    yield from _ssm_targets(request, kinds, place)


def _ssm_targets(request: ApiRequest, kinds: frozenset[str], place: Place) -> Iterator[Special]:
    """Yield the instances that a command is for; those of a tag may be any."""
    if "instance" not in kinds:
        return
    for value in strings(request, "InstanceId", "InstanceIds", "Target"):
        if value.startswith("mi-"):
            yield Special("managed-instance", place.arn("ssm", f"managed-instance/{value}"))
        elif parse_arn(value) is None:
            yield Special("instance", place.arn("ec2", f"instance/{value}"))
    if "Targets" in request.input:
        yield Special("instance", place.arn("ec2", "instance/*"))
        if "managed-instance" in kinds:
            yield Special("managed-instance", place.arn("ssm", "managed-instance/*"))


def _sns(request: ApiRequest, action: Action, _: Place) -> Iterator[Special]:
    if action.name == "Publish":
        for value in strings(request, "TopicArn", "TargetArn"):
            yield Special("topic", value)
        for _phone in strings(request, "PhoneNumber"):
            yield Special("phone", "*")


def _ecs(request: ApiRequest, _: Action, place: Place) -> Iterator[Special]:
    for value in strings(request, "taskDefinition"):
        if parse_arn(value) is not None:
            yield Special("task-definition", value)
        else:
            # A family without its revision means the latest one, which is not known here.
            name = value if ":" in value else f"{value}:*"
            yield Special("task-definition", place.arn("ecs", f"task-definition/{name}"))


def _events(request: ApiRequest, action: Action, place: Place) -> Iterator[Special]:
    kinds = kinds_of(action)
    if "rule-on-default-event-bus" not in kinds:
        return
    for value in strings(request, "Name", "Rule"):
        bus = next((text for text in strings(request, "EventBusName")), "default")
        bus = bus.rpartition("/")[2] if parse_arn(bus) else bus
        if bus == "default":
            arn = place.arn("events", f"rule/{value}")
            yield Special("rule-on-default-event-bus", arn)
        else:
            arn = place.arn("events", f"rule/{bus}/{value}")
            yield Special("rule-on-custom-event-bus", arn)


def _ec2(request: ApiRequest, action: Action, place: Place) -> Iterator[Special]:
    kinds = kinds_of(action)
    if action.name in ("CreateTags", "DeleteTags"):
        for value in strings(request, "Resources"):
            yield _of_id(type_of_id(value), value, place)
    # An id tells its type, whatever the member is called that holds it.
    for value in dict.fromkeys(one for values in request.parameters.values() for one in values):
        kind = type_of_id(value) if EC2_ID.fullmatch(value) else ""
        if kind in kinds:
            yield _of_id(kind, value, place)
    # What is named by its name may be any: an id can't be told by it.
    names = {path.removesuffix("[]").rpartition(".")[2] for path in request.parameters}
    if "launch-template" in kinds and "LaunchTemplateName" in names:
        yield Special("launch-template", place.arn("ec2", "launch-template/*"))
    outer = any(name in request.input for name in ("SecurityGroups", "GroupName"))
    if "security-group" in kinds and (outer or "SourceSecurityGroupName" in names):
        yield Special("security-group", place.arn("ec2", "security-group/*"))


def _of_id(kind: str, value: str, place: Place) -> Special:
    account = "" if kind in ("image", "snapshot") else None
    return Special(kind, place.arn("ec2", f"{kind}/{value}", account=account))


def _execute_api(_: ApiRequest, __: Action, place: Place) -> Iterator[Special]:
    # The API's id is in its host's name, which does not come through.
    yield Special("execute-api-general", place.arn("execute-api", "*"))


def _dynamodb(request: ApiRequest, action: Action, place: Place) -> Iterator[Special]:
    yield from tables_of(request, action.name, place)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "dynamodb": _dynamodb,
        "ec2": _ec2,
        "ecs": _ecs,
        "events": _events,
        "execute-api": _execute_api,
        "kms": _kms,
        "lambda": _lambda,
        "logs": _logs,
        "sns": _sns,
        "sqs": _sqs,
        "ssm": _ssm,
    }
)

OWNED: Final[Mapping[str, Owned]] = MappingProxyType(
    {
        "dynamodb": Owned(
            frozenset({"table", "index"}),
            frozenset(
                {"TableName", "IndexName", "RequestItems", "TransactItems", "TransactStatements",
                 "Statements", "Statement"}
            ),
        ),
        "events": Owned(
            frozenset({"rule-on-default-event-bus", "rule-on-custom-event-bus"}),
            frozenset({"Name", "Rule", "EventBusName"}),
        ),
        "ec2": Owned(frozenset(), frozenset({"Resources"})),
        "ecs": Owned(frozenset({"task-definition"}), frozenset({"taskDefinition"})),
        "kms": Owned(
            frozenset({"key", "alias"}),
            frozenset({"KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId", "AliasName"}),
        ),
        "lambda": Owned(
            frozenset({"function", "function alias", "function version"}),
            frozenset({"FunctionName", "Qualifier"}),
        ),
        "sqs": Owned(frozenset(), frozenset({"QueueUrl", "QueueName"})),
        "ssm": Owned(
            frozenset({"parameter", "document", "instance", "managed-instance"}),
            frozenset(
                {"DocumentName", "InstanceId", "InstanceIds", "Name", "Names", "Path", "Target"}
            ),
        ),
        "sns": Owned(frozenset({"topic"}), frozenset({"TopicArn", "TargetArn", "PhoneNumber"})),
        "logs": Owned(
            frozenset({"log-group", "log-stream"}),
            frozenset({*_GROUPS, "logStreamName", "logStreamNames", "resourceArn"}),
        ),
    }
)  # fmt: skip
