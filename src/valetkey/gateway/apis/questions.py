"""What must be allowed before a request goes on: actions, resources and condition keys."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from valetkey.gateway.apis import dynamodb, dynamodb_keys
from valetkey.gateway.apis.authorization import Action, action_of, service
from valetkey.gateway.apis.conditions import stated, volumes
from valetkey.gateway.apis.errors import Misfit, misfit
from valetkey.gateway.apis.names import TAGGING, actions_of
from valetkey.gateway.apis.passing import READING, passed_to, roles_of
from valetkey.gateway.apis.place import Place
from valetkey.gateway.apis.request import ApiRequest
from valetkey.gateway.apis.resources import Named, noun, resources_of, stem
from valetkey.gateway.apis.tags import NONE, Tags, specified_tags, tags_of
from valetkey.gateway.model import Question

_REQUEST_TAG = "aws:RequestTag/${TagKey}"
_RESOURCE_TAG = "aws:ResourceTag/${TagKey}"

_NO_KEYS: Mapping[str, str] = MappingProxyType({})

Context = dict[str, str | tuple[str, ...]]
Contexts = Mapping[tuple[str, str], Context]
"""DynamoDB's condition keys, by an action's name and a table's or an index's ARN."""


def questions(
    request: ApiRequest,
    *,
    account: str,
    partition: str = "aws",
    region: str,
    partition_keys: Mapping[str, str] = _NO_KEYS,
) -> tuple[Question, ...]:
    """Return every action on every resource that a request needs, each once.

    ``account`` is the one that names without an account of their own mean. Resources of other
    accounts and regions stay as the request names them. ``partition_keys`` are what
    :func:`~valetkey.gateway.apis.key_lookup.key_lookups` told of DynamoDB's tables. Raises
    :class:`~valetkey.gateway.apis.errors.RequestNotUnderstood` for a name that can't be one.
    """
    place = Place(partition, region, account)
    try:
        found = list(_questions(request, place, partition_keys))
    except Misfit as error:
        raise misfit(request.protocol, error) from error
    once: dict[tuple[str, str, str], Question] = {}
    for one in found:
        identity = (one.action, one.resource, repr(sorted(one.context.items())))
        if identity not in once or one.existing_tags:
            once[identity] = one
    return tuple(once.values())


def _questions(
    request: ApiRequest, place: Place, partition_keys: Mapping[str, str]
) -> Iterator[Question]:
    if request.prefix == "apigateway":
        yield _of_path(request, place)
        return
    tags = tags_of(request)
    of_tables = _of_tables(request, place, partition_keys)
    for name in _actions(request):
        action = action_of(name)
        if action is None:
            yield Question(name, "*", tags.context())
            continue
        for named in resources_of(request, action, place):
            keys = _keys(action, named)
            own = of_tables.get((action.name, named.arn), {})
            context = {
                **dict(stated(request, name, keys, place)),
                **{key: value for key, value in own.items() if key in keys},
            }
            yield from _asked(request, name, named, keys, context)
    yield from _tagging(request, place)
    yield from _passing(request, place)


def _actions(request: ApiRequest) -> tuple[str, ...]:
    if request.prefix == "dynamodb":
        named = dynamodb.actions_in(request)
        if named:
            return named
    if request.prefix == "kms" and request.operation == "ReEncrypt":
        return ("kms:ReEncryptFrom", "kms:ReEncryptTo")
    return actions_of(request.prefix, request.operation)


def _of_path(request: ApiRequest, place: Place) -> Question:
    """Return API Gateway's question: its actions are methods, its resources paths."""
    resource = f"arn:{place.partition}:apigateway:{place.region}::{request.resource_path}"
    return Question(f"apigateway:{request.method}", resource, tags_of(request).context())


def _asked(
    request: ApiRequest, name: str, named: Named, keys: frozenset[str], context: Context
) -> Iterator[Question]:
    """Yield the question about one resource; one a disk where disks are made."""
    if _REQUEST_TAG in keys:
        context = {**context, **_request_tags(request, named).context()}
    there = _has_tags(request, named, keys)
    kind = named.row.kind.name if named.row and named.row.kind else ""
    for more in volumes(request, name, kind):
        yield Question(name, named.arn, {**context, **more}, existing_tags=there)


