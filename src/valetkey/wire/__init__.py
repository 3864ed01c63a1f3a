"""AWS's wire protocols, compiled from botocore's service models.

Owns the way from bytes to an operation's typed input and back: which service a request is for
(:func:`identify`), what it asks (:func:`decode`), whether its values fit the model
(:func:`validate`), and how an output or an error goes out (:func:`encode_output`,
:func:`encode_error`). Serves the server. Knows no operation's meaning, no credentials and no
HTTP server; a protocol is a row in ``service.PROTOCOLS``.

Reads files once, at :func:`load_services`; all else is computation on values.
"""

from valetkey.wire.cache import load_services
from valetkey.wire.errors import InputRefused, ModelsUnavailable, UnencodableOutput, WireError
from valetkey.wire.exchange import (
    Decoded,
    check_size,
    decode,
    encode_error,
    encode_output,
    identify,
    validate,
)
from valetkey.wire.request import MAX_BODY_BYTES, WireRequest, WireResponse
from valetkey.wire.service import Service, Services
from valetkey.wire.tables import Operation

__all__ = [
    "MAX_BODY_BYTES",
    "Decoded",
    "InputRefused",
    "ModelsUnavailable",
    "Operation",
    "Service",
    "Services",
    "UnencodableOutput",
    "WireError",
    "WireRequest",
    "WireResponse",
    "check_size",
    "decode",
    "encode_error",
    "encode_output",
    "identify",
    "load_services",
    "validate",
]
