"""Where a server is to listen: as it is written, and whether it can be had."""

import socket

import click

from valetkey.errors import ValetkeyError

LAST_PORT = 65535


class CannotListen(ValetkeyError):
    """An address that is to be served on can't be had."""

    code = "cannot-listen"


def host_and_port(written: str) -> tuple[str, int]:
    """Return the host and the port of ``HOST:PORT``; an IPv6 address stands in brackets."""
    host, _, port = written.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > LAST_PORT:
        raise click.BadParameter(f"write it as HOST:PORT, not `{written}`", param_hint="--listen")
    return host.strip("[]"), int(port)


def check_free(host: str, port: int) -> None:
    """Raise :class:`CannotListen` now and in words, where listening would fail a moment later."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0].lower()
        raise CannotListen(
            f"can't listen on `{host}:{port}`: {reason}", help="name another address with --listen"
        ) from None
