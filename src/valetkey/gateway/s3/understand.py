"""From the head of a request to the one S3 operation that it is, or to S3's refusal."""

import ipaddress
from typing import Final, NamedTuple

from valetkey.gateway.model import Head
from valetkey.gateway.s3.copy_source import read_copy_source
from valetkey.gateway.s3.errors import (
    S3Error,
    invalid_bucket_name,
    invalid_uri,
    not_implemented,
)
from valetkey.gateway.s3.header_names import COPY_SOURCE
from valetkey.gateway.s3.headers import amz_headers, own_headers
from valetkey.gateway.s3.keys import check_key, decoded, encoded_value
from valetkey.gateway.s3.names import is_bucket_name, may_be_created
from valetkey.gateway.s3.operation import AnsweredBy, Level, Operation
from valetkey.gateway.s3.operations import (
    METHODS,
    PREFLIGHT,
    WRITE_GET_OBJECT_RESPONSE,
    find_operation,
)
from valetkey.gateway.s3.query import read_query
from valetkey.gateway.s3.request import S3Request
from valetkey.gateway.s3.values import check_header_values, check_query_values

DEFAULT_DOMAINS: Final = ("localhost",)
FORM: Final = "multipart/form-data"


class _Place(NamedTuple):
    bucket: str | None
    key: str | None
    host_style: bool

    @property
    def level(self) -> Level:
        if self.bucket is None:
            return Level.SERVICE
        return Level.BUCKET if self.key is None else Level.OBJECT


def understand(head: Head, *, domains: tuple[str, ...] = DEFAULT_DOMAINS) -> S3Request:
    """Return what a request asks for, path-style or host-style (``BUCKET.DOMAIN``).

    Nothing is verified. Raises :class:`S3Error`: whatever is not wholly understood is refused.
    Operations that nobody answers are refused with ``NotImplemented``.
    """
    if head.method not in METHODS:
        raise _method_not_allowed(head.method, Level.SERVICE)
    place = _place(head, domains)
    if head.method == PREFLIGHT.method:
        # S3 takes no notice of the query: a preflight asks about a method on a resource.
        return S3Request(
            operation=PREFLIGHT,
            bucket=place.bucket,
            key=place.key,
            host_style=place.host_style,
        )
    query = read_query(head.raw_query)
    headers = amz_headers(head, query.hoisted)
    operation = find_operation(head.method, place.level, query.own, headers)
    if operation is None:
        raise _method_not_allowed(head.method, place.level)
    _check_query(operation, query.own)
    if operation.name == "PostObject":
        _check_form(head)
    if operation.name == "CreateBucket" and not may_be_created(place.bucket or ""):
        raise invalid_bucket_name(place.bucket or "", reason="this beginning is reserved")
    own = own_headers(headers, operation)
    check_header_values(own)
    source = own.get(COPY_SOURCE)
    return S3Request(
        operation=operation,
        bucket=place.bucket,
        key=place.key,
        query=tuple(query.own.items()),
        headers=own,
        copy_source=None if source is None else read_copy_source(source),
        expected_owner=headers.get("x-amz-expected-bucket-owner"),
        expected_source_owner=headers.get("x-amz-source-expected-bucket-owner"),
        host_style=place.host_style,
    )


def upstream_target(request: S3Request, *, path_style: bool = True) -> tuple[bytes, bytes]:
    """Return the path and the query for the upstream, encoded anew and without a signature.

    Host-style, the bucket goes into the host's name and the path holds the key alone.
    """
    segments = []
    if path_style and request.bucket is not None:
        segments.append(request.bucket.encode("ascii"))
    if request.key is not None:
        segments.append(request.raw_key)
    return b"/" + b"/".join(segments), b"&".join(_pairs(request))


def _pairs(request: S3Request) -> list[bytes]:
    marker = request.operation.marker
    pairs = [
        encoded_value(name) + b"=" + encoded_value(value)
        for name, value in request.query
        if name != marker
    ]
    return pairs if marker is None else [encoded_value(marker), *pairs]


def _place(head: Head, domains: tuple[str, ...]) -> _Place:
    if not head.raw_path.startswith(b"/"):
        raise invalid_uri(
            head.raw_path[:200].decode("ascii", "backslashreplace"),
            reason="the path does not begin with a slash",
        )
    rest = head.raw_path[1:]
    label = _bucket_label(head.header(b"host"), domains)
    if label is not None:
        return _Place(_bucket(label), _key(rest), host_style=True)
    raw_bucket, _, raw_key = rest.partition(b"/")
    if raw_bucket == WRITE_GET_OBJECT_RESPONSE.name.encode() and head.method == "POST":
        raise _nobody(WRITE_GET_OBJECT_RESPONSE)
    if not raw_bucket:
        if raw_key:
            raise invalid_bucket_name("", reason="the path names no bucket")
        return _Place(None, None, host_style=False)
    return _Place(_bucket(decoded(raw_bucket)), _key(raw_key), host_style=False)


def _bucket_label(host: str | None, domains: tuple[str, ...]) -> str | None:
    """Return what stands before the domain in a host's name; None where the host is no bucket's."""
    if host is None or host.startswith("["):
        return None
    name = host.partition(":")[0].removesuffix(".").lower()
    if _is_address(name) or name in domains:
        return None
    ending = max(
        (f".{domain}" for domain in domains if name.endswith(f".{domain}")), key=len, default=None
    )
    return None if ending is None else name.removesuffix(ending)


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def _bucket(name: str) -> str:
    if not is_bucket_name(name):
        raise invalid_bucket_name(name[:200], reason=f"`{name[:200]}` can't be a bucket's name")
    return name


def _key(raw: bytes) -> str | None:
    return check_key(decoded(raw)) if raw else None


def _check_query(operation: Operation, query: dict[str, str]) -> None:
    if operation.by is AnsweredBy.NOBODY:
        raise _nobody(operation)
    unknown = next((name for name in query if not _belongs(name, operation)), None)
    if unknown is not None:
        raise not_implemented(
            unknown[:200],
            reason=f"{operation.name} has no parameter `{unknown[:200]}`",
            help="at the upstream it could select an operation that was not decided about",
        )
    check_query_values(operation, query)


def _belongs(name: str, operation: Operation) -> bool:
    return name in operation.parameters or name in operation.required


def _check_form(head: Head) -> None:
    content_type = (head.header(b"content-type") or "").partition(";")[0].strip().lower()
    if content_type != FORM:
        raise S3Error(
            "PreconditionFailed",
            details=(
                ("Condition", "Bucket POST must be of the enclosure-type multipart/form-data"),
            ),
        )


def _nobody(operation: Operation) -> S3Error:
    return not_implemented(operation.name, reason=f"{operation.name}: {operation.why}")


def _method_not_allowed(method: str, level: Level) -> S3Error:
    return S3Error(
        "MethodNotAllowed",
        details=(("Method", method[:40]), ("ResourceType", level.upper())),
        reason=f"S3 has no operation `{method[:40]}` with this query on level `{level}`",
    )
