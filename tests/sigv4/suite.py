"""AWS's own signing suite, read where it lies."""

import hashlib
import json
from pathlib import Path
from typing import Any

from valetkey.sigv4 import HttpRequest


def context(case: Path) -> Any:
    return json.loads((case / "context.json").read_text())


def read_request(path: Path) -> HttpRequest:
    """Read a request as a server gets it: folded header lines unfolded, names in lower case."""
    head, _, body = path.read_bytes().partition(b"\n\n")
    first, *lines = head.rstrip(b"\n").split(b"\n")
    method, rest = first.split(b" ", 1)
    target = rest.rsplit(b" ", 1)[0]
    raw_path, _, raw_query = target.partition(b"?")
    headers: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line.startswith(b" "):
            name, value = headers.pop()
            headers.append((name, value + b" " + line))
        else:
            name, _, value = line.partition(b":")
            headers.append((name.lower(), value))
    digest = hashlib.sha256(body).hexdigest()
    return HttpRequest(method.decode(), raw_path, raw_query, tuple(headers), digest)
