"""An app registers itself: RFC 7591. Nobody vouches for it, and the consent page says so.

It may act for people who let it in, and never by itself; it may ask for little where it names
nothing, and never for what binds or changes an organization. What this hub does not use of what is
sent is left out of the answer, as s3.2.1 has it: above all `logo_uri`, because a stranger's picture
on our page would speak louder than the words that say nobody knows the app.
"""

# pyright: reportIncompatibleVariableOverride=false
# The stubs it has for Authlib describe another release.

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]

from auth import app_addresses, app_keys, app_wishes, scopes
from auth.app_wishes import Checked
from auth.clients import SECRET_PREFIX, Registered
from auth.desk import Desk, digest_of
from auth.keys import ALGORITHM
from domain.apps import AuthMethod, GrantType, RegisteredBy
from domain.errors import Invalid
from storage import credentials
from storage.credentials import Client
from storage.engine import Writing

# Enough to show people what they see elsewhere, to know them again, and to stay connected.
WITHOUT_ASKING = ("openid", "offline_access", *scopes.DEFAULT)
MAY_ASK_FOR = tuple(
    name
    for name in scopes.FOR_PEOPLE
    if name not in scopes.BUILT_IN_ONLY | {"alliances:agree", "audit:read"}
)
WAYS = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN, GrantType.DEVICE_CODE)
UNUSED = timedelta(days=30)

_NOBODYS_NAME = "An app without a name"


class RegistrationRefusedError(OAuth2Error):  # type: ignore[misc]
    """RFC 7591 s3.2.2."""

    error = "invalid_client_metadata"

    def __init__(self, problem: Invalid) -> None:
        is_redirect = problem.field == ("redirect_uris",)
        super().__init__(
            error="invalid_redirect_uri" if is_redirect else self.error,
            description=problem.message,
        )


async def register(desk: Desk, given: Mapping[str, Any]) -> Registered:
    """Raises `RegistrationRefusedError`."""
    try:
        wished = _Wished(given)
        checked = wished.checked()
        client = Client(
            id=desk.named("app"),
            organization_id=None,
            name=checked.name,
            scopes=checked.scopes,
            created_at=desk.clock.now(),
            registered_by=RegisteredBy.ITSELF,
            grant_types=checked.grant_types,
            auth_method=checked.auth_method,
            redirect_uris=checked.redirect_uris,
            jwks=checked.jwks,
            jwks_uri=wished.keys_elsewhere(),
            client_uri=app_addresses.page(wished.text("client_uri"), "client_uri"),
            policy_uri=app_addresses.page(wished.text("policy_uri"), "policy_uri"),
            tos_uri=app_addresses.page(wished.text("tos_uri"), "tos_uri"),
        )
    except Invalid as problem:
        raise RegistrationRefusedError(problem) from None
    has_secret = client.auth_method is AuthMethod.SECRET_BASIC
    secret = desk.secret(SECRET_PREFIX) if has_secret else None
    async with desk.database.writing() as db:
        await credentials.add_client(db, client, None if secret is None else digest_of(secret))
        await desk.note(
            db, "client.register_itself", client_id=client.id, detail=" ".join(client.scopes)
        )
    return Registered(client, secret)


def answer(made: Registered) -> dict[str, Any]:
    """RFC 7591 s3.2.1: all that was registered, also what was not asked for."""
    client = made.client
    asks_in_browsers = GrantType.AUTHORIZATION_CODE in client.grant_types
    said: dict[str, Any] = {
        "client_id": client.id,
        "client_id_issued_at": int(client.created_at.timestamp()),
        "client_name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "grant_types": [str(grant_type) for grant_type in client.grant_types],
        "response_types": ["code"] if asks_in_browsers else [],
        "token_endpoint_auth_method": str(client.auth_method),
        "scope": " ".join(client.scopes),
        "id_token_signed_response_alg": ALGORITHM,  # OpenID Connect's own default is another
        "jwks": client.jwks,
        "jwks_uri": client.jwks_uri,
        "client_uri": client.client_uri,
        "policy_uri": client.policy_uri,
        "tos_uri": client.tos_uri,
    }
    if made.secret is not None:
        said |= {"client_secret": made.secret, "client_secret_expires_at": 0}
    return {name: value for name, value in said.items() if value is not None}


