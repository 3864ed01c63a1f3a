"""SQS's queues: named by a URL, whose path may stand in place of the parameter."""

import re

from valetkey.gateway.apis.errors import Misfit

_PATH = re.compile(r"/([0-9]{12})/([A-Za-z0-9_\-]{1,80}(?:\.fifo)?)/?", re.ASCII)
_URL = re.compile(r"https?://[^/?#\s]+(/[^?#\s]*)|(/[^?#\s]*)", re.ASCII)


def queue_of_url(url: str) -> tuple[str, str]:
    """Return the account and the name that a queue's URL bears; raises :class:`Misfit`."""
    found = _URL.fullmatch(url)
    path = _PATH.fullmatch((found[1] or found[2]) if found else "")
    if path is None:
        raise Misfit("`QueueUrl` is no queue's URL: its path is `/ACCOUNT/NAME`")
    return path[1], path[2]


def queue_of_path(raw_path: bytes, parameters: dict[str, str]) -> None:
    """Add the queue that a request's path names; raises :class:`Misfit` where two are named."""
    path = raw_path.decode("latin-1")
    if path in ("", "/"):
        return
    named = queue_of_url(path)
    if "QueueUrl" in parameters and queue_of_url(parameters["QueueUrl"]) != named:
        raise Misfit("the path names another queue than `QueueUrl`")
    parameters.setdefault("QueueUrl", path)
