"""A browser in words: "Firefox on Android". Whatever it sends, the words are ours."""

import re

from languages import gettext as _
from web.account.visits import Visit

_LONGEST = 1_000  # of a User-Agent; what comes after says nothing more
# The first that fits: each of these also claims to be those beneath it.
_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera\b"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Vivaldi", r"\bVivaldi/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|Chromium)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Mac", r"\bMac OS X\b|\bMacintosh\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)


def device_of(visit: Visit) -> str:
    """What `auth.sessions.begin` is told, and a letter."""
    return described(visit.request.headers.get("user-agent", ""))


def described(user_agent: str) -> str:
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if system is None:
        return browser or _("a browser that does not say which")
    if browser is None:
        return _("A browser on %(system)s", system=system)
    return _("%(browser)s on %(system)s", browser=browser, system=system)


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    said = user_agent[:_LONGEST]
    return next((name for name, mark in names if re.search(mark, said)), None)
