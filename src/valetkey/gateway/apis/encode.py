"""A refusal in the form that each protocol gives it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import cbor2
import msgspec

from valetkey.errors import AwsError
from valetkey.gateway.apis.errors import RequestNotUnderstood
from valetkey.gateway.model import Answer, Headers
from valetkey.wire.api_tables import ApiProtocol
from valetkey.wire.xml_output import escape

_JSON_CODES: Final = MappingProxyType(
    {
        "AccessDenied": "AccessDeniedException",
        "ExpiredToken": "ExpiredTokenException",
        "IncompleteSignature": "IncompleteSignatureException",
        "InternalFailure": "InternalServerException",
        "InvalidAction": "UnknownOperationException",
        "InvalidClientTokenId": "UnrecognizedClientException",
        "MalformedInput": "SerializationException",
        "MissingAction": "UnknownOperationException",
        "MissingAuthenticationToken": "MissingAuthenticationTokenException",
        "ServiceUnavailable": "ServiceUnavailableException",
        "SignatureDoesNotMatch": "InvalidSignatureException",
        "Throttling": "ThrottlingException",
        "ValidationError": "ValidationException",
    }
)
"""What the JSON protocols call the codes of the query protocols."""

_AUTH_FAILURE: Final = "AWS was not able to validate the provided access credentials"
_NOT_AUTHORIZED: Final = "You are not authorized to perform this operation."

_OWN_DENIALS: Final = MappingProxyType({"sns": "AuthorizationError"})
"""Services of the query protocol that have another word for ``AccessDenied``."""

_CLIENT_ERRORS: Final = range(400, 500)


def encode_error(service: str, protocol: ApiProtocol, error: AwsError, request_id: str) -> Answer:
    """Return the answer to a request that was refused.

    ``service`` is the name in the signature's scope (it may be empty where there was none).
    Codes and texts become those that the service gives for the same refusal; statuses too where
    the protocol has its own.
    """
    return _WRITERS[protocol](service, error, request_id)


def _ec2(_: str, error: AwsError, request_id: str) -> Answer:
    code, message, status = error.code, error.message, error.status
    match code:
        case "AccessDenied" | "AccessDeniedException":
            code, status = "UnauthorizedOperation", 403
            message = f"{_NOT_AUTHORIZED} {message}".strip()
        case "InvalidClientTokenId" | "SignatureDoesNotMatch" | "UnrecognizedClientException":
            code, message, status = "AuthFailure", _AUTH_FAILURE, 401
        case "ExpiredToken" | "ExpiredTokenException":
            code, message = "RequestExpired", "Request has expired."
        case _:
            pass
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Response><Errors><Error><Code>{escape(code)}</Code>"
        f"<Message>{escape(message)}</Message></Error></Errors>"
        f"<RequestID>{escape(request_id)}</RequestID></Response>"
    )
    return _answer(status, b"text/xml;charset=UTF-8", body.encode(), request_id)


def _query(service: str, error: AwsError, request_id: str) -> Answer:
    code = error.code
    if code == "AccessDenied":
        code = _OWN_DENIALS.get(service, code)
    message = f"    <Message>{escape(error.message)}</Message>\n" if error.message else ""
    body = (
        f"<ErrorResponse>\n  <Error>\n    <Type>{error.fault}</Type>\n"
        f"    <Code>{escape(code)}</Code>\n{message}  </Error>\n"
        f"  <RequestId>{escape(request_id)}</RequestId>\n</ErrorResponse>\n"
    )
    return _answer(error.status, b"text/xml", body.encode(), request_id)


def _json(service: str, error: AwsError, request_id: str) -> Answer:
    code, value = _object(error)
    headers = _query_error(service, error)
    status = 400 if error.status in _CLIENT_ERRORS else error.status
    body = msgspec.json.encode({"__type": code, **value})
    return _answer(status, b"application/x-amz-json-1.0", body, request_id, headers)


def _rest_json(_: str, error: AwsError, request_id: str) -> Answer:
    code, value = _object(error)
    headers = ((b"x-amzn-errortype", code.encode("ascii", "replace")),)
    body = msgspec.json.encode(value)
    return _answer(error.status, b"application/json", body, request_id, headers)


def _cbor(service: str, error: AwsError, request_id: str) -> Answer:
    code, value = _object(error)
    headers = ((b"smithy-protocol", b"rpc-v2-cbor"), *_query_error(service, error))
    body = cbor2.dumps({"__type": code, **value})
    return _answer(error.status, b"application/cbor", body, request_id, headers)


def _object(error: AwsError) -> tuple[str, dict[str, Any]]:
    code = _JSON_CODES.get(error.code, error.code)
    # As AWS's front door writes it, before any service's model has a say.
    key = "Message" if code in ("AccessDeniedException", "SerializationException") else "message"
    text = error.message.encode("utf-8", "replace").decode()
    return code, ({key: text} if text else {})


_QUERY_COMPATIBLE: Final = frozenset({"monitoring", "sqs"})


def _query_error(service: str, error: AwsError) -> Headers:
    """Return the header that tells SDKs the code of the query protocol of before."""
    if service not in _QUERY_COMPATIBLE or isinstance(error, RequestNotUnderstood):
        return ()
    value = f"{error.code};{error.fault}"
    return ((b"x-amzn-query-error", value.encode("ascii", "replace")),)


def _answer(
    status: int, content_type: bytes, body: bytes, request_id: str, more: Headers = ()
) -> Answer:
    headers = (
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-requestid", request_id.encode()),
        *more,
    )
    return Answer(status, headers, body)


_WRITERS: Final[Mapping[ApiProtocol, Callable[[str, AwsError, str], Answer]]] = MappingProxyType(
    {
        "ec2": _ec2,
        "json": _json,
        "query": _query,
        "rest-json": _rest_json,
        "rest-xml": _query,
        "smithy-rpc-v2-cbor": _cbor,
    }
)
