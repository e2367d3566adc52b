"""An organization's own sign-in: who of its team may set it up, and what may be given for it.

OpenID Connect Core 1.0 and Discovery 1.0. What a provider then says is believed or not in
`auth/provider_metadata.py`, `provider_keys.py` and `provider_tokens.py`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from domain import texts
from domain.actors import TeamRole
from domain.errors import Invalid

MOST_OF_AN_ORGANIZATION = 10
NAME = 60  # characters
_VISIBLE = re.compile(r"[\x21-\x7e]{1,500}", re.ASCII)
_CLIENT_ID = re.compile(r"[\x20-\x7e]{1,500}", re.ASCII)  # RFC 6749 appendix A.1
_SECRET = re.compile(r"[\x20-\x7e]{1,2000}", re.ASCII)  # RFC 6749 appendix A.2
_HERE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInProvider:
    """What an organization trusts to say who its people are. `secret` is sealed; a public client
    of the provider has none."""

    id: str
    organization_id: str
    organization: str  # its name
    name: str
    issuer: str
    client_id: str
    secret: bytes | None
    created_at: datetime


def may_keep(role: TeamRole | None) -> bool:
    """Who adds and removes them: whoever can is able to let themselves in as a colleague."""
    return role in {TeamRole.OWNER, TeamRole.ADMIN}


def checked_name(text: str) -> str:
    return texts.line(text, ("name",), NAME)


def checked_client_id(text: str) -> str:
    if not _CLIENT_ID.fullmatch(text.strip()):
        raise Invalid("The client id is what the provider shows for this hub's app.", ("clientId",))
    return text.strip()


def checked_secret(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    if not _SECRET.fullmatch(text.strip()):
        raise Invalid("The client secret is one line of plain letters.", ("clientSecret",))
    return text.strip()


def checked_issuer(text: str, *, allow_loopback: bool) -> str:
    """Discovery s3: an https URL without query and fragment. It stays exactly as it was given."""
    issuer = text.strip()
    if not is_web_address(issuer, allow_loopback=allow_loopback) or set("?#") & set(issuer):
        raise Invalid(
            "The issuer is the provider's address, such as https://accounts.google.com, exactly as "
            "its documents give it: https, without ? and #.",
            ("issuer",),
        )
    return issuer


def is_web_address(text: object, *, allow_loopback: bool) -> bool:
    """An address that a person may be sent to, or a secret: https, and nobody's name in it."""
    if not isinstance(text, str) or not _VISIBLE.fullmatch(text) or set('\\<>"') & set(text):
        return False
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or port == 0 or parts.fragment:
        return False
    at_home = allow_loopback and (host in _HERE or host.endswith(".localhost"))
    return parts.scheme == "https" or (parts.scheme == "http" and at_home)
