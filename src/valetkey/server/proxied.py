"""``/_valetkey/authorize``: a proxy in front asks, and is told how to send a request on.

nginx (``auth_request``) names the request in ``X-Original-…`` headers and knows three answers: 200,
403, and 401, with which it is told to hand the request to valetkey itself. Envoy (``ext_authz``)
sends the request as it is and gives the client whatever is answered but 200.
"""

import ipaddress

from valetkey.gateway import ORIGINAL_URI, Answer, Head, NeedsStream, original_head
from valetkey.server.record import Peer, failure_of, keep, new_event
from valetkey.server.wiring import Wiring

NAME = "authorize"
_OK = 200
_UNAUTHORIZED = 401
_FORBIDDEN = 403


def may_ask(wiring: Wiring, address: str | None) -> bool:
    """Tell whether a peer may ask: who may is told signatures that open the upstream."""
    if address is None:
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in ipaddress.ip_network(each) for each in wiring.settings.authorize_from)


async def decide_for_proxy(wiring: Wiring, head: Head, rest: bytes, peer: Peer) -> Answer:
    """Answer one question, and leave its record unless valetkey will see the request itself."""
    by_name = any(name == ORIGINAL_URI for name, _ in head.headers)
    original = original_head(head, rest)
    event = new_event(wiring, peer)
    try:
        directory = wiring.store.directory()
        answer = await wiring.gateway.authorize(original, event, directory, secure=peer.secure)
    except NeedsStream as stream:
        if by_name:
            return _hand_over(stream.reason or "")
        event.failed(stream)
        answer = wiring.gateway.refusal(original, stream, event)
    except Exception as error:  # noqa: BLE001 - the last line of defence: no client sees a traceback
        failure = failure_of(error, event.request_id)
        event.failed(failure)
        answer = wiring.gateway.refusal(original, failure, event)
    if by_name and answer.status not in (_OK, _FORBIDDEN):
        # valetkey gives the answer itself, and its record: nginx would make a 500 of it.
        return _hand_over(event.reason or "")
    refusal = await keep(wiring, event)
    return answer if refusal is None else wiring.gateway.refusal(original, refusal, event)


def _hand_over(reason: str) -> Answer:
    shown = reason.encode("ascii", "backslashreplace").replace(b"\n", b" ")[:500]
    headers = ((b"x-valetkey-reason", shown), (b"content-length", b"0"))
    return Answer(_UNAUTHORIZED, headers)
