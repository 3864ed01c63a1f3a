"""Requests to S3: which operation it is, what must be allowed, what goes on to the upstream.

Owns the map of operations (:data:`OPERATIONS`), the one reading of a request (:func:`understand`),
the questions it raises (:func:`questions`), S3's errors and its documents. Serves the gateway's
front. Knows nothing of accounts, policies' outcomes, sockets: a head and, where it decides, a body
come in; questions, paths and headers go out. Pure.

What always holds:

- an operation that is not in the map, and a query or ``x-amz-*`` header that could make it another
  one at the upstream, is refused;
- the key that is decided about is, byte for byte, the key that goes on;
- what goes on is written anew from what was understood, in one spelling.

Where S3 is more generous, or says too little:

- S3 takes no notice of query parameters that it does not know; here they are refused, as the
  upstream may know them. Those that begin with ``x-`` end here, as S3 keeps them for its log.
- A parameter or header given twice is refused; S3 takes one of them.
- A key with a ``.`` or ``..`` segment is refused; one with doubled slashes or backslashes must be
  allowed in each spelling that a store may fold it to.
- A plus is a plus, in paths, queries and the source of a copy; in ``x-amz-tagging`` it is a blank.
- An ACL named ``private`` is what there is without one: it asks for no ``s3:Put…Acl``.
- A copy needs the rights on tags only where its source has some (:func:`questions_if_tagged`).
- Names and headers of directory buckets, access points and Object Lambda are refused.

::

    AwsError
    └── S3Error    an answer in S3's words

    ValetkeyError
    └── UnreadableXml    a document that is none; becomes an S3Error before it leaves this room
"""

from valetkey.gateway.s3.answers import answer_headers, encode_error, error_document
from valetkey.gateway.s3.bucket_policy import check_bucket_policy
from valetkey.gateway.s3.conditions import SignatureFacts, Surroundings
from valetkey.gateway.s3.copy_source import CopySource, read_copy_source
from valetkey.gateway.s3.cors import CorsRule, cors_headers, preflight, read_cors
from valetkey.gateway.s3.delete_documents import (
    DeleteDocument,
    Doomed,
    Spared,
    merge_delete_result,
    read_delete,
    write_delete,
)
from valetkey.gateway.s3.errors import S3Error, no_such_bucket, no_such_key
from valetkey.gateway.s3.headers import upstream_headers
from valetkey.gateway.s3.listing import (
    ListedBucket,
    Page,
    merge_buckets,
    read_buckets,
    read_page,
    write_buckets,
)
from valetkey.gateway.s3.operation import MAX_DOCUMENT_BYTES, AnsweredBy, Level, Operation
from valetkey.gateway.s3.operations import OPERATIONS
from valetkey.gateway.s3.policy_status import is_public, policy_status_document
from valetkey.gateway.s3.post_form import PostFormReader, form_boundary
from valetkey.gateway.s3.post_object import post_answer, put_of_form
from valetkey.gateway.s3.questions import (
    delete_questions,
    list_question,
    questions,
    questions_if_tagged,
)
from valetkey.gateway.s3.request import S3Request
from valetkey.gateway.s3.translate import in_s3_words
from valetkey.gateway.s3.understand import DEFAULT_DOMAINS, understand, upstream_target

__all__ = [
    "DEFAULT_DOMAINS",
    "MAX_DOCUMENT_BYTES",
    "OPERATIONS",
    "AnsweredBy",
    "CopySource",
    "CorsRule",
    "DeleteDocument",
    "Doomed",
    "Level",
    "ListedBucket",
    "Operation",
    "Page",
    "PostFormReader",
    "S3Error",
    "S3Request",
    "SignatureFacts",
    "Spared",
    "Surroundings",
    "answer_headers",
    "check_bucket_policy",
    "cors_headers",
    "delete_questions",
    "encode_error",
    "error_document",
    "form_boundary",
    "in_s3_words",
    "is_public",
    "list_question",
    "merge_buckets",
    "merge_delete_result",
    "no_such_bucket",
    "no_such_key",
    "policy_status_document",
    "post_answer",
    "preflight",
    "put_of_form",
    "questions",
    "questions_if_tagged",
    "read_buckets",
    "read_copy_source",
    "read_cors",
    "read_delete",
    "read_page",
    "understand",
    "upstream_headers",
    "upstream_target",
    "write_buckets",
    "write_delete",
]
