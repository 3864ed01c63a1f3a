"""Who am I, and whose key is this."""

from valetkey.api.operation import Call
from valetkey.api.sts.shapes import (
    GetAccessKeyInfoRequest,
    GetAccessKeyInfoResponse,
    GetCallerIdentityRequest,
    GetCallerIdentityResponse,
)
from valetkey.credentials import MalformedId, account_of
from valetkey.errors import AwsError


def get_caller_identity(
    call: Call, _request: GetCallerIdentityRequest
) -> GetCallerIdentityResponse:
    """Return the caller's unique id, account and ARN."""
    caller = call.caller
    return {"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn}


def get_access_key_info(_call: Call, request: GetAccessKeyInfoRequest) -> GetAccessKeyInfoResponse:
    """Return the account that an access key id names; says nothing about the key's state."""
    try:
        return {"Account": account_of(request["AccessKeyId"])}
    except MalformedId as malformed:
        raise AwsError(
            "ValidationError", "Access Key ID is invalid", reason=malformed.message
        ) from malformed
