"""An issuer's keys as OpenID Connect Discovery 1.0 finds them: its document, then its key set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from valetkey.oidc import (
    KeySet,
    KeysUnavailable,
    MalformedKeySet,
    NotStrictJson,
    ProviderKeys,
    ThumbprintMismatch,
    load_json,
)
from valetkey.outbound.errors import CertificateRefused, OutboundError
from valetkey.outbound.fetch import Fetched
from valetkey.outbound.steps import Listener, Parsed, Step

_OK = 200
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Document:
    """What is used of a discovery document; the rest is for others."""

    issuer: str
    jwks_uri: str


class Fetches(Protocol):
    """What discovery needs of a client; :class:`GuardedClient` is one."""

    async def get(
        self,
        url: str,
        *,
        thumbprints: Sequence[str] = (),
        named_by: str | None = None,
        deadline: float | None = None,
        look_at_chain: bool = False,
        listener: Listener | None = None,
    ) -> Fetched:
        """Fetch a URL; see :meth:`GuardedClient.get`."""
        ...


@dataclass(frozen=True, slots=True)
class Discovered:
    """An issuer's keys with the two answers that they came by."""

    document: Document
    keys: KeySet
    discovery: Fetched
    jwks: Fetched


def discovery_url(issuer: str) -> str:
    """Return where an issuer's document is: its URL, path kept, plus the well-known path.

    Exactly one slash stands between them (section 4.1: a terminating slash is removed *first*).
    """
    return issuer.removesuffix("/") + "/.well-known/openid-configuration"


async def discover(
    client: Fetches,
    provider: ProviderKeys,
    *,
    deadline: float | None = None,
    look_at_chain: bool = False,
    listener: Listener | None = None,
) -> Discovered:
    """Fetch an issuer's keys, all steps told to ``listener``.

    ``deadline`` is a time of the event loop's clock, for both fetches together. Raises
    :class:`KeysUnavailable` and :class:`ThumbprintMismatch`, caused by an
    :class:`OutboundError` with its steps where a fetch failed.
    """

    async def fetch(what: Literal["discovery", "jwks"], url: str, named_by: str | None) -> Fetched:
        try:
            fetched = await client.get(
                url,
                thumbprints=provider.thumbprints,
                named_by=named_by,
                deadline=deadline,
                look_at_chain=look_at_chain,
                listener=listener,
            )
        except CertificateRefused as error:
            refusal = ThumbprintMismatch if error.mismatch else KeysUnavailable
            raise refusal(error.message, help=error.help) from error
        except OutboundError as error:
            raise KeysUnavailable(error.message, help=error.help) from error
        if fetched.status != _OK:
            raise KeysUnavailable(
                f"`{fetched.url}` answers with status {fetched.status}, not with its {what}"
                " document",
                help=f"open `{url}` from the machine that valetkey runs on",
            )
        return fetched

    def tell(step: Step) -> None:
        if listener is not None:
            listener(step)

    url = discovery_url(provider.issuer)
    discovery = await fetch("discovery", url, None)
    document = read_document(discovery.body, provider.issuer)
    tell(Parsed("discovery", discovery.url, f"issuer `{provider.issuer}`"))

    jwks = await fetch("jwks", document.jwks_uri, url)
    keys = KeySet.from_json(jwks.body)
    if not keys.keys:
        raise MalformedKeySet(f"the key set at `{jwks.url}` holds no key that can be used")
    tell(Parsed("jwks", jwks.url, _found(keys)))
    return Discovered(document, keys, discovery, jwks)


def read_document(body: bytes, issuer: str) -> Document:
    """Read a discovery document and hold it to the registered issuer, to the character.

    Raises :class:`KeysUnavailable`.
    """
    try:
        members = load_json(body)
    except NotStrictJson as error:
        raise KeysUnavailable(f"the discovery document can't be read: {error}") from None
    if not isinstance(members, dict):
        raise KeysUnavailable("the discovery document is not a JSON object")
    found, jwks_uri = members.get("issuer"), members.get("jwks_uri")
    if not isinstance(found, str) or not isinstance(jwks_uri, str):
        raise KeysUnavailable("the discovery document lacks `issuer` or `jwks_uri`")
    if found != issuer:
        raise _issuer_differs(found, issuer)
    return Document(found, jwks_uri)


def _issuer_differs(found: str, issuer: str) -> KeysUnavailable:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in found[:_SHOWN])
    if found.removesuffix("/") == issuer.removesuffix("/"):
        return KeysUnavailable(
            f"registered URL `{issuer}` and discovered issuer `{shown}` differ by a trailing slash",
            help=f"re-register as `{shown}`",
        )
    return KeysUnavailable(
        f"registered URL is `{issuer}`, but its discovery document says issuer `{shown}`",
        help=f"register the provider as `{shown}`, or set that as the issuer's own URL",
    )


def _found(keys: KeySet) -> str:
    kids = ", ".join(f"`{key.kid}`" for key in keys.keys[:5])
    more = f" and {len(keys.keys) - 5} more" if len(keys.keys) > 5 else ""  # noqa: PLR2004 - a line
    return f"keys {kids}{more}"
