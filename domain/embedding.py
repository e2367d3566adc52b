"""Which other sites may show dates of an organization in a frame of theirs: by their origins, as browsers
compare them (RFC 6454).

Each is named exactly. `https://*.example.org` would let in whoever is given a name there, today or in
ten years, and is refused.
"""

import re
from collections.abc import Iterable

from domain.errors import Invalid
from domain.words import say

MOST = 20
FIELD = ("sites",)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A name with a dot, whose last part is no number: policies know no addresses of IP (CSP 3 s6.7.2.10).
_SITE = re.compile(
    rf"https://(?P<host>(?:{_LABEL}\.)+(?![0-9])(?:{_LABEL}))(?P<port>:[0-9]{{1,5}})?"
)
_HERE = re.compile(r"https?://(?P<host>localhost|127\.0\.0\.1)(?P<port>:[0-9]{1,5})?")
_LONGEST_HOST = 253


def sites(texts: Iterable[str], *, allow_loopback: bool = False) -> tuple[str, ...]:
    """Those that are written there, in order, each once. Raises `Invalid`, naming the one that is none.
    `allow_loopback` is for development: this machine, also without https."""
    found = {
        site(text.strip(), allow_loopback=allow_loopback): None for text in texts if text.strip()
    }
    if len(found) > MOST:
        raise Invalid(
            say("sites: at most %(most)s; these are %(count)s.", most=MOST, count=len(found)),
            FIELD,
        )
    return tuple(sorted(found))


def site(text: str, *, allow_loopback: bool = False) -> str:
    """The origin as browsers write it: in small letters, without a port that goes without saying."""
    said = ascii(text[:100])
    if "*" in text:
        raise Invalid(
            say(
                "sites: %(said)s is not one site. Write each by its own address, without *.",
                said=said,
            ),
            FIELD,
        )
    written = text.lower().removesuffix("/")
    found = _SITE.fullmatch(written) or (allow_loopback and _HERE.fullmatch(written)) or None
    if found is None or len(found["host"]) > _LONGEST_HOST or not _is_port(found["port"]):
        raise Invalid(
            say(
                "sites: %(said)s is no address of a site. Write https:// and its name, and "
                "nothing behind that, like https://www.pantry.example.",
                said=said,
            ),
            FIELD,
        )
    usual = ":443" if written.startswith("https:") else ":80"
    return written.removesuffix(usual)


def _is_port(text: str | None) -> bool:
    return text is None or 0 < int(text[1:]) < 2**16
