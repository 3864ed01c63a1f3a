"""Which requests are the gateway's: told from the head alone, before anything is verified.

What is chosen here opens no door: whoever is chosen verifies the signature for its own service.
"""

from urllib.parse import unquote_to_bytes

from valetkey.gateway.model import Head
from valetkey.store import Directory

S3 = "s3"
OWN = frozenset(("sts", "iam", "secretsmanager"))
"""The services that this server offers itself; no upstream takes their place."""

_CREDENTIAL = b"Credential="
_SCOPE_FIELDS = 5
_SIGV4A_FIELDS = 4


def scope_service(head: Head) -> str | None:
    """Return the service in a request's credential scope, if it can be read; nothing is verified.

    The scope of SigV4A has no region.
    """
    for name, value in head.headers:
        if name == b"authorization":
            _, found, rest = value.partition(_CREDENTIAL)
            return _service_in(rest.partition(b",")[0].strip()) if found else None
    for piece in head.raw_query.split(b"&") if b"redential=" in head.raw_query else ():
        key, _, raw = piece.partition(b"=")
        if key.lower() == b"x-amz-credential":
            return _service_in(unquote_to_bytes(raw))
    return None


def _service_in(credential: bytes) -> str | None:
    fields = credential.split(b"/")
    if len(fields) not in (_SIGV4A_FIELDS, _SCOPE_FIELDS):
        return None
    return fields[-2].decode("latin-1")


def is_gateways(head: Head, directory: Directory, domains: tuple[str, ...]) -> bool:
    """Tell whether a request that is for none of :data:`OWN` goes through the gateway."""
    service = scope_service(head)
    if service is not None:
        return service == S3 or directory.upstreams.knows(service)
    return bool(directory.upstreams.stores()) and _unsigned_for_s3(head, domains)


def may_be_gateways(head: Head) -> bool:
    """Tell whether it is worth asking: false for what the server's own services are called with."""
    service = scope_service(head)
    if service is not None:
        return service not in OWN
    return head.raw_path != b"/" or head.method != "POST" or _is_form_upload(head)


def _unsigned_for_s3(head: Head, domains: tuple[str, ...]) -> bool:
    if head.header(b"x-amz-target") is not None:
        return False
    if head.raw_path not in (b"/", b"") or head.method == "OPTIONS" or _is_form_upload(head):
        return True
    host = (head.header(b"host") or "").partition(":")[0].lower()
    return any(host.endswith(f".{domain}") for domain in domains)


def _is_form_upload(head: Head) -> bool:
    content_type = head.header(b"content-type") or ""
    return content_type.lower().startswith("multipart/form-data")
