"""The kinds of value that a setting may have: each reads a text, or says in ValueError what is allowed.

`web/settings.py` has the settings themselves.
"""

import ipaddress
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from auth.sealing import LEAST_LENGTH
from domain import embedding
from domain.errors import Invalid
from domain.people import email_address
from web.addresses import networks

DRIVER = "postgresql+asyncpg"
MAIL_PORTS = {"smtp": 587, "smtps": 465}  # RFC 8314 s3.3, s7.3


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes our letters on. `is_tls` from the first byte; otherwise STARTTLS, unless it is this
    machine itself."""

    host: str
    port: int
    is_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_this_machine(self) -> bool:
        return is_this_machine(self.host)


def whole(least: int, most: int) -> Callable[[str], int]:
    def read_whole(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read_whole


def number(least: float, most: float) -> Callable[[str], float]:
    def read_number(text: str) -> float:
        allowed = f"a number from {least:g} to {most:g}"
        try:
            given = float(text)
        except ValueError:
            raise ValueError(allowed) from None
        if not math.isfinite(given) or not least <= given <= most:
            raise ValueError(allowed)
        return given

    return read_number


def address(text: str) -> str:
    """One to listen on; a name other than localhost may come to be another machine's."""
    if text != "localhost":
        try:
            ipaddress.ip_address(text)
        except ValueError:
            raise ValueError("an IP address, such as 127.0.0.1, or localhost") from None
    return text


def base_url(text: str) -> str:
    """Scheme and authority alone: ids, links and tokens are made from it."""
    if not text:
        return ""
    allowed = "the hub's own address, such as https://hub.example, without a path"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(allowed) from None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        raise ValueError(allowed)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError(allowed)
    if parts.scheme == "http" and not is_this_machine(host):
        raise ValueError("https, except on this machine (http://localhost:8000)")
    shown = f"[{host}]" if ":" in host else host
    known = {"http": 80, "https": 443}[parts.scheme]  # one hub, one spelling
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != known else "")


def is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761 s6.3
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def directory(usual: Path) -> Callable[[str], Path]:
    def read_directory(text: str) -> Path:
        return Path(text).expanduser().absolute() if text else usual

    return read_directory


def name(text: str) -> str:
    if len(text) > 100 or not text.isprintable():
        raise ValueError("a name of at most 100 characters, in one line")
    return text


def database_url(text: str) -> str | None:
    """As hosts hand it out (postgres://), made to name our driver."""
    if not text:
        return None
    scheme, separator, rest = text.partition("://")
    if scheme not in {"postgres", "postgresql", DRIVER} or not separator or not rest:
        raise ValueError("a PostgreSQL address, such as postgresql://user:password@host/database")
    place, _, query = rest.partition("?")
    # libpq's name for it, which hosts hand out, and our driver's.
    options = [("ssl" if k == "sslmode" else k, v) for k, v in parse_qsl(query)]
    return f"{DRIVER}://{place}" + (f"?{urlencode(options)}" if options else "")


def proxies(text: str) -> tuple[str, ...]:
    given = tuple(each.strip() for each in text.split(",") if each.strip())
    try:
        networks(given)
    except ValueError:
        allowed = "addresses and networks, such as 10.0.0.7, 10.1.0.0/16, with commas between them"
        raise ValueError(allowed) from None
    return given


def sites(text: str) -> tuple[str, ...]:
    """This machine too, which only whoever runs the hub can name here."""
    try:
        return embedding.sites(text.split(","), allow_loopback=True)
    except Invalid:
        allowed = f"at most {embedding.MOST} sites such as https://www.city.example, with commas"
        raise ValueError(f"{allowed} between them") from None


def either(this: str, that: str, *, true: str) -> Callable[[str], bool]:
    def read_word(text: str) -> bool:
        if text not in {this, that}:
            raise ValueError(f"{this} or {that}")
        return text == true

    return read_word


def secret_key(text: str) -> str | None:
    if text and len(text) < LEAST_LENGTH:
        raise ValueError(
            f"at least {LEAST_LENGTH} characters that nobody can guess, such as the output of: "
            "openssl rand -hex 32"
        )
    return text or None


def access_token(text: str) -> str | None:
    allowed = "at least 16 letters, digits and -._~+/= that nobody can guess"
    if text and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,500}", text):  # RFC 6750 s2.1
        raise ValueError(allowed)
    return text or None


def mail_server(text: str) -> MailServer | None:
    if not text:
        return None
    allowed = ValueError(
        "a mail server, such as smtp://user:password@mail.example:587 or smtps://mail.example, "
        "with what is no letter or digit in a name or password written like %40"
    )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise allowed from None
    rest = parts.path not in {"", "/"} or parts.query or parts.fragment
    if parts.scheme not in MAIL_PORTS or not parts.hostname or port == 0 or rest:
        raise allowed
    if (parts.username is None) != (parts.password is None):
        raise allowed
    return MailServer(
        parts.hostname,
        port or MAIL_PORTS[parts.scheme],
        parts.scheme == "smtps",
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
    )


def mail_address(text: str) -> str:
    """In ASCII: not every server takes another one as the sender (RFC 6531 s3.2)."""
    if not text:
        return ""
    try:
        if not text.isascii() or not text.isprintable():
            raise Invalid("It is not ASCII.")
        return email_address(text, ("address",))
    except Invalid:
        raise ValueError("an address to write from, such as hub@pantry.example") from None


def slug_or_nothing(text: str) -> str:
    if text and not re.fullmatch(r"[a-z0-9-]{1,100}", text):
        raise ValueError("the short name of an organization, as in its address")
    return text
