"""ListSecrets: sorted, filtered, a page at a time."""

import re
from collections.abc import Callable, Iterable

from valetkey.api.operation import Call
from valetkey.api.secretsmanager.failures import invalid_parameter
from valetkey.api.secretsmanager.lookup import gone
from valetkey.api.secretsmanager.page import continued, paginate
from valetkey.api.secretsmanager.shapes import (
    Filter,
    ListSecretsRequest,
    ListSecretsResponse,
    SecretListEntry,
)
from valetkey.api.secretsmanager.tags import shown_tags
from valetkey.store import SecretRecord

Texts = Callable[[SecretRecord], Iterable[str]]
Match = Callable[[str, Iterable[str]], bool]

_WORD = re.compile(r"[^\W_]+")


def _begins(value: str, texts: Iterable[str]) -> bool:
    """Tell whether a text begins with the value, letter for letter."""
    return any(text.startswith(value) for text in texts)


def _has_words(value: str, texts: Iterable[str]) -> bool:
    """Tell whether each word of the value begins a word of the texts, in any case.

    AWS matches descriptions so (as observed), although its reference calls it a prefix match.
    """
    held = [word for text in texts for word in _words(text)]
    wanted = _words(value)
    return bool(wanted) and all(any(h.startswith(w) for h in held) for w in wanted)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


_FILTERS: dict[str, tuple[Texts, Match]] = {
    "name": (lambda secret: [secret.name], _begins),
    "description": (lambda secret: [secret.description or ""], _has_words),
    "tag-key": (lambda secret: secret.tags, _begins),
    "tag-value": (lambda secret: secret.tags.values(), _begins),
    "primary-region": (lambda secret: [secret.region], _begins),
    "owning-service": (lambda _secret: [], _begins),
    "all": (
        lambda secret: [
            secret.name,
            secret.description or "",
            *secret.tags,
            *secret.tags.values(),
        ],
        _has_words,
    ),
}

_ORDERS: dict[str, Callable[[SecretRecord], str]] = {
    "name": lambda secret: secret.name,
    "created-date": lambda secret: f"{secret.created:020.6f}/{secret.name}",
    "last-changed-date": lambda secret: f"{secret.changed:020.6f}/{secret.name}",
}


def list_secrets(call: Call, request: ListSecretsRequest) -> ListSecretsResponse:
    """Return the secrets of the region, without their values, by the date they were made.

    Those marked for deletion are left out unless asked for. Raises ``InvalidParameterException``
    for a filter or an order that is not offered.
    """
    planned = request.get("IncludePlannedDeletion", False)
    held = call.directory.secrets(call.account, call.facts.region)
    secrets = [s for s in held if not gone(s, call.now) and (planned or s.deleted is None)]
    for wanted in request.get("Filters", []):
        matches = _matcher(wanted)
        secrets = [secret for secret in secrets if matches(secret)]
    order = _ORDERS.get(request.get("SortBy", "created-date"))
    if order is None:
        raise invalid_parameter(f"SortBy {request.get('SortBy')} is not supported by this server.")
    falling = request.get("SortOrder") == "desc"
    secrets.sort(key=order, reverse=falling)
    page = paginate(secrets, order, request, falling=falling)
    answer: ListSecretsResponse = {"SecretList": [_entry(secret) for secret in page.items]}
    return continued(answer, page)


def _matcher(wanted: Filter) -> Callable[[SecretRecord], bool]:
    """Return what tells whether a filter passes a secret: by any of its values.

    A leading ``!`` asks for the opposite.
    """
    values = wanted.get("Values", [])
    known = _FILTERS.get(wanted.get("Key", ""))
    if known is None or not values:
        raise invalid_parameter("A filter needs a supported Key and at least one value.")
    texts, match = known

    def matches(secret: SecretRecord) -> bool:
        held = list(texts(secret))
        return any(
            match(value.removeprefix("!"), held) is not value.startswith("!") for value in values
        )

    return matches


def _entry(secret: SecretRecord) -> SecretListEntry:
    entry: SecretListEntry = {
        "ARN": secret.arn,
        "Name": secret.name,
        "CreatedDate": secret.created,
        "LastChangedDate": secret.changed,
    }
    if secret.description is not None:
        entry["Description"] = secret.description
    if secret.deleted is not None:
        entry["DeletedDate"] = secret.deleted
    if secret.tags:
        entry["Tags"] = shown_tags(secret.tags)
    stages = {v.id: list(v.stages) for v in secret.versions if v.stages}
    if stages:
        entry["SecretVersionsToStages"] = stages
    return entry
