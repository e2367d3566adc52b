"""The documents that say how to get a token: what is served, and nothing that will be one day.

RFC 8414 (the server), OpenID Connect Discovery s3 (the same, at another address), RFC 9728 (what it
protects).
"""

from typing import Any

from auth import addresses, app_keys, scopes
from auth.authorizing import AUTHORIZE, PROMPTS
from auth.client_authentication import CONFIDENTIAL, EVERY_METHOD
from auth.keys import ALGORITHM
from auth.server import GRANT_TYPES
from auth.service import TokenService


def server_metadata(service: TokenService) -> dict[str, Any]:
    """RFC 8414 s2."""
    url = service.issuer.url
    return {
        "issuer": url,
        "authorization_endpoint": url + AUTHORIZE,
        "token_endpoint": url + addresses.TOKEN,
        "revocation_endpoint": url + addresses.REVOKE,
        "introspection_endpoint": url + addresses.INTROSPECT,
        "device_authorization_endpoint": url + addresses.DEVICE_AUTHORIZATION,
        "registration_endpoint": url + addresses.REGISTER,
        "userinfo_endpoint": url + addresses.USERINFO,
        "jwks_uri": url + addresses.JWKS,
        "scopes_supported": list(scopes.FOR_PEOPLE),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "token_endpoint_auth_methods_supported": list(EVERY_METHOD),
        "token_endpoint_auth_signing_alg_values_supported": list(app_keys.ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(EVERY_METHOD),
        "revocation_endpoint_auth_signing_alg_values_supported": list(app_keys.ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": list(CONFIDENTIAL),
        "introspection_endpoint_auth_signing_alg_values_supported": list(app_keys.ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,  # RFC 9207 s3
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": _CLAIMS,
        "prompt_values_supported": list(PROMPTS),
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,  # left out would mean true
        "protected_resources": [service.issuer.resource],
    }


def resource_metadata(service: TokenService) -> dict[str, Any]:
    """RFC 9728 s2."""
    return {
        "resource": service.issuer.resource,
        "resource_name": service.hub_name,
        "authorization_servers": [service.issuer.url],
        "scopes_supported": list(scopes.FOR_PEOPLE),
        "bearer_methods_supported": ["header"],
    }


_CLAIMS = [
    *("iss", "sub", "aud", "exp", "iat", "auth_time", "amr", "nonce", "at_hash"),
    *("name", "locale"),
]
