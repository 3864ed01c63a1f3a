"""The canonical request as an operator may see it: every secret is replaced by its digest."""

import hashlib
import re

_LIMIT = 8192
_SECRET_NAME = re.compile(
    r"token|assertion|password|passwd|secret|cookie|authorization|signature|customer-key|tokencode",
    re.ASCII | re.IGNORECASE,
)
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", re.ASCII)


def shown(canonical: bytes) -> str:
    """Return a canonical request without tokens and passwords, cut to a bounded length.

    Session tokens stand in headers and in presigned queries, ID tokens in the query of an
    ``AssumeRoleWithWebIdentity`` sent by GET; none of them may reach a record.
    """
    lines = canonical.decode("utf-8", "backslashreplace").split("\n")
    # method, path, query, headers …, empty line, signed headers, payload
    lines[2] = "&".join(_hidden(pair, "=") for pair in lines[2].split("&"))
    lines[3:-3] = [_hidden(line, ":") for line in lines[3:-3]]
    text = _JWT.sub(lambda found: _digest(found.group()), "\n".join(lines))
    return text if len(text) <= _LIMIT else f"{text[:_LIMIT]}… (cut)"


def _hidden(pair: str, separator: str) -> str:
    name, found, value = pair.partition(separator)
    if found and value and _SECRET_NAME.search(name):
        return f"{name}{separator}{_digest(value)}"
    return pair


def _digest(value: str) -> str:
    return f"<sha256 {hashlib.sha256(value.encode('utf-8')).hexdigest()[:16]}>"
