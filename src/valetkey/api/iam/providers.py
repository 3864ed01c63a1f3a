"""OIDC providers: which issuers an account trusts, for which audiences."""

import asyncio
import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from valetkey.access import Target
from valetkey.api.iam import tags as tagging
from valetkey.api.iam.failures import (
    IamRefused,
    already_exists,
    invalid_input,
    no_such_entity,
    quota,
    validation_error,
)
from valetkey.api.iam.lookups import provider_in, provider_key, provider_of
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    AddClientIDToOpenIDConnectProviderRequest,
    CreateOpenIDConnectProviderRequest,
    CreateOpenIDConnectProviderResponse,
    DeleteOpenIDConnectProviderRequest,
    GetOpenIDConnectProviderRequest,
    GetOpenIDConnectProviderResponse,
    ListOpenIDConnectProvidersRequest,
    ListOpenIDConnectProvidersResponse,
    ListOpenIDConnectProviderTagsRequest,
    ListOpenIDConnectProviderTagsResponse,
    RemoveClientIDFromOpenIDConnectProviderRequest,
    TagOpenIDConnectProviderRequest,
    UntagOpenIDConnectProviderRequest,
    UpdateOpenIDConnectProviderThumbprintRequest,
)
from valetkey.api.operation import Call, Output
from valetkey.errors import ValetkeyError
from valetkey.store import ProviderRecord, Transaction

CLIENT_ID_LIMIT = 100
PROVIDER_LIMIT = 100
THUMBPRINT_LIMIT = 5
NOTHING: Output = {}
_HEX40 = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)


def provider_target(call: Call, request: Mapping[str, Any]) -> Target:
    """Return the provider that a request names, with its tags, as policies see it."""
    arn = request["OpenIDConnectProviderArn"]
    account, key = provider_key(arn)
    provider = call.directory.provider(account, key)
    values = tagging.resource_tags(provider.tags) if provider else {}
    values.update(tagging.request_tags(request.get("Tags", [])))
    return Target(arn, values, account=account)


def create_target(call: Call, request: CreateOpenIDConnectProviderRequest) -> Target:
    """Return the provider that is about to be made, as policies see it."""
    key = request["Url"].split("://", 1)[-1]
    arn = f"arn:aws:iam::{call.account}:oidc-provider/{key}"
    return Target(arn, tagging.request_tags(request.get("Tags", [])))


async def create(
    call: Call, request: CreateOpenIDConnectProviderRequest
) -> CreateOpenIDConnectProviderResponse:
    """Register an issuer. Without thumbprints, the one of its certificate chain is fetched.

    Raises ``InvalidInput``, ``EntityAlreadyExists``, ``LimitExceeded``, and
    ``OpenIdIdpCommunicationError`` where the issuer would have to be asked and can't be.
    """
    url = checked_url(request["Url"])
    client_ids = _client_ids(request.get("ClientIDList", []))
    tags = tagging.read_tags(request.get("Tags", []))
    _refuse_taken(call.directory.provider(call.account, url.split("://", 1)[-1]), url)
    if request.get("ThumbprintList"):
        thumbprints = _thumbprints(request["ThumbprintList"])
    else:
        thumbprints = await _fetched_thumbprints(call, url)
    record = ProviderRecord(
        account=call.account,
        url=url,
        client_ids=client_ids,
        thumbprints=thumbprints,
        created=call.now,
        tags=tags,
    )
    await asyncio.to_thread(call.write, lambda tx: _put_new(tx, record))
    answer: CreateOpenIDConnectProviderResponse = {"OpenIDConnectProviderArn": record.arn}
    if tags:
        answer["Tags"] = tagging.shown(tags)
    return answer


