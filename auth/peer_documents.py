"""What this hub says of itself to other hubs: who it is and where it is asked, and, as a client of
theirs, by which keys it signs. `federation/documents.py` reads the same of others.

The client's document has the words of RFC 7591 s2, in the shape of
draft-ietf-oauth-client-id-metadata-document: its `client_id` is its own address.
"""

from typing import Any

from auth import addresses, peer_clients
from auth.service import TokenService
from domain.hubs import SOFTWARE, LocalHub
from domain.peering import MOST_A_PAGE, POLL_SECONDS, RETENTION_DAYS, SCHEMA_VERSION


def hub_document(service: TokenService, hub: LocalHub) -> dict[str, Any]:
    url = service.issuer.url
    return {
        "hub": hub.id,
        "name": hub.name,
        "software": SOFTWARE,
        "url": url,
        "schema_version": SCHEMA_VERSION,
        "graphql_endpoint": service.issuer.resource,
        "issuer": url,
        "token_endpoint": url + addresses.TOKEN,
        "jwks_uri": url + addresses.JWKS,
        "client_metadata_url": url + addresses.CLIENT_METADATA,
        "client_jwks_uri": url + addresses.CLIENT_KEYS,
        "poke_endpoint": url + addresses.POKE,
        "proposals_endpoint": url + addresses.PROPOSALS,
        "limits": {
            "page": MOST_A_PAGE,
            "poll_seconds": POLL_SECONDS,
            "retention_days": RETENTION_DAYS,
        },
    }


def client_document(service: TokenService, hub: LocalHub) -> dict[str, Any]:
    url = service.issuer.url
    return {
        "client_id": url + addresses.CLIENT_METADATA,
        "client_name": hub.name,
        "client_uri": url,
        "grant_types": [str(grant) for grant in peer_clients.GRANT_TYPES],
        "response_types": [],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": url + addresses.CLIENT_KEYS,
        "scope": " ".join(peer_clients.SCOPES),
        "software_id": SOFTWARE.partition("/")[0],
        "software_version": SOFTWARE.partition("/")[2],
    }
