"""What a GitLab serves about itself: discovery document and key set, byte for byte."""

from collections.abc import Mapping

import msgspec

from valetkey.issuer.keys import SigningKeys

DISCOVERY_PATH = "/.well-known/openid-configuration"
AUTHORIZATION_SERVER_PATH = "/.well-known/oauth-authorization-server"
KEYS_PATH = "/oauth/discovery/keys"

_ENDPOINTS = {
    "authorization_endpoint": "/oauth/authorize",
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
    "introspection_endpoint": "/oauth/introspect",
    "userinfo_endpoint": "/oauth/userinfo",
    "jwks_uri": KEYS_PATH,
}
_LISTS = {
    "scopes_supported": (
        "api read_api read_user create_runner manage_runner k8s_proxy self_rotate mcp mcp_orbit"
        " read_repository write_repository read_registry write_registry read_virtual_registry"
        " write_virtual_registry read_observability write_observability ai_features sudo"
        " admin_mode read_service_ping openid profile email ai_workflows user:*"
    ),
    "response_types_supported": "code",
    "response_modes_supported": "query fragment form_post",
    "grant_types_supported": "authorization_code password client_credentials device_code"
    " refresh_token",
    "token_endpoint_auth_methods_supported": "client_secret_basic client_secret_post",
    "subject_types_supported": "public",
    "id_token_signing_alg_values_supported": "RS256",
    "claim_types_supported": "normal",
    # As on GitLab, none of the claims of CI tokens: nobody may gate on this list.
    "claims_supported": "iss sub aud exp iat sub_legacy name nickname preferred_username email"
    " email_verified website profile picture groups groups_direct"
    " https://gitlab.org/claims/groups/owner https://gitlab.org/claims/groups/maintainer"
    " https://gitlab.org/claims/groups/developer",
    "code_challenge_methods_supported": "plain S256",
}


def discovery_document(issuer: str) -> bytes:
    """Return the discovery document of an issuer; its own endpoints stand under its URL."""
    base = issuer.removesuffix("/")
    document: dict[str, str | list[str]] = {"issuer": issuer}
    document |= {name: base + path for name, path in _ENDPOINTS.items()}
    document |= {name: words.split() for name, words in _LISTS.items()}
    return msgspec.json.encode(document)


def jwks_document(keys: SigningKeys) -> bytes:
    """Return the key set: the login key first, the CI key second."""
    return msgspec.json.encode({"keys": [keys.login.jwk, keys.ci.jwk]})


def static_files(issuer: str, keys: SigningKeys) -> Mapping[str, bytes]:
    """Return the two documents by relative path, to be put at a public place as they are.

    That is GitLab's recipe for an instance that cannot be reached (``ci_id_tokens_issuer_url``).
    """
    return {
        DISCOVERY_PATH.removeprefix("/"): discovery_document(issuer),
        KEYS_PATH.removeprefix("/"): jwks_document(keys),
    }