def checked_url(url: str) -> str:
    """Return an issuer's URL that may be registered, unchanged.

    Unlike AWS, a port is fine, and so is ``http`` on loopback. Raises ``InvalidInput``.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise invalid_input("Invalid Open ID Connect Provider URL.") from error
    host = parts.hostname
    if not parts.scheme or not host:
        raise validation_error("Invalid Open ID Connect Provider URL")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise invalid_input("Invalid Open ID Connect Provider URL. The URL must begin with https://.")
    unwanted = parts.username is not None or "?" in url or "#" in url or port == 0
    printable = url.isascii() and url.isprintable() and not set(url) & set(" \"<>\\^`{|}*$")
    if unwanted or not printable:
        raise invalid_input("Invalid Open ID Connect Provider URL.")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _client_ids(client_ids: list[str]) -> tuple[str, ...]:
    distinct = tuple(dict.fromkeys(client_ids))
    if len(distinct) > CLIENT_ID_LIMIT:
        raise quota("ClientIdsPerOpenIdConnectProvider", CLIENT_ID_LIMIT)
    return distinct


def _thumbprints(thumbprints: list[str]) -> tuple[str, ...]:
    if len(thumbprints) > THUMBPRINT_LIMIT:
        raise invalid_input("Thumbprint list must contain fewer than 5 entries.")
    # AWS does not look for hexadecimal digits; a thumbprint that can't match helps nobody.
    if not all(_HEX40.fullmatch(thumbprint) for thumbprint in thumbprints):
        raise invalid_input("Thumbprint must be exactly 40 characters.")
    return tuple(dict.fromkeys(thumbprint.lower() for thumbprint in thumbprints))


async def _fetched_thumbprints(call: Call, url: str) -> tuple[str, ...]:
    if url.startswith("http://"):
        return ()
    try:
        return (await call.services.thumbprint(url),)
    except ValetkeyError as error:
        raise IamRefused(
            "OpenIdIdpCommunicationError",
            f"Could not connect to {url}",
            reason=error.message,
            help=error.help or "or pass --thumbprint-list, and nothing needs to be fetched now",
        ) from error


def _refuse_taken(existing: ProviderRecord | None, url: str) -> None:
    if existing is not None:
        raise already_exists(f"Provider with url {url} already exists.")


def _put_new(tx: Transaction, record: ProviderRecord) -> None:
    _refuse_taken(tx.get(ProviderRecord, record.account, record.key), record.url)
    if len(tx.scan(ProviderRecord, record.account)) >= PROVIDER_LIMIT:
        raise quota("OpenIDConnectProvidersPerAccount", PROVIDER_LIMIT)
    tx.put(record)


def get(call: Call, request: GetOpenIDConnectProviderRequest) -> GetOpenIDConnectProviderResponse:
    """Return a provider; its URL comes back without its scheme, as from AWS."""
    provider = provider_of(call.directory, call.account, request["OpenIDConnectProviderArn"])
    return {
        "Url": provider.key,
        "ClientIDList": list(provider.client_ids),
        "ThumbprintList": list(provider.thumbprints),
        "CreateDate": provider.created,
        "Tags": tagging.shown(provider.tags),
    }


def list_all(
    call: Call, _request: ListOpenIDConnectProvidersRequest
) -> ListOpenIDConnectProvidersResponse:
    """Return the ARNs of the account's providers."""
    providers = call.directory.providers(call.account)
    return {"OpenIDConnectProviderList": [{"Arn": provider.arn} for provider in providers]}


def delete(call: Call, request: DeleteOpenIDConnectProviderRequest) -> Output:
    """Remove a provider; roles that name it stay as they are, and admit nobody through it."""
    arn = request["OpenIDConnectProviderArn"]

    def change(tx: Transaction) -> None:
        provider = tx.get(ProviderRecord, call.account, provider_key(arn)[1])
        if provider is None or provider.arn != arn:
            raise no_such_entity(f"OpenId connect Provider {arn} cannot be found.")
        tx.delete(provider)

    call.write(change)
    return NOTHING


def add_client_id(call: Call, request: AddClientIDToOpenIDConnectProviderRequest) -> Output:
    """Register one more audience; one that is registered already does no harm."""

    def change(tx: Transaction) -> None:
        provider = provider_in(tx, call.account, request["OpenIDConnectProviderArn"])
        client_ids = _client_ids([*provider.client_ids, request["ClientID"]])
        tx.put(msgspec.structs.replace(provider, client_ids=client_ids))

    call.write(change)
    return NOTHING


def remove_client_id(call: Call, request: RemoveClientIDFromOpenIDConnectProviderRequest) -> Output:
    """Remove an audience; one that is not registered does no harm."""

    def change(tx: Transaction) -> None:
        provider = provider_in(tx, call.account, request["OpenIDConnectProviderArn"])
        kept = tuple(c for c in provider.client_ids if c != request["ClientID"])
        tx.put(msgspec.structs.replace(provider, client_ids=kept))

    call.write(change)
    return NOTHING


def update_thumbprint(
    call: Call, request: UpdateOpenIDConnectProviderThumbprintRequest
) -> Output:
    """Replace the thumbprints; an empty list changes nothing and is refused."""
    thumbprints = _thumbprints(request["ThumbprintList"])
    if not thumbprints:
        raise invalid_input("Thumbprint list must contain at least one entry.")

    def change(tx: Transaction) -> None:
        provider = provider_in(tx, call.account, request["OpenIDConnectProviderArn"])
        tx.put(msgspec.structs.replace(provider, thumbprints=thumbprints))

    call.write(change)
    return NOTHING


def tag(call: Call, request: TagOpenIDConnectProviderRequest) -> Output:
    """Set tags of a provider."""
    new = tagging.read_tags(request["Tags"])

    def change(tx: Transaction) -> None:
        provider = provider_in(tx, call.account, request["OpenIDConnectProviderArn"])
        tx.put(msgspec.structs.replace(provider, tags=tagging.merged(provider.tags, new)))

    call.write(change)
    return NOTHING


def untag(call: Call, request: UntagOpenIDConnectProviderRequest) -> Output:
    """Remove tags of a provider."""

    def change(tx: Transaction) -> None:
        provider = provider_in(tx, call.account, request["OpenIDConnectProviderArn"])
        kept = tagging.without(provider.tags, request["TagKeys"])
        tx.put(msgspec.structs.replace(provider, tags=kept))

    call.write(change)
    return NOTHING


def list_tags(
    call: Call, request: ListOpenIDConnectProviderTagsRequest
) -> ListOpenIDConnectProviderTagsResponse:
    """Return a provider's tags, a page at a time."""
    provider = provider_of(call.directory, call.account, request["OpenIDConnectProviderArn"])
    page = paginate(tagging.shown(provider.tags), lambda tag: tag["Key"], request)
    answer: ListOpenIDConnectProviderTagsResponse = {"Tags": page.items}
    return marked(answer, page)
