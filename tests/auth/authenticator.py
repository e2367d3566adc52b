"""An authenticator in software, which keeps passkeys and can misbehave in every way we know of.

WebAuthn Level 3: s5.8.1 (what the browser adds), s6.1 (authenticator data), s6.5 (attestation).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
HONEST = UP | UV


def written(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode()


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def cose(key: EllipticCurvePrivateKey) -> dict[int, Any]:
    """RFC 9053 s7.1.1: ES256 on P-256."""
    point = key.public_key().public_numbers()
    return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}


@dataclass(frozen=True)
class Manner:
    """How it answers. What is None is as the question says; `client_data` and `response` are put
    over what is honest."""

    origin: str = "http://hub.test"
    rp_id: str | None = None
    challenge: str | None = None
    kind: str | None = None  # "webauthn.get" or "webauthn.create"
    flags: int = HONEST
    handle: bytes | None = None
    client_data: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)
    whole: Mapping[str, Any] = field(default_factory=dict)
    public_key: Any = None  # COSE, or anything else
    attestation: Mapping[str, Any] | None = None
    attested_id: bytes | None = None
    count: int | None = None


@dataclass
class Kept:
    """One passkey."""

    credential_id: bytes
    key: EllipticCurvePrivateKey
    rp_id: str
    handle: bytes


@dataclass
class Authenticator:
    """`counts` is how many times it signed; one that is on many devices does not count."""

    counts: bool = True
    kept: list[Kept] = field(default_factory=list)
    count: int = 0

    def create(self, asked: str, manner: Manner | None = None, id_bytes: int = 32) -> str:
        manner, options = manner or Manner(), json.loads(asked)
        key = generate_private_key(SECP256R1())
        made = Kept(
            hashlib.shake_256(str(key.private_numbers().private_value).encode()).digest(id_bytes),
            key,
            options["rp"]["id"],
            read(options["user"]["id"]),
        )
        self.kept.append(made)
        public = cose(key) if manner.public_key is None else manner.public_key
        data = self._data(made.rp_id, manner, AT)
        credential_id = made.credential_id if manner.attested_id is None else manner.attested_id
        data += bytes(16) + len(credential_id).to_bytes(2) + credential_id
        data += public if isinstance(public, bytes) else cbor2.dumps(public)
        client = self._client("webauthn.create", options, manner)
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        response = {
            "clientDataJSON": written(client),
            "attestationObject": written(
                cbor2.dumps({**attestation, **(manner.attestation or {})})
            ),
            "transports": ["internal", "hybrid", "something new"],
        }
        return self._answer(made, {**response, **manner.response}, manner)

    def get(self, asked: str, manner: Manner | None = None, which: int | None = None) -> str:
        """By the last passkey that the question allows; or by `which`, allowed or not."""
        manner, options = manner or Manner(), json.loads(asked)
        allowed = [read(each["id"]) for each in options["allowCredentials"]]
        fits = [each for each in self.kept if not allowed or each.credential_id in allowed]
        used = fits[-1] if which is None else self.kept[which]
        data, client = self._data(used.rp_id, manner), self._client("webauthn.get", options, manner)
        signature = used.key.sign(data + hashlib.sha256(client).digest(), ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": written(client),
            "authenticatorData": written(data),
            "signature": written(signature),
            "userHandle": written(used.handle if manner.handle is None else manner.handle),
        }
        return self._answer(used, {**response, **manner.response}, manner)

    def copied(self) -> "Authenticator":
        """Another device with the same keys, and its own count."""
        return replace(self, kept=list(self.kept))

    def _data(self, rp_id: str, manner: Manner, flags: int = 0) -> bytes:
        self.count += 1 if self.counts else 0
        count = self.count if manner.count is None else manner.count
        hashed = hashlib.sha256((manner.rp_id or rp_id).encode()).digest()
        return hashed + bytes([manner.flags | flags]) + count.to_bytes(4)

    def _client(self, kind: str, options: Mapping[str, Any], manner: Manner) -> bytes:
        said = {
            "type": manner.kind or kind,
            "challenge": manner.challenge or options["challenge"],
            "origin": manner.origin,
            "crossOrigin": False,
        }
        return json.dumps({**said, **manner.client_data}).encode()

    def _answer(self, used: Kept, response: Mapping[str, Any], manner: Manner) -> str:
        name = written(used.credential_id)
        given = {"id": name, "rawId": name, "type": "public-key", "response": dict(response)}
        return json.dumps({**given, **manner.whole})