async def forget_unused(db: Writing, now: datetime, limit: int) -> int:
    """Those that registered themselves a month ago, and that nobody lets in; how many."""
    return await credentials.forget_unused(db, RegisteredBy.ITSELF, now - UNUSED, limit)


class _Wished:
    """A stranger's JSON. What is not understood in it is passed over (RFC 7591 s2)."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def checked(self) -> Checked:
        method = self._auth_method()
        redirect_uris = app_addresses.redirect_uris(self._words("redirect_uris", ()))
        ways = self._ways(redirect_uris)
        name = self.text("client_name")
        return Checked(
            name=_NOBODYS_NAME if name is None else app_wishes.named(name, "client_name"),
            scopes=self._scopes(),
            grant_types=ways,
            auth_method=method,
            redirect_uris=redirect_uris,
            jwks=self._keys(method),
        )

    def keys_elsewhere(self) -> str | None:
        return app_addresses.keys(self.text("jwks_uri"))

    def text(self, name: str) -> str | None:
        value = self._given.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise Invalid(f"{name} is a text.", (name,))
        return value

    def _words(self, name: str, otherwise: Sequence[str]) -> list[str]:
        value = self._given.get(name)
        if value is None:
            return list(otherwise)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Invalid(f"{name} is a list of texts.", (name,))
        return value

    def _auth_method(self) -> AuthMethod:
        method = self.text("token_endpoint_auth_method") or AuthMethod.SECRET_BASIC
        if method not in set(AuthMethod):
            raise Invalid(
                f"token_endpoint_auth_method is one of {', '.join(AuthMethod)}.",
                ("token_endpoint_auth_method",),
            )
        return AuthMethod(method)

    def _ways(self, redirect_uris: Sequence[str]) -> tuple[GrantType, ...]:
        named = self._words("grant_types", [GrantType.AUTHORIZATION_CODE])
        if not set(named) <= set(WAYS) or not set(named) - {GrantType.REFRESH_TOKEN}:
            raise Invalid(
                f"grant_types are of {', '.join(WAYS)}. To act without a person, an app is "
                "registered by its organization.",
                ("grant_types",),
            )
        by_code = GrantType.AUTHORIZATION_CODE in named
        if self._words("response_types", ["code"] if by_code else []) != (
            ["code"] if by_code else []
        ):
            raise Invalid("response_types is code, with authorization_code.", ("response_types",))
        if by_code and not redirect_uris:
            raise Invalid("Name the redirect_uris.", ("redirect_uris",))
        return tuple(way for way in WAYS if way in named)

    def _scopes(self) -> tuple[str, ...]:
        asked = (self.text("scope") or " ".join(WITHOUT_ASKING)).split()
        beyond = sorted(set(asked) - set(MAY_ASK_FOR))
        if beyond:
            raise Invalid(
                f"scope: an app that registers itself may not ask for {' '.join(beyond)[:200]}.",
                ("scope",),
            )
        return scopes.in_order(asked)

    def _keys(self, method: AuthMethod) -> dict[str, Any] | None:
        given, elsewhere = self._given.get("jwks"), self.text("jwks_uri")
        if method is not AuthMethod.PRIVATE_KEY_JWT:
            if given is not None or elsewhere is not None:
                raise Invalid(
                    "jwks: keys are for token_endpoint_auth_method=private_key_jwt.", ("jwks",)
                )
            return None
        if (given is None) == (elsewhere is None):
            raise Invalid("Send jwks, or jwks_uri, and not both.", ("jwks",))
        return None if given is None else app_keys.checked(given)
