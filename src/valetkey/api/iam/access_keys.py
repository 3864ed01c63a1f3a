"""Access keys of users: the secret is shown once, and kept sealed."""

from collections.abc import Callable

import msgspec

from valetkey.api.iam.entities import NOTHING, USER, Request
from valetkey.api.iam.failures import no_such_entity, quota
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
from valetkey.api.operation import Call, Output
from valetkey.credentials import new_access_key_id, new_secret_key, seal_secret_key
from valetkey.store import AccessKey, UserRecord

KEY_LIMIT = 2


def create(call: Call, request: CreateAccessKeyRequest) -> CreateAccessKeyResponse:
    """Make an access key; this answer is the only place where its secret is ever shown."""
    random = call.services.random
    key_id = new_access_key_id(call.account, random=random)
    secret = new_secret_key(random)
    sealed = seal_secret_key(secret, key_id, call.services.keys.ring, random)
    key = AccessKey(id=key_id, sealed_secret=sealed, active=True, created=call.now)

    def added(user: UserRecord) -> UserRecord:
        if len(user.access_keys) >= KEY_LIMIT:
            raise quota("AccessKeysPerUser", KEY_LIMIT)
        return msgspec.structs.replace(user, access_keys=(*user.access_keys, key))

    user = USER.alter(call, request, added)
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
    user = USER.read(call, request)
    keys = sorted(user.access_keys, key=lambda key: key.id)
    page = paginate(keys, lambda key: key.id, request)
    answer: ListAccessKeysResponse = {
        "AccessKeyMetadata": [_listed(user, key) for key in page.items]
    }
    return marked(answer, page)


def _listed(user: UserRecord, key: AccessKey) -> AccessKeyMetadata:
    return {
        "UserName": user.name,
        "AccessKeyId": key.id,
        "Status": "Active" if key.active else "Inactive",
        "CreateDate": key.created,
    }


def update(call: Call, request: UpdateAccessKeyRequest) -> Output:
    """Switch a key on or off; an inactive key signs nothing."""
    active = request["Status"] == "Active"
    return _change_key(call, request, lambda key: msgspec.structs.replace(key, active=active))


def delete(call: Call, request: DeleteAccessKeyRequest) -> Output:
    """Remove a key for good."""
    return _change_key(call, request, lambda _key: None)


def _change_key(
    call: Call, request: Request, changed: Callable[[AccessKey], AccessKey | None]
) -> Output:
    key_id = request["AccessKeyId"]

    def change(user: UserRecord) -> UserRecord:
        if all(key.id != key_id for key in user.access_keys):
            raise no_such_entity(f"The Access Key with id {key_id} cannot be found.")
        keys = [changed(key) if key.id == key_id else key for key in user.access_keys]
        kept = tuple(key for key in keys if key is not None)
        return msgspec.structs.replace(user, access_keys=kept)

    USER.alter(call, request, change)
    return NOTHING
