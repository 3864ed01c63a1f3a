"""An error as S3's XML answer (API Reference, *REST error responses*)."""

from valetkey.errors import AwsError
from valetkey.gateway.model import Answer, Headers
from valetkey.gateway.s3.errors import S3Error
from valetkey.gateway.s3.translate import in_s3_words
from valetkey.gateway.s3.xml import DECLARATION, element

XML = b"application/xml"


def encode_error(
    error: AwsError, *, resource: str, request_id: str, host_id: str, head: bool = False
) -> Answer:
    """Return the answer to a refused request.

    ``resource`` is the path that was asked for. With ``head`` there is no body: then S3 says no
    more than the status.
    """
    said = error if isinstance(error, S3Error) else in_s3_words(error)
    if head:
        return Answer(said.status, answer_headers(request_id, host_id))
    body = error_document(said, resource=resource, request_id=request_id, host_id=host_id)
    headers = (
        *answer_headers(request_id, host_id),
        (b"content-type", XML),
        (b"content-length", str(len(body)).encode()),
    )
    return Answer(said.status, headers, body)


def error_document(error: S3Error, *, resource: str, request_id: str, host_id: str) -> bytes:
    """Return the body of an error."""
    elements = (
        ("Code", error.code),
        ("Message", error.message),
        *error.details,
        ("Resource", resource),
        ("RequestId", request_id),
        ("HostId", host_id),
    )
    said = "".join(element(name, value) for name, value in elements)
    return f"{DECLARATION}<Error>{said}</Error>".encode()


def answer_headers(request_id: str, host_id: str) -> Headers:
    """Return the headers by which an answer is found again."""
    return ((b"x-amz-request-id", request_id.encode()), (b"x-amz-id-2", host_id.encode()))