def _keys(action: Action, named: Named) -> frozenset[str]:
    """Return the condition keys that a question may have; all of them for an unknown type."""
    rows = action.rows if named.row is None else (named.row,)
    return action.own_keys.union(*(row.keys for row in rows))


def _has_tags(request: ApiRequest, named: Named, keys: frozenset[str]) -> bool:
    """Tell whether a question is about a resource that is there, and whose tags count.

    Also where it is not known which one is meant, as behind an alias, or where the service finds
    it out: its tags can't be known then. What is made has none yet.
    """
    if named.open and (named.row is None or request.operation.startswith((*_MAKING, *READING))):
        return False
    kind = named.row.kind if named.row else None
    if kind is None:
        return _RESOURCE_TAG in keys
    made = request.operation.startswith("Create") and noun(request.operation) == stem(kind.name)
    return not made and (kind.tagged or _RESOURCE_TAG in keys)


def _request_tags(request: ApiRequest, named: Named) -> Tags:
    by_type = specified_tags(request)
    if by_type or "TagSpecifications" in request.input:
        kind = named.row.kind.name if named.row and named.row.kind else ""
        return by_type.get(kind, NONE)
    return tags_of(request)


def _of_tables(request: ApiRequest, place: Place, partition_keys: Mapping[str, str]) -> Contexts:
    """Return DynamoDB's keys for every table: of all items that a request has for it."""
    if request.prefix != "dynamodb":
        return {}
    found: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    single: dict[tuple[str, str], Context] = {}
    for item in dynamodb.items_of(request):
        arn = dynamodb.resource_of(item, place)
        at = (item.action, arn)
        several, one = found.setdefault(at, {}), single.setdefault(at, {})
        for key, value in dynamodb_keys.keys_of(item, partition_keys.get(arn)):
            if isinstance(value, tuple):
                several.setdefault(key, {}).update(dict.fromkeys(value))
            else:
                one[key] = value
        if request.operation not in (item.action, "ExecuteStatement"):
            one["dynamodb:EnclosingOperation"] = request.operation
    return {
        at: {**single[at], **{key: tuple(values) for key, values in several.items()}}
        for at, several in found.items()
    }


def _tagging(request: ApiRequest, place: Place) -> Iterator[Question]:
    """Yield the question of the tags that a request puts on what it makes."""
    prefix = request.prefix
    own = TAGGING.get(prefix, "TagResource")
    by_type: Mapping[str, Tags] = specified_tags(request)
    common = tags_of(request)
    known = service(prefix)
    if known is None or own not in known.actions or request.operation == own:
        return
    if not request.operation.startswith(_MAKING):
        return
    action = f"{prefix}:{own}"
    key = f"{prefix}:CreateAction"
    has_key = any(key in row.keys for row in known.actions[own].rows)
    creating = {key: request.operation} if has_key else {}
    given = by_type or ({"": common} if common.values else {})
    for kind, tags in given.items():
        for arn in _made(request, kind, place):
            yield Question(action, arn, {**tags.context(), **creating})


_MAKING = ("Allocate", "Create", "Import", "Put", "Register", "Request", "Run", "Start", "Copy",
           "Purchase", "Publish", "Restore", "Subscribe", "Provision")  # fmt: skip


def _made(request: ApiRequest, kind: str, place: Place) -> tuple[str, ...]:
    """Return the resources that a request makes: of a type, or those of its own action."""
    known = service(request.prefix)
    if kind:
        found = known.kinds.get(kind) if known else None
        if found is None:
            return ("*",)
        return (found.fill({}, **place._asdict()),)
    arns: list[str] = []
    for name in _actions(request):
        action = action_of(name)
        if action is not None:
            arns += [
                named.arn
                for named in resources_of(request, action, place)
                if named.row is None or _REQUEST_TAG in named.row.keys or len(action.typed) == 1
            ]
    if request.prefix == "logs":
        arns = [arn.removesuffix(":log-stream:") for arn in arns]  # tags are the group's own
    return tuple(arns) or ("*",)


def _passing(request: ApiRequest, place: Place) -> Iterator[Question]:
    """Yield the question of the roles that a request hands to a service."""
    actions = [action_of(name) for name in _actions(request)]
    passing = any(action and action.passes_role for action in actions)
    context = {"iam:PassedToService": passed_to(request)}
    for role in roles_of(request, place, anywhere=passing):
        yield Question("iam:PassRole", role, context)
