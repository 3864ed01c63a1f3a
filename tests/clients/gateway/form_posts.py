"""A form with a file in it, as a browser posts it."""

import urllib.error
import urllib.request
from collections.abc import Mapping

_BORDER = "valetkey-form-border"


def post_form(url: str, fields: Mapping[str, str], file: bytes) -> tuple[int, bytes]:
    """Post fields and a file; return the status and the body of the answer."""
    parts = [_part(f'name="{name}"', value.encode()) for name, value in fields.items()]
    parts.append(_part('name="file"; filename="a.txt"\r\nContent-Type: text/plain', file))
    body = b"".join([*parts, f"--{_BORDER}--\r\n".encode()])
    kind = {"Content-Type": f"multipart/form-data; boundary={_BORDER}"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, kind)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def _part(disposition: str, value: bytes) -> bytes:
    head = f"--{_BORDER}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + value + b"\r\n"
