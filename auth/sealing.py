"""The hub's secret, and what is sealed with it: private keys, as they lie in the database.

A copy of the database alone must not be enough to speak for the hub. The secret is given to the
hub by whoever runs it, or made once and kept beside the embedded database; see `auth/keys.py`.
"""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import Problem
from domain.outside import Chance

FILE = "secret.key"
LEAST_LENGTH = 32
_NONCE = 12


class SecretProblem(Problem):
    """The hub's secret is missing, too short, or another one than before."""

    code: ClassVar[str] = "SECRET_KEY"


@dataclass(frozen=True, slots=True)
class HubSecret:
    value: bytes
    made_now: Path | None = None  # a new file, that its operator should be told to back up


def given_secret(text: str) -> HubSecret:
    """The secret of a setting."""
    if len(text) < LEAST_LENGTH:
        raise SecretProblem(
            f"CONVOKE_SECRET_KEY must have at least {LEAST_LENGTH} characters that nobody can "
            "guess, such as the output of: openssl rand -hex 32"
        )
    return HubSecret(text.encode())


def kept_secret(directory: Path, chance: Chance) -> HubSecret:
    """The secret kept in the data directory; made there the first time, for its owner alone.

    It appears under its name only when it is whole, so that two processes that start together,
    or a power cut, leave one good file: `link` never replaces what is there.
    """
    file = directory / FILE
    if not file.exists():
        text = base64.urlsafe_b64encode(chance.token_bytes(32))
        draft = directory / f".{FILE}.{chance.token_bytes(8).hex()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(text + b"\n")
            out.flush()
            os.fsync(descriptor)
        try:
            os.link(draft, file)
        except FileExistsError:
            return _read(file)
        finally:
            draft.unlink()
        return HubSecret(text, made_now=file)
    return _read(file)


def _read(file: Path) -> HubSecret:
    value = file.read_bytes().strip()
    if len(value) < LEAST_LENGTH:
        raise SecretProblem(
            f"{file} is damaged. Put it back from a backup; without one, remove it and run "
            "`./convoke keys renew`, after which every app asks for a new token."
        )
    return HubSecret(value)


class Sealer:
    """Seals small things so that only this hub opens them, and only under the same name."""

    def __init__(self, secret: HubSecret, chance: Chance) -> None:
        # One secret, one key for each use of it.
        derive = HKDF(SHA256(), length=32, salt=None, info=b"convoke: sealed at rest")
        self._cipher = AESGCM(derive.derive(secret.value))
        self._chance = chance

    def seal(self, name: str, content: bytes) -> bytes:
        nonce = self._chance.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, name.encode())

    def open(self, name: str, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
        except InvalidTag:
            raise SecretProblem(
                "This hub's keys were sealed with another secret. Give back the CONVOKE_SECRET_KEY "
                f"(or the file {FILE} in the data directory) it had before; if it is lost, run "
                "`./convoke keys renew`, after which every app asks for a new token."
            ) from None
