"""The Security Token Service: temporary credentials for those whom a role's trust policy admits.

Follows the STS API reference, version 2011-06-15.
"""

from valetkey.api.operation import Operation
from valetkey.api.sts.assume_role import assume_role
from valetkey.api.sts.identity import get_access_key_info, get_caller_identity
from valetkey.api.sts.web_identity import assume_role_with_web_identity

OPERATIONS = (
    Operation("AssumeRoleWithWebIdentity", assume_role_with_web_identity, signed=False),
    Operation("AssumeRole", assume_role),
    # No permission is required, and not even an explicit deny can take it away (API reference).
    Operation("GetCallerIdentity", get_caller_identity),
    Operation("GetAccessKeyInfo", get_access_key_info, action="sts:GetAccessKeyInfo"),
)
