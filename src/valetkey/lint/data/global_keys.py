"""The condition keys that every service of AWS may have, by hand from AWS's documentation.

*AWS global condition context keys* of the IAM user guide, with the cross-service keys that it
lists; retrieved 2026-11-25. A name that ends in ``/`` is followed by a tag's or another name.
"""

from typing import Final

# name: type, whether it may have several values
GLOBAL_KEYS: Final[dict[str, tuple[str, bool]]] = {
    # properties of the principal
    "aws:PrincipalArn": ("ARN", False),
    "aws:PrincipalAccount": ("String", False),
    "aws:PrincipalOrgPaths": ("String", True),
    "aws:PrincipalOrgID": ("String", False),
    "aws:PrincipalTag/": ("String", False),
    "aws:PrincipalIsAWSService": ("Bool", False),
    "aws:PrincipalServiceName": ("String", False),
    "aws:PrincipalServiceNamesList": ("String", True),
    "aws:PrincipalType": ("String", False),
    "aws:userid": ("String", False),
    "aws:username": ("String", False),
    "aws:OriginIdentity/": ("String", False),
    # properties of the session
    "aws:AssumedRoot": ("Bool", False),
    "aws:FederatedProvider": ("String", False),
    "aws:TokenIssueTime": ("Date", False),
    "aws:MultiFactorAuthAge": ("Numeric", False),
    "aws:MultiFactorAuthPresent": ("Bool", False),
    "aws:ChatbotSourceArn": ("ARN", False),
    "aws:Ec2InstanceSourceVpc": ("String", False),
    "aws:Ec2InstanceSourcePrivateIPv4": ("IPAddress", False),
    "aws:SourceIdentity": ("String", False),
    "aws:SignInSessionArn": ("ARN", False),
    # properties of the network
    "aws:SourceIp": ("IPAddress", False),
    "aws:SourceVpc": ("String", False),
    "aws:SourceVpcArn": ("ARN", False),
    "aws:SourceVpce": ("String", False),
    "aws:VpceAccount": ("String", False),
    "aws:VpceOrgID": ("String", False),
    "aws:VpceOrgPaths": ("String", True),
    "aws:VpcSourceIp": ("IPAddress", False),
    # properties of the resource
    "aws:ResourceAccount": ("String", False),
    "aws:ResourceOrgID": ("String", False),
    "aws:ResourceOrgPaths": ("String", True),
    "aws:ResourceTag/": ("String", False),
    # properties of the request
    "aws:CalledVia": ("String", True),
    "aws:CalledViaFirst": ("String", False),
    "aws:CalledViaLast": ("String", False),
    "aws:CalledViaAWSMCP": ("String", False),
    "aws:ViaAWSService": ("Bool", False),
    "aws:ViaAWSMCPService": ("Bool", False),
    "aws:CurrentTime": ("Date", False),
    "aws:EpochTime": ("EpochDate", False),
    "aws:Referer": ("String", False),
    "aws:RequestedRegion": ("String", False),
    "aws:RequestTag/": ("String", False),
    "aws:SecureTransport": ("Bool", False),
    "aws:SourceAccount": ("String", False),
    "aws:SourceArn": ("ARN", False),
    "aws:SourceOrgID": ("String", False),
    "aws:SourceOrgPaths": ("String", True),
    "aws:SourceOwner": ("String", False),
    "aws:TagKeys": ("String", True),
    "aws:UserAgent": ("String", False),
    # keys of one service that others have in their requests as well
    "codebuild:BuildArn": ("ARN", False),
    "codebuild:ProjectArn": ("ARN", False),
    "ec2:RoleDelivery": ("Numeric", False),
    "ec2:SourceInstanceArn": ("ARN", False),
    "glue:CredentialIssuingService": ("String", False),
    "glue:RoleAssumedBy": ("String", False),
    "identitystore:UserId": ("String", False),
    "lambda:SourceFunctionArn": ("ARN", False),
    "ssm:SourceInstanceArn": ("ARN", False),
}

ALWAYS_THERE: Final = frozenset(
    {"aws:currenttime", "aws:epochtime", "aws:principalisawsservice", "aws:securetransport"}
)
"""The keys, in lower case, that every request has."""

VARIABLES_OF: Final = frozenset({"greengrass", "iot", "transfer"})
"""Services with policy variables, such as `${transfer:HomeBucket}`, that are no condition keys.

They fill them in themselves; retrieved 2026-11-25 from their guides, *AWS IoT Core policy
variables* and *Creating a session policy for an Amazon S3 bucket* (Transfer Family).
"""
