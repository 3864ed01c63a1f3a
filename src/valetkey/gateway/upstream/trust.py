"""TLS contexts for upstreams that have a CA of their own."""

import ssl

from valetkey.gateway.upstream.errors import UpstreamUnavailable


def only(ca_pem: str | None) -> ssl.SSLContext | None:
    """Return a context that trusts these CAs and no others; None is the client's usual trust.

    Raises :class:`UpstreamUnavailable` for a text that holds no certificate.
    """
    return None if ca_pem is None else _loaded(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ca_pem)


def system_and(ca_pem: str | None) -> ssl.SSLContext | None:
    """Return a context that trusts these CAs beside the system's; None as for :func:`only`.

    For the STS of an upstream, which may be a public one.
    """
    return None if ca_pem is None else _loaded(ssl.create_default_context(), ca_pem)


def _loaded(context: ssl.SSLContext, ca_pem: str) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cadata=ca_pem)
    except (ssl.SSLError, ValueError):
        raise UpstreamUnavailable(
            "the upstream's `ca_pem` holds no certificate that can be read",
            help="give it the CA's certificate in PEM",
        ) from None
    return context
