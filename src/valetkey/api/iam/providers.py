"""OIDC providers: which issuers an account trusts, for which audiences."""

import asyncio
import re
from collections.abc import Iterable, Sequence

import msgspec

from valetkey.api.iam import tags
from valetkey.api.iam.entities import NOTHING, PROVIDER, add
from valetkey.api.iam.failures import (
    IamRefused,
    already_exists,
    invalid_input,
    no_such_entity,
    quota,
)
from valetkey.api.iam.issuer_url import checked_url
from valetkey.api.iam.shapes import (
    AddClientIDToOpenIDConnectProviderRequest,
    CreateOpenIDConnectProviderRequest,
    CreateOpenIDConnectProviderResponse,
    DeleteOpenIDConnectProviderRequest,
    GetOpenIDConnectProviderRequest,
    GetOpenIDConnectProviderResponse,
    ListOpenIDConnectProvidersRequest,
    ListOpenIDConnectProvidersResponse,
    RemoveClientIDFromOpenIDConnectProviderRequest,
    UpdateOpenIDConnectProviderThumbprintRequest,
)
from valetkey.api.operation import Call, Output
from valetkey.errors import AwsError, ValetkeyError
from valetkey.store import ProviderRecord, Transaction

CLIENT_ID_LIMIT = 100
PROVIDER_LIMIT = 100
THUMBPRINT_LIMIT = 5
_HEX40 = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)


async def create(
    call: Call, request: CreateOpenIDConnectProviderRequest
) -> CreateOpenIDConnectProviderResponse:
    """Register an issuer. Without thumbprints, the one of its certificate chain is fetched.

    Raises ``InvalidInput``, ``EntityAlreadyExists``, ``LimitExceeded``, and
    ``OpenIdIdpCommunicationError`` where the issuer would have to be asked and can't be.
    """
    url = checked_url(request["Url"])
    record = ProviderRecord(
        account=call.account,
        url=url,
        client_ids=_client_ids(request.get("ClientIDList", [])),
        thumbprints=_thumbprints(request.get("ThumbprintList", [])),
        created=call.now,
        tags=tags.given_tags(request),
    )
    taken = already_exists(f"Provider with url {url} already exists.")
    if call.directory.provider(record.account, record.key) is not None:
        raise taken
    if not record.thumbprints:
        fetched = await _fetched_thumbprints(call, url)
        record = msgspec.structs.replace(record, thumbprints=fetched)
    await asyncio.to_thread(
        add,
        call,
        record,
        taken=taken,
        limit=PROVIDER_LIMIT,
        quota_name="OpenIDConnectProvidersPerAccount",
        check=lambda tx: _refuse_lookalike(tx, record),
    )
    answer: CreateOpenIDConnectProviderResponse = {"OpenIDConnectProviderArn": record.arn}
    if record.tags:
        answer["Tags"] = tags.shown(record.tags)
    return answer


def _refuse_lookalike(tx: Transaction, record: ProviderRecord) -> None:
    """Refuse a URL that differs from a registered one in case only.

    Condition keys ignore case, so a policy could not tell the claims of the two apart.
    """
    for other in tx.scan(ProviderRecord, record.account):
        if other.key != record.key and other.key.lower() == record.key.lower():
            raise already_exists(
                f"Provider with url {record.url} already exists.",
                reason=f"`{other.url}` is registered, and condition keys ignore case",
            )


def _client_ids(client_ids: Iterable[str]) -> tuple[str, ...]:
    distinct = tuple(dict.fromkeys(client_ids))
    if len(distinct) > CLIENT_ID_LIMIT:
        raise quota("ClientIdsPerOpenIdConnectProvider", CLIENT_ID_LIMIT)
    return distinct


def _thumbprints(thumbprints: Sequence[str]) -> tuple[str, ...]:
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
        why = error.reason if isinstance(error, AwsError) else None
        raise IamRefused(
            "OpenIdIdpCommunicationError",
            f"Could not connect to {url}",
            reason=why or error.message,
            help=error.help or "or pass --thumbprint-list, and nothing needs to be fetched now",
        ) from error


def get(call: Call, request: GetOpenIDConnectProviderRequest) -> GetOpenIDConnectProviderResponse:
    """Return a provider; its URL comes back without its scheme, as from AWS."""
    provider = PROVIDER.read(call, request)
    return {
        "Url": provider.key,
        "ClientIDList": list(provider.client_ids),
        "ThumbprintList": list(provider.thumbprints),
        "CreateDate": provider.created,
        "Tags": tags.shown(provider.tags),
    }


def list_all(
    call: Call, _request: ListOpenIDConnectProvidersRequest
) -> ListOpenIDConnectProvidersResponse:
    """Return the ARNs of the account's providers; AWS gives them all at once."""
    providers = call.directory.providers(call.account)
    return {"OpenIDConnectProviderList": [{"Arn": provider.arn} for provider in providers]}


def delete(call: Call, request: DeleteOpenIDConnectProviderRequest) -> Output:
    """Remove a provider; roles that name it stay as they are, and admit nobody through it."""
    arn = request["OpenIDConnectProviderArn"]

    def change(tx: Transaction) -> None:
        provider = PROVIDER.get(tx, call.account, arn)
        if provider is None:
            # AWS words it otherwise here than where a provider is read.
            raise no_such_entity(f"OpenId connect Provider {arn} cannot be found.")
        tx.delete(provider)

    call.write(change)
    return NOTHING


def add_client_id(call: Call, request: AddClientIDToOpenIDConnectProviderRequest) -> Output:
    """Register one more audience; one that is registered already does no harm."""
    PROVIDER.alter(
        call,
        request,
        lambda provider: msgspec.structs.replace(
            provider, client_ids=_client_ids([*provider.client_ids, request["ClientID"]])
        ),
    )
    return NOTHING


def remove_client_id(call: Call, request: RemoveClientIDFromOpenIDConnectProviderRequest) -> Output:
    """Remove an audience; one that is not registered does no harm."""
    PROVIDER.alter(
        call,
        request,
        lambda provider: msgspec.structs.replace(
            provider,
            client_ids=tuple(c for c in provider.client_ids if c != request["ClientID"]),
        ),
    )
    return NOTHING


def update_thumbprint(call: Call, request: UpdateOpenIDConnectProviderThumbprintRequest) -> Output:
    """Replace the thumbprints; an empty list changes nothing and is refused."""
    thumbprints = _thumbprints(request["ThumbprintList"])
    if not thumbprints:
        raise invalid_input("Thumbprint list must contain at least one entry.")
    PROVIDER.alter(
        call,
        request,
        lambda provider: msgspec.structs.replace(provider, thumbprints=thumbprints),
    )
    return NOTHING
