"""Where the server listens, as socket and as URL."""

from valetkey.settings import Settings

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to


def socket_address(settings: Settings) -> tuple[str, int]:
    """Return the host and port of ``listen``; an IPv6 address stands there in brackets."""
    host, _, port = settings.listen.rpartition(":")
    return host.strip("[]"), int(port)


def endpoint_url(settings: Settings) -> str:
    """Return the URL that clients on this machine reach the server by."""
    host, port = socket_address(settings)
    host = ANYWHERE.get(host, host)
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.tls_cert else 'http'}://{shown}:{port}"
