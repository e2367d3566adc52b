"""Words from a stranger's calendar: unescaped, cleaned of what may not be stored, cut to size.

HTML is told as plain text: its lines, its bullets, and where its links lead. What nh3 cannot make
harmless never gets that far.
"""

import html
import re

import nh3
from icalendar.parser import unescape_backslash

from domain.texts import LINE

MOST_CATEGORIES = 20
CATEGORY = 60
ADDRESS = 2_000  # characters in a web address

# What PostgreSQL cannot store (NUL, lone surrogates) and nobody can read.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_BLANK_LINES = re.compile(r"\n[ \t\n]*\n")
_UNESCAPED_COMMA = re.compile(r"(?<!\\),")
_WEB = re.compile(r"https?://[^\s<>\"\\^`{|}]+", re.IGNORECASE)

_LOOKS_LIKE_HTML = re.compile(
    r"</?(?:p|br|a|b|i|u|em|strong|div|span|ul|ol|li|h[1-6]|table|td|img|html|body|font)"
    r"(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)
_TAGS = {"p", "br", "a", "b", "strong", "i", "em", "ul", "ol", "li", "blockquote", "h3", "h4"}
_MOST_HTML = 20_000  # characters
_MOST_TAGS = 500  # the sanitizer's time grows with the square of how deep they are nested
# These read what nh3 has written: every tag closed and every < of the text escaped.
_ANCHOR = re.compile(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_NEW_LINE = re.compile(r"<br>|</(?:p|ul|ol|blockquote|h3|h4)>")
_BULLET = re.compile(r"<li>\s*")
_TAG = re.compile(r"<[^>]*>")


def text(escaped: str) -> str:
    """A TEXT value (RFC 5545 s3.3.11) as people should see it; lines are kept."""
    return cleaned(unescape_backslash(escaped))


def cleaned(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return _BLANK_LINES.sub("\n\n", _CONTROL.sub("", value)).strip()


def one_line(value: str) -> str:
    return " ".join(value.split())


def shortened(value: str, most: int) -> str:
    return value if len(value) <= most else value[: most - 1].rstrip() + "…"


def title(escaped: str) -> str:
    words = text(escaped)
    if looks_like_html(words):
        words = plain(words)
    return shortened(one_line(cleaned(html.unescape(words))), LINE)


def categories(escaped: str) -> list[str]:
    found = [one_line(text(part)) for part in _UNESCAPED_COMMA.split(escaped)]
    return [shortened(word, CATEGORY) for word in found if word]


def web_address(value: str) -> str | None:
    """The address, if it is one of the web: never javascript:, data: or file:."""
    address = cleaned(value).strip("<>")
    return address if len(address) <= ADDRESS and _WEB.fullmatch(address) else None


def looks_like_html(value: str) -> bool:
    return _LOOKS_LIKE_HTML.search(value) is not None


def sanitized(markup: str) -> str | None:
    """The allowed tags of it, or None where it is far too much to be somebody's words."""
    if len(markup) > _MOST_HTML or markup.count("<") > _MOST_TAGS:
        return None
    return nh3.clean(
        cleaned(markup),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    ).strip()


def plain(markup: str) -> str:
    """Markup as plain text: its lines, its bullets, and where its links lead."""
    kept = sanitized(markup)
    if kept is None:
        return cleaned(html.unescape(re.sub(r"<[^<>]{0,1000}>", " ", markup)))
    kept = _BULLET.sub("\n- ", _NEW_LINE.sub("\n", _ANCHOR.sub(_link, kept)))
    return cleaned(html.unescape(_TAG.sub("", kept)))


def _link(found: re.Match[str]) -> str:
    address, label = found[1], _TAG.sub("", found[2]).strip()
    return label if not label or address.rstrip("/") in label else f"{label} ({address})"
