"""What botocore really sends for each operation of S3, caught before it leaves."""

import datetime as dt
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.model import OperationModel, Shape
from botocore.session import Session

from valetkey.gateway.model import Head

MOMENT = dt.datetime(2027, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
KEY = "dir/a b+ü.txt"


class Caught(Exception):
    """The request, in place of an answer."""


class Sent(NamedTuple):
    model: OperationModel
    head: Head
    body: bytes


class Botocore:
    """A real client whose requests go nowhere."""

    def __init__(self) -> None:
        self._session = Session()
        self._session.set_credentials("AKIAVKEXAMPLE0000001", "not-a-secret")
        self._clients: dict[str, Any] = {}
        self.models = {
            name: self.client("path").meta.service_model.operation_model(name)
            for name in self.client("path").meta.service_model.operation_names
        }

    def client(self, style: str) -> Any:
        if style not in self._clients:
            config = Config(
                s3={"addressing_style": style},
                retries={"total_max_attempts": 1},
                signature_version="s3v4",
                parameter_validation=False,
            )
            client = self._session.create_client(
                "s3", "eu-test-1", endpoint_url="http://localhost:9000", config=config
            )
            client.meta.events.register("before-send.s3", _catch)
            self._clients[style] = client
        return self._clients[style]

    def send(self, name: str, style: str, parameters: dict[str, Any]) -> Sent:
        client = self.client(style)
        method = next(m for m, n in client.meta.method_to_api_mapping.items() if n == name)
        with pytest.raises(Caught) as caught:
            getattr(client, method)(**parameters)
        request = caught.value.args[0]
        url = urlsplit(request.url)
        headers = [] if "host" in request.headers else [(b"host", url.netloc.encode())]
        for key, value in request.headers.items():
            raw = value if isinstance(value, bytes) else str(value).encode()
            headers.append((key.lower().encode(), raw))
        body = request.body or b""
        head = Head(request.method, url.path.encode(), url.query.encode(), tuple(headers))
        return Sent(self.models[name], head, body if isinstance(body, bytes) else body.read())


def _catch(request: Any, **_: Any) -> None:
    raise Caught(request)


def parameters(model: OperationModel, *, whole: bool, without: frozenset[str]) -> dict[str, Any]:
    """Parameters for a call: only what is required, or all there is."""
    shape = model.input_shape
    if shape is None:
        return {}
    wanted = {
        name: member
        for name, member in shape.members.items()
        if (whole or name in shape.required_members)
        and member.serialization.get("name", "").lower() not in without
    }
    return {name: _value(name, member, whole=whole) for name, member in wanted.items()}


_FIXED: dict[str, Any] = {
    "Bucket": "lab-bucket",
    "CopySource": {"Bucket": "source-bucket", "Key": KEY, "VersionId": "v.1"},
    "Key": KEY,
    "PartNumber": 7,
    "RenameSource": "lab-bucket/old",
    "RequestRoute": "route",
    "SSECustomerKey": "0" * 32,
    "Tagging": "team=blue&stage=test",
}


def _value(name: str, shape: Shape, *, whole: bool) -> Any:
    if name in _FIXED and shape.type_name == "string":
        return _FIXED[name]
    if shape.type_name == "structure":
        inner = shape.members if whole else dict.fromkeys(shape.required_members)
        return {each: _value(each, shape.members[each], whole=whole) for each in inner}
    if shape.type_name == "list":
        return [_value("", shape.member, whole=whole)]
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x"
    return _SCALARS[shape.type_name]


_SCALARS: dict[str, Any] = {
    "blob": b"some bytes",
    "boolean": True,
    "integer": 3,
    "long": 3,
    "map": {"colour": "blue"},
    "timestamp": MOMENT,
}
