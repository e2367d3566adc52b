"""Which of the two media types of GraphQL over HTTP a client accepts (RFC 9110 s12.5.1).

What was worked out for an `Accept` is remembered: there are few, and each client sends its own
with every request.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENTS = "text/event-stream"

Result = TypeVar("Result")
_REMEMBERED = 256
_USUAL_CHARACTERS = 256  # a longer one is nobody's own, and is not remembered


def _remembering(
    work_out: Callable[[str | None], Result],
) -> Callable[[str | None], Result]:
    remembered = lru_cache(maxsize=_REMEMBERED)(work_out)

    def look_up(accept: str | None) -> Result:
        usual = accept is None or len(accept) <= _USUAL_CHARACTERS
        return remembered(accept) if usual else work_out(accept)

    return look_up


@_remembering
def answer_type(accept: str | None) -> str | None:
    """The media type to answer with; None where the client takes neither.

    Who says nothing, or `*/*`, is taken for a client of before graphql-response+json, as the
    draft's audits have it; between two equals the newer type wins.
    """
    if accept is None or not accept.strip():
        return JSON
    ranges = _ranges(accept)
    newer, older = (_quality(ranges, each) for each in (RESPONSE, JSON))
    named = any(media == RESPONSE for media, _ in ranges)
    if newer > 0 and named and newer >= older:
        return RESPONSE
    if older > 0:
        return JSON
    return RESPONSE if newer > 0 else None


@_remembering
def wants_page(accept: str | None) -> bool:
    """Whether a browser asks: it names text/html, and nothing that it would rather have."""
    ranges = _ranges(accept or "")
    page = next((quality for media, quality in ranges if media == HTML), 0.0)
    return page > 0 and page >= max(
        (quality for media, quality in ranges if media in (RESPONSE, JSON)), default=0.0
    )


@_remembering
def takes_events(accept: str | None) -> bool:
    """Whether it names event streams: clients of subscriptions do, beside other types or alone."""
    return any(media == EVENTS and quality > 0 for media, quality in _ranges(accept or ""))


def _ranges(accept: str) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    for part in accept.split(",")[:50]:
        media, *parameters = (each.strip().lower() for each in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = _number(value)
        found.append((media, quality))
    return found


def _number(value: str) -> float:
    """A quality of 0 to 1; what is none counts as not acceptable."""
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def _quality(ranges: list[tuple[str, float]], media: str) -> float:
    """The most specific range that fits decides."""
    for fitting in (media, f"{media.split('/')[0]}/*", "*/*"):
        for each, quality in ranges:
            if each == fitting:
                return quality
    return 0.0
