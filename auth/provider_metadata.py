"""What a provider says of itself (OpenID Connect Discovery 1.0 s3, RFC 8414), as far as it is used."""

from dataclasses import dataclass
from typing import Any

from auth.provider_outgoing import ProviderProblem
from domain.sign_in_providers import is_web_address
from domain.words import say

WHAT = say("The provider's description of itself")
MOST_BYTES = 100_000
WELL_KNOWN = "/.well-known/openid-configuration"

# Our own list, whatever the provider offers: no `none`, and nothing that is signed with a secret.
ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA")
BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """`names_itself`: it promises the `iss` parameter with each answer (RFC 9207 s3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    names_itself: bool
    auth_methods: frozenset[str]
    scopes: frozenset[str] | None

    @property
    def scope(self) -> str:
        """Who they are, and an address to show them which account it is; it identifies nobody."""
        return "openid email" if self.scopes is None or "email" in self.scopes else "openid"

    def auth_method(self, has_secret: bool) -> str:
        """How this hub shows the provider that it is its client."""
        if not has_secret:
            return NONE
        for method in (BASIC, POST):
            if method in self.auth_methods:
                return method
        raise ProviderProblem(
            say(
                "The provider's description of itself offers neither %(basic)s nor %(post)s, the two ways this hub can "
                "show its secret.",
                basic=BASIC,
                post=POST,
            )
        )


def address_of(issuer: str) -> str:
    """Discovery s4: a slash at the end goes before the rest is put on."""
    return issuer.removesuffix("/") + WELL_KNOWN


def checked(issuer: str, said: dict[str, Any], *, allow_loopback: bool) -> Metadata:
    """Raises `ProviderProblem` where it is another's, or cannot be used."""
    if said.get("issuer") != issuer:
        # Discovery s4.3: identical, to the last slash. Anything else may be a mix-up.
        raise ProviderProblem(
            say(
                "The provider's description of itself is of another issuer. Give the issuer exactly as it is there."
            )
        )

    def address(name: str) -> str:
        url = said.get(name)
        if not is_web_address(url, allow_loopback=allow_loopback):
            raise ProviderProblem(
                say("The provider's description of itself gives no %(name)s with https.", name=name)
            )
        return str(url)

    if "code" not in _words(said, "response_types_supported", {"code"}):
        raise ProviderProblem(
            say("The provider's description of itself does not offer the authorization code flow.")
        )
    if not _words(said, "id_token_signing_alg_values_supported", {"RS256"}) & set(ALGORITHMS):
        raise ProviderProblem(
            say(
                "The provider's description of itself offers none of the signatures this hub believes: %(algorithms)s.",
                algorithms=", ".join(ALGORITHMS),
            )
        )
    if "S256" not in _words(said, "code_challenge_methods_supported", {"S256"}):
        raise ProviderProblem(
            say(
                "The provider's description of itself offers proof keys, and not S256, which this hub sends."
            )
        )
    return Metadata(
        issuer=issuer,
        authorization_endpoint=address("authorization_endpoint"),
        token_endpoint=address("token_endpoint"),
        jwks_uri=address("jwks_uri"),
        userinfo_endpoint=address("userinfo_endpoint") if "userinfo_endpoint" in said else None,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
        auth_methods=_words(said, "token_endpoint_auth_methods_supported", {BASIC}),
        scopes=_words(said, "scopes_supported", set()) or None,
    )


def _words(said: dict[str, Any], name: str, otherwise: set[str]) -> frozenset[str]:
    """A list of words; where there is none, what the standard says of that."""
    given = said.get(name)
    if given is None:
        return frozenset(otherwise)
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        raise ProviderProblem(
            say("The provider's description of itself: %(name)s is no list of words.", name=name)
        )
    return frozenset(given)
