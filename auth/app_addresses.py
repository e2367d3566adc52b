"""The addresses that an app is registered with: where a browser may be sent, its pages, its keys.

Checked once, when they are registered, by whoever does it. Later they are compared as they stand
(`redirects.py`), shown, or asked through the guarded door out.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from domain.errors import Invalid
from domain.words import Count, say

MOST_REDIRECTS = 10
MOST_CHARACTERS = 2_000

# RFC 8252 s7.3, s8.3: advised against is `localhost`, and many apps know nothing else.
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# RFC 3986 s2, without what has to be escaped, and without a fragment.
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+", re.ASCII)
_NAME = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.?", re.ASCII | re.IGNORECASE)
# RFC 8252 s7.1: a domain of the app's own, read backwards. One without a dot is anybody's, and
# among those are javascript: and data:.
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:/.*", re.ASCII)


def redirect_uris(given: Sequence[str], field: str = "redirect_uris") -> tuple[str, ...]:
    """Each once; or `Invalid`, saying which is no good and why."""
    if len(given) > MOST_REDIRECTS:
        raise Invalid(
            say("%(field)s: at most %(most)s addresses.", field=field, most=MOST_REDIRECTS),
            (field,),
        )
    return tuple(dict.fromkeys(_redirect(one, field) for one in given))


def page(given: str | None, field: str) -> str | None:
    """A page of the app's for people to read."""
    if given is None:
        return None
    parts = _parsed(given, field)
    if parts.scheme != "https" or not _is_somewhere(parts):
        raise _no_good(
            given, field, say("it begins with https:// and a host, without a name before it")
        )
    return given


def keys(given: str | None, field: str = "jwks_uri") -> str | None:
    """Where the app publishes its public keys, which this hub will ask: a name out there. Where it
    leads is looked at each time (`federation/client.py`)."""
    if given is None:
        return None
    address = page(given, field)
    host = urlsplit(given).hostname or ""
    if _is_number(host) or "." not in host.rstrip(".") or host.rstrip(".").endswith(".localhost"):
        raise _no_good(given, field, say("its host is a public name, like keys.example.org"))
    return address


def _redirect(given: str, field: str) -> str:
    parts = _parsed(given, field)
    if parts.scheme == "https" and _is_somewhere(parts):
        return given
    if parts.scheme == "http" and parts.hostname in _LOOPBACK and _is_somewhere(parts):
        return given
    if parts.scheme not in {"http", "https"} and _OWN_SCHEME.fullmatch(given):
        return given
    raise _no_good(
        given,
        field,
        say(
            "it begins with https:// and a host, or with http://127.0.0.1 for an app on the person's "
            "machine, or with a scheme like org.example.app:/"
        ),
    )


def _parsed(given: str, field: str) -> SplitResult:
    if not 0 < len(given) <= MOST_CHARACTERS or not _CHARACTERS.fullmatch(given):
        raise _no_good(
            given,
            field,
            say(
                "at most %(most)s characters as they stand in addresses, and no #",
                most=Count(MOST_CHARACTERS),
            ),
        )
    try:
        parts = urlsplit(given)
        _ = parts.port
    except ValueError:
        raise _no_good(given, field, say("this is no web address")) from None
    return parts


def _is_somewhere(parts: SplitResult) -> bool:
    """RFC 9700 s4.1.3: what stands before an @ is taken for the host by people."""
    host = parts.hostname or ""
    return "@" not in parts.netloc and bool(_NAME.fullmatch(host) or _is_number(host))


def _is_number(host: str) -> bool:
    """Also 2130706433 and 0x7f.1, which some resolvers read as an address."""
    try:
        ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return last.isdigit() or last.startswith("0x")
    return True


def _no_good(given: str, field: str, why: str) -> Invalid:
    shown = "".join(letter for letter in given[:100] if letter.isprintable())
    return Invalid(
        say("%(field)s: %(shown)s will not do: %(why)s.", field=field, shown=f"{shown!r}", why=why),
        (field,),
    )
