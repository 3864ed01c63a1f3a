"""What claims say, by their names alone: whose job it is, for whom the token was made."""

from typing import Final

IDENTITY: Final = frozenset(
    {
        "sub",
        *(f"{who}project_{what}" for who in ("", "job_", "source_") for what in ("id", "path")),
        *(f"{who}namespace_{what}" for who in ("", "job_", "source_") for what in ("id", "path")),
        "ci_config_ref_uri",
        "user_id",
        "repository",
        "repository_id",
        "repository_owner",
        "repository_owner_id",
        "job_workflow_ref",
        "workflow_ref",
        "enterprise_id",
        "organization_id",
        "organization_slug",
        "pipeline_slug",
        "email",
        "azp",
        "oid",
        "appid",
        "client_id",
    }
)
"""Claims that say whose job it is; a statement that compares none of them trusts everybody."""

PEOPLE: Final = frozenset(
    {
        *("user_login", "user_email", "groups_direct", "user_identities"),
        *("actor", "actor_id", "enterprise"),
    }
)
"""Claims that say which person or company started the job."""

OF_PROTOCOL: Final = frozenset(
    {
        *("iss", "aud", "oaud", "azp", "exp", "iat", "nbf", "jti", "nonce"),
        *("acr", "amr", "auth_time", "email_verified"),
    }
)
"""Claims of OpenID Connect that say for whom, when or how a token was made."""
NAMES: Final = frozenset(
    {
        "project_path",
        "job_project_path",
        "source_project_path",
        "namespace_path",
        "job_namespace_path",
        "source_namespace_path",
        "repository",
        "repository_owner",
        "job_workflow_ref",
        "workflow_ref",
    }
)
"""Claims that begin with the name of a group or an owner, and subjects' labels alike."""


def says_whose(claim: str) -> bool:
    """Tell whether a claim is known to say whose job or account a token is of."""
    return claim.lower() in IDENTITY or claim.lower() in PEOPLE
