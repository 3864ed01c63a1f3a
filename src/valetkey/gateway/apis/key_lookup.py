"""Asking DynamoDB which attribute of a table or an index is its partition key."""

from typing import Any

import msgspec

from valetkey.gateway.apis.dynamodb import items_of, resource_of
from valetkey.gateway.apis.errors import Misfit, misfit
from valetkey.gateway.apis.lookup import LookUp, Tags
from valetkey.gateway.apis.place import Place
from valetkey.gateway.apis.request import ApiRequest
from valetkey.wire.json_text import parse_json

_HEADERS = (
    (b"content-type", b"application/x-amz-json-1.0"),
    (b"x-amz-target", b"DynamoDB_20120810.DescribeTable"),
)
_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def key_lookups(
    request: ApiRequest, *, account: str, partition: str = "aws", region: str
) -> tuple[LookUp, ...]:
    """Return the requests that tell the partition keys of the tables that a request names.

    What each answer tells is a mapping from the ARNs of the table and its indexes, as the
    request names them, to attributes: together they are the ``partition_keys`` of
    :func:`~valetkey.gateway.apis.questions.questions`. None for another service's request.
    Raises :class:`~valetkey.gateway.apis.errors.RequestNotUnderstood` as that does.
    """
    if request.prefix != "dynamodb":
        return ()
    place = Place(partition, region, account)
    try:
        items = tuple(items_of(request))
    except Misfit as error:
        raise misfit(request.protocol, error) from error
    tables = {
        item.table: resource_of(item._replace(secondary=""), place)
        for item in items
        if item.table != "*"
    }
    return tuple(_lookup(name, arn, region) for name, arn in tables.items())


def _lookup(table: str, arn: str, region: str) -> LookUp:
    body = msgspec.json.encode({"TableName": table})

    def read(answer: bytes) -> Tags:
        return dict(_keys(parse_json(answer)["Table"], arn))

    return LookUp("dynamodb", region, "POST", "/", "", _HEADERS, body, read)


def _keys(table: Any, arn: str) -> list[tuple[str, str]]:
    found = [(arn, _hash(table["KeySchema"]))]
    for member in _INDEXES:
        found.extend(
            (f"{arn}/index/{index['IndexName']}", _hash(index["KeySchema"]))
            for index in table.get(member) or ()
        )
    return found


def _hash(schema: Any) -> str:
    """Return the partition key of a key schema: exactly one."""
    (name,) = (one["AttributeName"] for one in schema if one["KeyType"] == "HASH")
    if type(name) is not str:
        raise TypeError("no attribute's name")
    return name
