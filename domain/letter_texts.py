"""Words of others as they may stand in a letter: in their line, in their direction, and no commands.

Titles and names come from other organizations, and from other hubs. In a subject a line break would
begin another header (RFC 5322 s2.2), and a direction that is turned around (Unicode UAX 9) makes words
say what they do not.
"""

import re
import unicodedata

_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")
_LONGEST_SUBJECT = 150


def line(words: str) -> str:
    """One line of what can be seen."""
    seen = "".join(each for each in _TURNS.sub("", words) if not _is_broken(each))
    return _BREAKS.sub(" ", seen).strip()


def page(words: str) -> str:
    """Several lines, each as `line`."""
    return "\n".join(line(each) for each in words.splitlines()).strip()


def subject(words: str, title: str) -> str:
    """`words: title`, also where the title is long."""
    whole = line(f"{words}: {title}")
    return whole if len(whole) <= _LONGEST_SUBJECT else whole[: _LONGEST_SUBJECT - 1] + "…"


def web_address(url: str | None) -> str | None:
    """The address, where a browser opens it as a page of the web; never a script (`javascript:`)."""
    if url is None or not url.lower().startswith(("https://", "http://")):
        return None
    return None if _BREAKS.search(url) or _TURNS.search(url) else url


def _is_broken(character: str) -> bool:
    """Half of a pair, which no UTF-8 can say."""
    return unicodedata.category(character) == "Cs"
