"""Where identity is served, as paths under the hub's own address."""

TOKEN = "/oauth/token"  # noqa: S105  # an address
REVOKE = "/oauth/revoke"
INTROSPECT = "/oauth/introspect"
DEVICE_AUTHORIZATION = "/oauth/device_authorization"
REGISTER = "/oauth/register"
USERINFO = "/oauth/userinfo"
JWKS = "/oauth/jwks"
SERVER_METADATA = "/.well-known/oauth-authorization-server"
OPENID_CONFIGURATION = "/.well-known/openid-configuration"
RESOURCE_METADATA = "/.well-known/oauth-protected-resource"
RESOURCE = "/graphql"

# Between hubs: who this one is, and how it shows at others that it is the one.
HUB = "/.well-known/convoke"
CLIENT_METADATA = "/.well-known/convoke/client"
CLIENT_KEYS = "/.well-known/convoke/client-keys"
PROPOSALS = "/federation/proposals"
POKE = "/federation/poke"
