"""Apps that ask for tokens: who registered them, how they show who they are, what they may ask by.

The words are those of OAuth (RFC 6749, RFC 7591 s2), as they stand in rows and on the wire.
"""

from enum import StrEnum

from domain.actors import TeamRole


class RegisteredBy(StrEnum):
    """Who vouches for an app."""

    OPERATOR = "OPERATOR"
    TEAM = "TEAM"  # of the organization it belongs to
    ITSELF = "ITSELF"  # RFC 7591: nobody does
    BUILT_IN = "BUILT_IN"  # a part of the hub
    PEER = "PEER"  # another hub: those of this one who agreed to work with it


class AuthMethod(StrEnum):
    """How an app shows that it is the one: RFC 7591 s2 token_endpoint_auth_method."""

    NONE = "none"  # a public client: it has nothing that could be kept secret
    SECRET_BASIC = "client_secret_basic"  # noqa: S105  # the name of a method
    PRIVATE_KEY_JWT = "private_key_jwt"


class GrantType(StrEnum):
    """The ways to get a token."""

    CLIENT_CREDENTIALS = "client_credentials"
    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105  # the name of a way
    DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
    JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # a peer hub alone, for its people


def may_keep(role: TeamRole | None) -> bool:
    """Whether somebody in that role of a team looks after its apps: what an app may do for the
    organization, nobody else lets it."""
    return role in {TeamRole.OWNER, TeamRole.ADMIN}
