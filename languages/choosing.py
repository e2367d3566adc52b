"""Which of our languages somebody is spoken to in, by what they wish for (RFC 4647 s3.4)."""

from collections.abc import Sequence
from functools import lru_cache

from babel import negotiate_locale

SOURCE = "en"  # what texts are written in, so that it needs no catalogue
OFFERED = (SOURCE, "es", "fr", "de", "ar")
_MOST = 50  # wishes that are looked at


def offered(tag: str | None) -> str | None:
    """The one of ours that a tag asks for: `es` for `es-MX`."""
    return _first([tag]) if tag else None


@lru_cache(maxsize=1_000)
def from_header(accept: str) -> str | None:
    """The one of ours that is liked best (RFC 9110 s12.5.4); None where none is asked for."""
    wishes = [_wish(each) for each in accept[:2_000].split(",")[:_MOST]]
    liked = sorted((each for each in wishes if each[1] > 0), key=lambda each: -each[1])
    return _first([tag for tag, _ in liked if tag])


def _first(tags: Sequence[str]) -> str | None:
    found = negotiate_locale(tags, OFFERED, sep="-")
    return found and found.lower()  # as we write it, and not as it was asked for


def _wish(part: str) -> tuple[str, float]:
    tag, _, weight = part.partition(";")
    name, _, value = weight.partition("=")
    if name.strip().lower() != "q":
        return tag.strip(), 1.0
    try:
        return tag.strip(), float(value)
    except ValueError:
        return tag.strip(), 0.0
