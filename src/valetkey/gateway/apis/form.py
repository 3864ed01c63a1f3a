"""The query protocols' parameters by their shapes: ``Tags.member.1.Key``, EC2's ``Tag.1.Key``.

Every parameter must have a place in the model, and no place is filled twice. AWS takes gaps in
the numbering of a list; so do we, in the order of the numbers.
"""

import re
from collections.abc import Mapping

from valetkey.gateway.apis.errors import Misfit
from valetkey.gateway.apis.request import Value
from valetkey.gateway.apis.shapes import Shapes
from valetkey.wire.api_tables import ApiMember, ApiShape

Node = str | dict[str, "Node"]

_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


class Naming:
    """How a query protocol names members, list elements and map entries."""

    def member(self, member: ApiMember, shape: ApiShape) -> tuple[str, ...]:
        """Return the names of a structure's member: more than one where clients differ."""
        own = member.wire or member.name
        if shape.kind == "list" and member.flattened and shape.members[0].wire:
            return own, shape.members[0].wire
        return (own,)

    def step(self, member: ApiMember, shape: ApiShape) -> str | None:
        """Return what stands between a list's name and its numbers, if anything."""
        return None if member.flattened else (shape.members[0].wire or "member")

    def entries(self, member: ApiMember) -> tuple[str | None, str, str]:
        """Return what stands before a map's numbers, and the names of key and value."""
        return (None if member.flattened else "entry"), "key", "value"


class Ec2Naming(Naming):
    """EC2's: names begin with a capital, and lists have nothing between."""

    def member(self, member: ApiMember, shape: ApiShape) -> tuple[str, ...]:  # noqa: ARG002 - the general form
        """Return the name of a structure's member."""
        name = member.wire or member.name
        return (member.query or name[:1].upper() + name[1:],)

    def step(self, member: ApiMember, shape: ApiShape) -> str | None:  # noqa: ARG002 - as above
        """Return nothing: EC2's lists are flat."""
        return None


class SqsNaming(Naming):
    """SQS's names of before it spoke JSON; today's model has them no more."""

    def member(self, member: ApiMember, shape: ApiShape) -> tuple[str, ...]:  # noqa: ARG002 - the general form
        """Return the name of a structure's member."""
        return (_SQS_SHAPES.get(member.shape, member.name),)

    def step(self, member: ApiMember, shape: ApiShape) -> str | None:  # noqa: ARG002 - as above
        """Return nothing: SQS's lists are flat."""
        return None

    def entries(self, member: ApiMember) -> tuple[str | None, str, str]:
        """Return the names of a map's key and value."""
        return None, ("Key" if member.shape == "TagMap" else "Name"), "Value"


_SQS_SHAPES = {
    "AWSAccountIdList": "AWSAccountId",
    "ActionNameList": "ActionName",
    "AttributeNameList": "AttributeName",
    "BinaryList": "BinaryListValue",
    "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
    "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
    "MessageAttributeNameList": "MessageAttributeName",
    "MessageBodyAttributeMap": "MessageAttribute",
    "MessageBodySystemAttributeMap": "MessageSystemAttribute",
    "MessageSystemAttributeList": "MessageSystemAttributeName",
    "QueueAttributeMap": "Attribute",
    "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
    "StringList": "StringListValue",
    "TagKeyList": "TagKey",
    "TagMap": "Tag",
}

QUERY, EC2, SQS = Naming(), Ec2Naming(), SqsNaming()


def read_form(
    shapes: Shapes, name: str, parameters: Mapping[str, str], naming: Naming
) -> dict[str, Value]:
    """Return an operation's input; raises :class:`Misfit`."""
    return _structure(shapes, shapes[name], _tree(parameters), naming, "")


MAX_STEPS = 40


def _tree(parameters: Mapping[str, str]) -> dict[str, Node]:
    root: dict[str, Node] = {}
    for name, value in parameters.items():
        node = root
        *steps, last = name.split(".", MAX_STEPS)
        if "." in last:
            raise Misfit(f"a parameter's name has more than {MAX_STEPS} steps")
        for step in steps:
            inner = node.setdefault(step, {})
            if isinstance(inner, str):
                raise Misfit(f"`{name}` goes on where another parameter ends")
            node = inner
        if last in node:
            raise Misfit(f"`{name}` ends where another parameter goes on")
        node[last] = value
    return root


def _known(shapes: Shapes, shape: ApiShape, naming: Naming) -> dict[str, ApiMember]:
    """Return a structure's members by the names they may come under, their own ones first."""
    named = [(naming.member(each, shapes[each.shape]), each) for each in shape.members]
    more = {names[-1]: each for names, each in named}
    return more | {names[0]: each for names, each in named}


def _structure(
    shapes: Shapes, shape: ApiShape, node: Node, naming: Naming, where: str
) -> dict[str, Value]:
    if isinstance(node, str):
        raise Misfit(f"`{where}` is a structure, and is given a value")
    known = _known(shapes, shape, naming)
    found: dict[str, Value] = {}
    for key, child in node.items():
        path = f"{where}.{key}" if where else key
        member = known.get(key)
        if member is None:
            raise Misfit(f"`{path}` is not known", unknown=path)
        if member.name in found:
            raise Misfit(f"`{path}` is given under two names")
        found[member.name] = _value(shapes, member, child, naming, path)
    return found


def _value(shapes: Shapes, member: ApiMember, node: Node, naming: Naming, where: str) -> Value:
    shape = shapes[member.shape]
    match shape.kind:
        case "structure":
            return _structure(shapes, shape, node, naming, where)
        case "list":
            element = shape.members[0]
            return [
                _value(shapes, element, child, naming, where)
                for child in _numbered(node, naming.step(member, shape), where)
            ]
        case "map":
            return _map(shapes, member, node, naming, where)
        case kind:
            if isinstance(node, dict):
                raise Misfit(f"`{where}` is a {kind}, and goes on with `{next(iter(node))}`")
            return node


def _numbered(node: Node, step: str | None, where: str) -> list[Node]:
    if node == "":
        return []  # how clients write an empty list
    if isinstance(node, dict) and step is not None:
        if node.keys() != {step}:
            raise Misfit(f"`{where}` is a list: its parameters go on with `{step}.1`")
        node = node[step]
        if node == "":
            return []
    if isinstance(node, str):
        raise Misfit(f"`{where}` is a list, and is given a value")
    if not all(_NUMBER.fullmatch(key) for key in node):
        raise Misfit(f"`{where}` is a list: its elements are numbered from 1 on")
    return [node[key] for key in sorted(node, key=int)]


def _map(
    shapes: Shapes, member: ApiMember, node: Node, naming: Naming, where: str
) -> dict[str, Value]:
    shape = shapes[member.shape]
    step, key_name, value_name = naming.entries(member)
    key_name = shape.members[0].wire or key_name
    value_name = shape.members[1].wire or value_name
    found: dict[str, Value] = {}
    for entry in _numbered(node, step, where):
        if isinstance(entry, str) or not {key_name} <= entry.keys() <= {key_name, value_name}:
            raise Misfit(f"an entry of `{where}` is `{key_name}` and `{value_name}`")
        key = entry[key_name]
        if not isinstance(key, str) or key in found:
            raise Misfit(f"`{where}` has a key that is no text, or twice")
        found[key] = _value(shapes, shape.members[1], entry.get(value_name, ""), naming, where)
    return found
