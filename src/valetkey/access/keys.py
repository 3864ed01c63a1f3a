"""Which condition keys a policy can count on, and when: the table of ``docs/condition-keys.md``.

Rows follow the *Availability* paragraphs of the IAM User Guide (*AWS global condition context
keys*, *Available keys for AWS STS*); a test holds every row to the contexts that requests get.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class There(StrEnum):
    """Whether a key is in a request's context; the value is the mark in the documentation."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "-"


class ConditionKey(NamedTuple):
    """A key, or with a slash at its end a family of keys, by who asks.

    ``trust`` is a web identity before a role's trust policy; ``user`` is signed with a user's
    long-term key, ``role`` with a session of AssumeRole, ``web`` with one of
    AssumeRoleWithWebIdentity. ``multi`` tells that it is multi-valued.
    """

    key: str
    trust: There
    user: There
    role: There
    web: There
    meaning: str
    multi: bool = False


_YES, _IF, _NO = There.ALWAYS, There.SOMETIMES, There.NEVER


def _row(key: str, marks: str, meaning: str, *, multi: bool = False) -> ConditionKey:
    by_mark = {"+": _YES, "?": _IF, "-": _NO}
    trust, user, role, web = (by_mark[mark] for mark in marks)
    return ConditionKey(key, trust, user, role, web, meaning, multi)


CONDITION_KEYS: Final = (
    _row("aws:CurrentTime", "++++", "the time of the request, as a date"),
    _row("aws:EpochTime", "++++", "the same in seconds since 1970"),
    _row("aws:SecureTransport", "++++", "whether it came over TLS"),
    _row("aws:RequestedRegion", "++++", "the region that it was signed for, else the server's"),
    _row("aws:ViaAWSService", "++++", "`false`: no service here asks on somebody's behalf"),
    _row(
        "aws:SourceIp",
        "????",
        "the peer's address; from `X-Forwarded-For` only where a peer of `trusted_proxies` sent it;"
        " absent where no address is known",
    ),
    _row("aws:UserAgent", "????", "the header `User-Agent`, as the client chose it"),
    _row("aws:Referer", "????", "the header `Referer`, as the client chose it"),
    _row("aws:PrincipalAccount", "++++", "the caller's account; the provider's for a web identity"),
    _row("aws:PrincipalType", "++++", "`User` or `AssumedRole`; `User` for a web identity"),
    _row("aws:PrincipalArn", "-+++", "the user's ARN, or the role's (not the session's)"),
    _row("aws:PrincipalIsAWSService", "-+++", "`false`; in signed requests only"),
    _row("aws:PrincipalTag/", "-???", "the user's tags; the session's and the role's"),
    _row(
        "aws:userid",
        "++++",
        "the user's id, or `ROLE-ID:SESSION`; the provider's ARN for a web identity",
    ),
    _row("aws:username", "-+--", "the user's name"),
    _row("aws:TokenIssueTime", "--++", "when the session was handed out"),
    _row("aws:MultiFactorAuthPresent", "--++", "`false`; absent for long-term keys, as on AWS"),
    _row("aws:FederatedProvider", "+--+", "the ARN of the identity provider"),
    _row("aws:SourceIdentity", "--??", "the source identity that the session carries"),
    _row("aws:ResourceAccount", "++++", "the account that owns what is asked for"),
    _row("aws:ResourceTag/", "-???", "the tags of what is asked for, where it has any"),
    _row("aws:RequestTag/", "????", "the tags that the request or the token passes"),
    _row("aws:TagKeys", "????", "the keys of these tags", multi=True),
    _row("sts:RoleSessionName", "+???", "the session name that was asked for"),
    _row("sts:RoleAuthorizedByIdp", "+---", "whether the token's roles claim names the role"),
    _row("sts:SourceIdentity", "????", "the source identity that was asked for"),
    _row("sts:TransitiveTagKeys", "????", "the tags that are to be handed on", multi=True),
    _row("sts:ExternalId", "-???", "the external id of AssumeRole"),
    _row("HOST:", "+--+", "claims of the token; in the session `aud`, `sub` and `amr`"),
    _row("valetkey:claim/", "---+", "every claim of the token that opened the session"),
)
"""The keys that this server knows, in the order of the documentation."""

NEVER_THERE: Final = (
    ("aws:MultiFactorAuthAge", "no MFA device can be registered here"),
    (
        "aws:PrincipalOrgID, aws:PrincipalOrgPaths, aws:ResourceOrgID, aws:ResourceOrgPaths",
        "there are no organizations",
    ),
    ("aws:SourceVpc, aws:SourceVpce, aws:VpcSourceIp", "there are no VPC endpoints"),
    (
        "aws:CalledVia, aws:CalledViaFirst, aws:CalledViaLast",
        "no service asks on somebody's behalf",
    ),
    ("aws:SourceArn, aws:SourceAccount, aws:PrincipalServiceName", "no service asks for itself"),
    ("aws:AssumedRoot", "AssumeRoot is not offered"),
)
"""Global keys of AWS that can't be known here, and why."""


def markdown_table() -> str:
    """Return both tables as ``docs/condition-keys.md`` holds them."""
    rows = [
        (
            "| key | trust policy, web identity | user's key | role session | web identity session"
            " | what it is |"
        ),
        "|---|---|---|---|---|---|",
    ]
    for row in CONDITION_KEYS:
        name = f"`{row.key}…`" if row.key.endswith(("/", ":")) else f"`{row.key}`"
        several = " (several values)" if row.multi else ""
        marks = " | ".join(mark.value for mark in (row.trust, row.user, row.role, row.web))
        rows.append(f"| {name} | {marks} | {row.meaning}{several} |")
    rows += ["", "| never there | why |", "|---|---|"]
    for keys, why in NEVER_THERE:
        named = ", ".join(f"`{key}`" for key in keys.split(", "))
        rows.append(f"| {named} | {why} |")
    return "\n".join(rows)
