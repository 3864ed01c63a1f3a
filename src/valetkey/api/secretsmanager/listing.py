"""ListSecrets: sorted, filtered, a page at a time."""

from collections.abc import Callable

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.failures import invalid_parameter
from valetkey.api.secretsmanager.lifecycle import shown_tags
from valetkey.api.secretsmanager.lookup import gone
from valetkey.api.secretsmanager.page import paginate
from valetkey.api.secretsmanager.shapes import (
    Filter,
    ListSecretsRequest,
    ListSecretsResponse,
    SecretListEntry,
)
from valetkey.store import SecretRecord

_TEXTS: dict[str, Callable[[SecretRecord], list[str]]] = {
    "name": lambda secret: [secret.name],
    "description": lambda secret: [secret.description or ""],
    "tag-key": lambda secret: list(secret.tags),
    "tag-value": lambda secret: list(secret.tags.values()),
    "primary-region": lambda secret: [secret.region],
    "owning-service": lambda _secret: [],
    "all": lambda secret: [
        secret.name,
        secret.description or "",
        *secret.tags,
        *secret.tags.values(),
    ],
}
_CASELESS = {"description", "all"}

_ORDERS: dict[str, Callable[[SecretRecord], str]] = {
    "name": lambda secret: secret.name,
    "created-date": lambda secret: f"{secret.created:020.6f}/{secret.name}",
    "last-changed-date": lambda secret: f"{secret.changed:020.6f}/{secret.name}",
}


def list_secrets(call: Call, request: ListSecretsRequest) -> ListSecretsResponse:
    """Return the secrets of the region, without their values.

    Those marked for deletion are left out unless asked for. Raises ``InvalidParameterException``
    for a filter or an order that is not offered.
    """
    planned = request.get("IncludePlannedDeletion", False)
    held = call.directory.secrets(call.account, call.facts.region)
    secrets = [s for s in held if not gone(s, call.now) and (planned or s.deleted is None)]
    for wanted in request.get("Filters", []):
        secrets = [secret for secret in secrets if _matches(secret, wanted)]
    order = _ORDERS.get(request.get("SortBy", "name"))
    if order is None:
        raise invalid_parameter(f"SortBy {request.get('SortBy')} is not supported by this server.")
    secrets.sort(key=order, reverse=request.get("SortOrder") == "desc")
    if request.get("SortOrder") == "desc":
        page, token = _paginate_falling(secrets, order, request)
    else:
        page, token = paginate(secrets, order, request)
    answer: ListSecretsResponse = {"SecretList": [_entry(secret) for secret in page]}
    if token is not None:
        answer["NextToken"] = token
    return answer


def _paginate_falling(
    secrets: list[SecretRecord], order: Callable[[SecretRecord], str], request: ListSecretsRequest
) -> tuple[list[SecretRecord], str | None]:
    # Complemented characters rise where the order falls, which is what a page's token counts on.
    def rising(secret: SecretRecord) -> str:
        return "".join(chr(0x10FFFF - ord(character)) for character in order(secret)) + "\U0010ffff"

    page, token = paginate(secrets, rising, request)
    return page, token


def _matches(secret: SecretRecord, wanted: Filter) -> bool:
    name, values = wanted.get("Key", ""), wanted.get("Values", [])
    texts = _TEXTS.get(name)
    if texts is None or not values:
        raise invalid_parameter("A filter needs a supported Key and at least one value.")
    held = texts(secret)
    return any(_begins(value, held, caseless=name in _CASELESS) for value in values)


def _begins(value: str, texts: list[str], *, caseless: bool) -> bool:
    """Tell whether a text begins with the value; a leading ``!`` asks for the opposite."""
    negated, prefix = value.startswith("!"), value.removeprefix("!")
    if caseless:
        found = any(text.casefold().startswith(prefix.casefold()) for text in texts)
    else:
        found = any(text.startswith(prefix) for text in texts)
    return found is not negated


def _entry(secret: SecretRecord) -> SecretListEntry:
    entry: SecretListEntry = {
        "ARN": secret.arn,
        "Name": secret.name,
        "CreatedDate": secret.created,
        "LastChangedDate": secret.changed,
        "SecretVersionsToStages": {v.id: list(v.stages) for v in secret.versions if v.stages},
        "Tags": shown_tags(secret),
    }
    if secret.description is not None:
        entry["Description"] = secret.description
    if secret.kms_key_id is not None:
        entry["KmsKeyId"] = secret.kms_key_id
    if secret.deleted is not None:
        entry["DeletedDate"] = secret.deleted
    return entry
