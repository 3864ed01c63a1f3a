"""A request as it came and an answer as it goes, apart from any server."""

from dataclasses import dataclass
from functools import cached_property

from valetkey.wire.errors import WireError
from valetkey.wire.form import merge, parse_form

Headers = tuple[tuple[bytes, bytes], ...]

FORM = "application/x-www-form-urlencoded"
MAX_BODY_BYTES = 1 << 20
"""The default bound on a body: the largest that IAM and STS can mean is far below it."""


@dataclass(frozen=True)
class WireRequest:
    """An HTTP request. Header names are in lower case, in the order received."""

    method: str
    path: bytes
    query: bytes
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> str | None:
        """Return a header's value; one that came twice is refused, whatever it says."""
        found = [value for key, value in self.headers if key == name]
        if len(found) > 1:
            raise WireError(
                "MalformedHttpRequestException",
                f"The header {name.decode('latin-1')} is given more than once.",
            )
        return found[0].decode("latin-1").strip() if found else None

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Return the query protocol's parameters, of the URL and of a form body together.

        Parsed once a request. Raises :class:`WireError` on a parameter that is given twice (AWS
        takes the first; which one was meant can't be known), on bytes that are no UTF-8 and on
        escapes that are none.
        """
        pairs = parse_form(self.query) if self.query else []
        if self.method == "POST" and self.body and self._holds_form():
            pairs += parse_form(self.body)
        return merge(pairs)

    def _holds_form(self) -> bool:
        # A body that does not say it is a form is not read, as on AWS: the request then has
        # no action.
        media, _, options = (self.header(b"content-type") or "").partition(";")
        if media.strip().lower() != FORM:
            return False
        charset = options.strip().lower().replace('"', "").replace(" ", "")
        if charset not in ("", "charset=utf-8", "charset=utf8"):
            raise WireError(
                "MalformedInput", reason="the form's content-type asks for a charset besides utf-8"
            )
        return True


@dataclass(frozen=True, slots=True)
class WireResponse:
    """An HTTP answer; header names in lower case, as ASGI wants them."""

    status: int
    headers: Headers
    body: bytes


def respond(status: int, content_type: bytes, body: bytes, request_id: str) -> WireResponse:
    """Return an answer with the headers that every AWS answer has."""
    headers = (
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-requestid", request_id.encode()),
    )
    return WireResponse(status, headers, body)
