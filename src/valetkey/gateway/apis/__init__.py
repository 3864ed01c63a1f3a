"""Any AWS API but S3: from a request to what must be allowed, and from a refusal to its answer.

Owns the way from an HTTP request in any of AWS's protocols to an operation and its input
(:func:`understand`), from there to actions, resources and condition keys (:func:`questions`), the
answers to those that are refused (:func:`encode_error`), and the one more request that tells a
resource's tags (:func:`tag_lookup`) or a table's keys (:func:`key_lookups`). Serves the gateway.
Knows no policies, no credentials, no upstream and no HTTP server, and does nothing but compute:
models come with the :class:`~valetkey.wire.catalogue.Catalogue`.

What is not wholly understood is refused, and what is asked is never less than what the request
may do: a member, a parameter or an element that the model does not have stops it.
"""

from valetkey.gateway.apis.encode import encode_error
from valetkey.gateway.apis.errors import RequestNotUnderstood
from valetkey.gateway.apis.key_lookup import key_lookups
from valetkey.gateway.apis.lookup import LookUp, tag_lookup
from valetkey.gateway.apis.questions import questions
from valetkey.gateway.apis.request import ApiRequest
from valetkey.gateway.apis.understand import spoken_by, understand
from valetkey.gateway.apis.unstated import unstated
from valetkey.wire.api_tables import ApiProtocol
from valetkey.wire.catalogue import Catalogue

__all__ = [
    "ApiProtocol",
    "ApiRequest",
    "Catalogue",
    "LookUp",
    "RequestNotUnderstood",
    "encode_error",
    "key_lookups",
    "questions",
    "spoken_by",
    "tag_lookup",
    "understand",
    "unstated",
]
