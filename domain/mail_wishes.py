"""Ending the letters of one organization: by a link that is signed, and works without an account.

A link names the reader and the organization, and neither can be changed in it. The reader is named by
what only this hub can make of an address: the address itself is in no link, and in no row of those
who want no more letters.
"""

import base64
import hmac
from binascii import Error
from dataclasses import dataclass

from domain.ids import Kind, kind_of

KEY_BYTES = 32
_READER_BYTES = _SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Stop:
    """What a link ends: letters about one organization to one reader."""

    reader: bytes
    organization_id: str


def reader_of(key: bytes, address: str) -> bytes:
    return hmac.digest(key, b"reader\0" + address.lower().encode(), "sha256")[:_READER_BYTES]


def signed(key: bytes, stop: Stop) -> str:
    """As it stands in a link."""
    said = stop.reader + stop.organization_id.encode()
    return base64.urlsafe_b64encode(_signature(key, said) + said).decode().rstrip("=")


def opened(key: bytes, token: str) -> Stop | None:
    """What was signed; None where this hub did not sign it so."""
    try:
        whole = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (Error, ValueError):
        return None
    signature, said = whole[:_SIGNATURE_BYTES], whole[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(key, said)):
        return None
    stop = Stop(said[:_READER_BYTES], said[_READER_BYTES:].decode())
    return stop if kind_of(stop.organization_id) is Kind.ORGANIZATION else None


def _signature(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, b"stop\0" + said, "sha256")[:_SIGNATURE_BYTES]
