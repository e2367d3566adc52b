"""Who the tester is as a hub: its id, its two keys, and what it signs.

It is kept in a file between runs, because a hub remembers the keys and the id of its peers, and takes
whoever comes with others for somebody else.
"""

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from auth import addresses, client_assertions, id_jag_issue
from auth.keys import ALGORITHM
from domain.errors import Invalid
from domain.ids import Kind, ulid
from domain.outside import Chance, Clock

ASSERTION_SECONDS = 60
ASSERTION_TYPE = "client-authentication+jwt"
_GROUP_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass
class Identity:
    """`url` is the address by which the hub that is tested reaches the tester. `agreed` are hubs that
    gave it a token once."""

    url: str
    hub_id: str
    people: ECKey
    asking: ECKey
    clock: Clock
    chance: Chance
    agreed: set[str] = field(default_factory=set)

    @property
    def authority(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def client_id(self) -> str:
        return self.url + addresses.CLIENT_METADATA

    def assertion(
        self,
        audience: object,
        *,
        key: ECKey | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """As a client, for that hub; `claims` and `header` instead of what should stand there."""
        now = int(self.clock.now().timestamp())
        usual = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": audience,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": self.name(),
        }
        return self._signed(ASSERTION_TYPE, usual | claims, key or self.asking, header)

    def form(self, proof: str, endpoint: str, /, **fields: str) -> dict[str, str]:
        """What is sent to a token endpoint with that assertion."""
        return {
            "resource": endpoint,
            "client_assertion_type": client_assertions.TYPE,
            "client_assertion": proof,
            **fields,
        }

    def access_token_like(self, issuer: str, audience: str) -> str:
        """One that says it is of that hub, signed by a key of the tester's."""
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": issuer,
            "aud": audience,
            "sub": self.client_id,
            "client_id": self.client_id,
            "scope": "events:read federation:sync",
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": self.name(),
        }
        return self._signed("at+jwt", claims, self.people, None)

    def vouched(self, issuer: str, resource: str, **claims: Any) -> str:
        """For a person of the tester's that there is not, of an organization that there is not."""
        now = int(self.clock.now().timestamp())
        usual = {
            "iss": self.url,
            "sub": self.made_up(Kind.PERSON),
            "aud": issuer,
            "client_id": self.client_id,
            "resource": resource,
            "scope": "events:read",
            "org": self.made_up(Kind.ORGANIZATION),
            "role": "VIEWER",
            "name": "Somebody of the tester",
            "jti": self.name(),
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
        }
        return self._signed(id_jag_issue.TYPE, usual | claims, self.people, None)

    def made_up(self, kind: Kind, authority: str | None = None) -> str:
        """An id that nothing bears."""
        made = ulid(self.clock.now(), self.chance.token_bytes(10))
        return f"{kind.value}_{made}@{authority or self.authority}"

    def name(self) -> str:
        return base64.urlsafe_b64encode(self.chance.token_bytes(16)).rstrip(b"=").decode()

    def _signed(
        self, kind: str, claims: Mapping[str, Any], key: ECKey, more: Mapping[str, Any] | None
    ) -> str:
        header = {"alg": ALGORITHM, "typ": kind, "kid": key.kid, **(more or {})}
        registry = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
        return jws.serialize_compact(header, json.dumps(claims), key, registry=registry)


def public(key: ECKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}


def made_key(chance: Chance) -> ECKey:
    number = int.from_bytes(chance.token_bytes(48)) % (_GROUP_ORDER - 1) + 1
    return _named(ECKey(ec.derive_private_key(number, ec.SECP256R1()), None))


def kept_identity(path: Path, url: str, clock: Clock, chance: Chance) -> Identity:
    """Of that address, from the file; made, and kept there, the first time."""
    known = _read(path).get(url)
    if known is None:
        authority = urlsplit(url).netloc
        hub_id = f"{Kind.HUB.value}_{ulid(clock.now(), chance.token_bytes(10))}@{authority}"
        made = Identity(url, hub_id, made_key(chance), made_key(chance), clock, chance)
        keep(path, made)
        return made
    people, asking = (_named(ECKey.import_key(known[name])) for name in ("people", "asking"))
    return Identity(url, known["hub"], people, asking, clock, chance, set(known["agreed"]))


def keep(path: Path, identity: Identity) -> None:
    """For its owner alone: whoever has the keys is the tester."""
    known = _read(path) | {
        identity.url: {
            "hub": identity.hub_id,
            "people": identity.people.as_dict(private=True),
            "asking": identity.asking.as_dict(private=True),
            "agreed": sorted(identity.agreed),
        }
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(known, file)
    beside.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as wrong:
        raise Invalid(
            f"{path} cannot be read ({wrong}): move it away, or name another file."
        ) from None
    if not isinstance(read, dict):
        raise Invalid(f"{path} is not what the tester kept: move it away, or name another file.")
    return read


def _named(key: ECKey) -> ECKey:
    """Its name is its thumbprint (RFC 7638), as in every ring here."""
    return ECKey.import_key({**key.as_dict(private=True), "kid": key.thumbprint()})
