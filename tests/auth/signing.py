"""A machine of the Pantry that shows who it is by signing, with a key of its own."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from auth.app_wishes import Wish
from auth.client_assertions import TYPE
from tests.auth.people import Office

SCOPES = ("organizations:read", "events:read")


def made_key(algorithm: str = "ES256", kid: str | None = "one") -> Key:
    parameters: Any = {} if kid is None else {"kid": kid}
    match algorithm:
        case "ES256":
            return ECKey.generate_key("P-256", parameters)
        case "Ed25519":
            return OKPKey.generate_key("Ed25519", parameters)
        case _:
            return RSAKey.generate_key(2_048, parameters)


def public(*keys: Key) -> dict[str, Any]:
    return {"keys": [dict(key.as_dict(private=False)) for key in keys]}


def part(content: object) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def signature(text: str, algorithm: str, key: Key) -> str:
    return part(jws.JWSRegistry.algorithms[algorithm].sign(text.encode(), key))


def signed(header: dict[str, Any], claims: object, key: Key) -> str:
    """Whatever the header says, signed by that key with the algorithm it names."""
    text = f"{part(header)}.{part(claims)}"
    return f"{text}.{signature(text, header['alg'], key)}"


@dataclass
class Signer:
    """`sent` counts, so that no two assertions have one name."""

    office: Office
    client_id: str
    key: Key
    algorithm: str = "ES256"
    sent: list[str] = field(default_factory=list)

    def header(self, **changed: Any) -> dict[str, Any]:
        usual = {"alg": self.algorithm, "kid": self.key.kid}
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(self.office.desk.clock.now().timestamp())
        self.sent.append("")
        usual = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.office.service.issuer.url,
            "iat": now,
            "exp": now + 60,
            "jti": f"assertion-{len(self.sent)}",
        }
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def assertion(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        return signed(self.header(**(header or {})), self.claims(**claims), self.key)

    async def ask(self, assertion: str, **fields: str | None) -> httpx.Response:
        usual = {
            "grant_type": "client_credentials",
            "client_assertion_type": TYPE,
            "client_assertion": assertion,
        }
        sent = {name: value for name, value in {**usual, **fields}.items() if value is not None}
        return await self.office.http.post("/oauth/token", data=sent)


async def signer(office: Office, algorithm: str = "ES256", kid: str | None = "one") -> Signer:
    key = made_key(algorithm, kid)
    wish = Wish(name="Pantry's signer", scopes=SCOPES, jwks=public(key))
    made = await office.desk.register_app("pantry", wish)
    assert made.secret is None
    return Signer(office, made.client.id, key, algorithm)
