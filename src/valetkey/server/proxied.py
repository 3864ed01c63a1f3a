"""``/_valetkey/authorize``: a proxy in front asks, and is told how to send a request on.

nginx (``auth_request``) names the request in ``X-Original-…`` headers and drops the bodies of
answers: it is told 200, or 401 with which it hands the request to valetkey itself. Envoy
(``ext_authz``) sends the request as it is: a refusal goes to the client as it is answered, and
with 200 a header says whether the request goes straight to the store or to valetkey.

A request that comes to valetkey itself leaves its record there, so the question leaves none.
"""

import ipaddress
import re
from typing import Final

from valetkey.gateway import STREAM, WAY, Answer, Head, Inquiry, NeedsStream, read_inquiry
from valetkey.server.record import Peer, failure_of, keep, new_event
from valetkey.server.wiring import Wiring

PATH: Final = b"/_valetkey/authorize"
_OK: Final = 200
_UNAUTHORIZED: Final = 401
_SERVER_ERROR: Final = 500
_SHOWN: Final = 500
_UNPRINTABLE: Final = re.compile(rb"[^ -~]")


def is_question(raw_path: bytes) -> bool:
    """Tell whether a path is that of a question.

    It is looked at as it came: a proxy that keeps clients away from it compares that too.
    """
    return raw_path == PATH or raw_path.startswith(PATH + b"/")


def may_ask(wiring: Wiring, address: str | None) -> bool:
    """Tell whether a peer may ask: who may is told signatures that open the upstream."""
    if address is None:
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in ipaddress.ip_network(each) for each in wiring.settings.authorize_from)


async def decide_for_proxy(wiring: Wiring, head: Head, peer: Peer) -> Answer | None:
    """Answer one question; None for what is no question.

    It leaves its record unless valetkey will see the request itself.
    """
    inquiry = read_inquiry(head, head.raw_path[len(PATH) :])
    if inquiry is None:
        return None
    event = new_event(wiring, peer)
    try:
        directory = wiring.store.directory()
        answer = await wiring.gateway.authorize(inquiry, event, directory, secure=peer.secure)
    except NeedsStream as needed:
        return _hand_over(inquiry, needed.reason)
    except Exception as error:  # noqa: BLE001 - the last line of defence: no client sees a traceback
        failure = failure_of(error, event.request_id)
        return _hand_over(inquiry, failure.reason)
    if answer.status != _OK and (not inquiry.rewrites or answer.status >= _SERVER_ERROR):
        # nginx has no way to show the answer, and Envoy none for one with such a status.
        return _hand_over(inquiry, event.reason)
    refusal = await keep(wiring, event)
    return answer if refusal is None else _hand_over(inquiry, refusal.reason)


def _hand_over(inquiry: Inquiry, reason: str | None) -> Answer:
    shown = (reason or "").encode("ascii", "backslashreplace")[:_SHOWN]
    headers = (
        (WAY, STREAM),
        (b"x-valetkey-reason", _UNPRINTABLE.sub(b" ", shown)),
        (b"content-length", b"0"),
    )
    return Answer(_OK if inquiry.rewrites else _UNAUTHORIZED, headers)
