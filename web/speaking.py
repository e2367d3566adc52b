"""In which language somebody is answered, and the addresses that say so.

What the address asks for comes first (`?lang=`), then what the browser wishes for. Pages of people who
are signed in ask their own wish between the two (`web/account/visits.py`); public ones cannot, because
caches keep them, and what they show depends on nobody.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup, escape
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.words import Count, Quoted, Sentence
from languages import OFFERED, SOURCE, current, from_header, offered, speaking
from languages import gettext as _
from languages.dates import number
from languages.names import own_name
from web import leading

FIELD = "lang"
_FOR_PROGRAMS = (".ics", ".atom", ".csv", ".json", ".jsonld")
_VALUE = re.compile(r"%\(\w+\)s")
_LOCAL = ("/", "?")  # what an address of ours begins with


@dataclass(frozen=True, slots=True)
class Asked:
    """What is said about languages by the request that is answered now."""

    path: str = "/"
    query: str = ""
    tag: str | None = None  # by the address, where it is one of ours
    is_form: bool = False  # an address that may be nothing to look at
    base_url: str = ""

    @property
    def is_for_programs(self) -> bool:
        return self.path.endswith(_FOR_PROGRAMS)

    def within(self, tag: str) -> str:
        """This address in another language, as seen from itself. A list begins anew."""
        kept = [each for each in parse_qsl(self.query) if _stays(*each)]
        return "?" + urlencode([*kept, (FIELD, tag)], safe=",@:/")


def _stays(name: str, value: str) -> bool:
    if name == leading.FIELD:
        return leading.local_address(value) is not None
    return name not in (FIELD, "after")


_asked: ContextVar[Asked] = ContextVar("asked", default=Asked())  # noqa: B039 - it is frozen


@dataclass(frozen=True, slots=True)
class Offer:
    """One of the languages that a page can be had in."""

    tag: str
    name: str
    address: str
    is_this: bool


class Speaking:
    """An ASGI application in front of one that answers people."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self.app = app
        self.base_url = base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = _read(scope, self.base_url)
        token = _asked.set(asked)
        try:
            # Programs wish for nothing, and are many that read one copy.
            wished = None if asked.is_for_programs else wish(Headers(scope=scope))
            with speaking(asked.tag or wished or SOURCE):
                await self.app(scope, receive, send)
        finally:
            _asked.reset(token)


def wish(headers: Mapping[str, str]) -> str | None:
    """The browser's, if it has one that we speak."""
    return from_header(headers.get("accept-language", ""))


def by_address() -> str | None:
    """The language of ours that the address asks for."""
    return _asked.get().tag


def kept(address: str) -> str:
    """An address of ours, in the language that this one asks for; any other as it is."""
    asked = _asked.get()
    local = (*_LOCAL, f"{asked.base_url}/")
    if asked.tag is None or not address.startswith(local) or f"{FIELD}=" in address:
        return address
    path, sign, part = address.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{FIELD}={asked.tag}{sign}{part}"


def refusal(message: str) -> str:
    """What a rule says why not (`domain.errors`), in the language that is spoken. What no catalogue
    has, such as the words of another hub, is marked, so that it is read aloud, and set, as English."""
    if current() == SOURCE or not message:
        return message
    if not isinstance(message, Sentence):
        said = _(message)
        return said if said != message else _in_english(message)
    pattern = _(message.pattern)
    if pattern == message.pattern and any(each.isalpha() for each in _VALUE.sub("", pattern)):
        return _in_english(message)
    values = {name: _value(value) for name, value in message.values.items()}
    return escape(pattern) % values


def _value(value: object) -> str:
    """A value in a sentence: each by its own direction, as in a name that is written otherwise."""
    match value:
        case Quoted():
            return _in_english(value)
        case Sentence():
            return refusal(value)
        case Count():
            return number(int(value))
        case int():
            return str(value)
        case _:
            return Markup("<bdi>{0}</bdi>").format(value)


def _in_english(message: str) -> Markup:
    return Markup('<span lang="en" dir="ltr">{0}</span>').format(str(message))


def offers() -> list[Offer]:
    """This page in each language; none of what was sent by a form, which is not sent once more."""
    asked = _asked.get()
    if asked.is_form:
        return []
    return [Offer(tag, own_name(tag), asked.within(tag), tag == current()) for tag in OFFERED]


def _read(scope: Scope, base_url: str) -> Asked:
    query = scope["query_string"].decode("latin-1")[:8_000]
    given = dict(parse_qsl(query)).get(FIELD) if FIELD in query else None
    is_form = scope["method"] not in ("GET", "HEAD")
    return Asked(scope["path"], query, offered(given), is_form, base_url)
