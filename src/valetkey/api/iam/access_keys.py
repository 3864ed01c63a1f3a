"""Access keys of users: the secret is shown once, and kept sealed."""

from collections.abc import Callable

import msgspec

from valetkey.api.iam.failures import no_such_entity, quota
from valetkey.api.iam.lookups import user_in, user_of
from valetkey.api.iam.page import marked, paginate
from valetkey.api.iam.shapes import (
    AccessKeyMetadata,
    CreateAccessKeyRequest,
    CreateAccessKeyResponse,
    DeleteAccessKeyRequest,
    ListAccessKeysRequest,
    ListAccessKeysResponse,
    UpdateAccessKeyRequest,
)
from valetkey.api.iam.users import named_user
from valetkey.api.operation import Call, Output
from valetkey.credentials import new_access_key_id, new_secret_key, seal_secret_key
from valetkey.store import AccessKey, Transaction, UserRecord

KEY_LIMIT = 2
NOTHING: Output = {}


def create(call: Call, request: CreateAccessKeyRequest) -> CreateAccessKeyResponse:
    """Make an access key; this answer is the only place where its secret is ever shown."""
    name, random = named_user(call, request), call.services.random
    key_id = new_access_key_id(call.account, random=random)
    secret = new_secret_key(random)
    sealed = seal_secret_key(secret, key_id, call.services.keys.ring, random)
    key = AccessKey(id=key_id, sealed_secret=sealed, active=True, created=call.now)

    def change(tx: Transaction) -> UserRecord:
        user = user_in(tx, call.account, name)
        if len(user.access_keys) >= KEY_LIMIT:
            raise quota("AccessKeysPerUser", KEY_LIMIT)
        tx.put(msgspec.structs.replace(user, access_keys=(*user.access_keys, key)))
        return user

    user: UserRecord = call.write(change)
    return {
        "AccessKey": {
            "UserName": user.name,
            "AccessKeyId": key_id,
            "Status": "Active",
            "SecretAccessKey": secret,
            "CreateDate": key.created,
        }
    }


def list_all(call: Call, request: ListAccessKeysRequest) -> ListAccessKeysResponse:
    """Return a user's keys, without their secrets."""
    user = user_of(call.directory, call.account, named_user(call, request))
    keys = sorted(user.access_keys, key=lambda key: key.id)
    page = paginate(keys, lambda key: key.id, request)
    metadata: list[AccessKeyMetadata] = [
        {
            "UserName": user.name,
            "AccessKeyId": key.id,
            "Status": "Active" if key.active else "Inactive",
            "CreateDate": key.created,
        }
        for key in page.items
    ]
    answer: ListAccessKeysResponse = {"AccessKeyMetadata": metadata}
    return marked(answer, page)


def update(call: Call, request: UpdateAccessKeyRequest) -> Output:
    """Switch a key on or off; an inactive key signs nothing."""
    active = request["Status"] == "Active"
    _change_key(
        call,
        named_user(call, request),
        request["AccessKeyId"],
        lambda key: msgspec.structs.replace(key, active=active),
    )
    return NOTHING


def delete(call: Call, request: DeleteAccessKeyRequest) -> Output:
    """Remove a key for good."""
    _change_key(call, named_user(call, request), request["AccessKeyId"], lambda _key: None)
    return NOTHING


def _change_key(
    call: Call, name: str, key_id: str, changed: Callable[[AccessKey], AccessKey | None]
) -> None:
    def change(tx: Transaction) -> None:
        user = user_in(tx, call.account, name)
        if all(key.id != key_id for key in user.access_keys):
            raise no_such_entity(f"The Access Key with id {key_id} cannot be found.")
        keys = [changed(key) if key.id == key_id else key for key in user.access_keys]
        kept = tuple(key for key in keys if key is not None)
        tx.put(msgspec.structs.replace(user, access_keys=kept))

    call.write(change)
