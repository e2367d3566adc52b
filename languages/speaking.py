"""The language that is spoken now, and what is said in it.

It belongs to whoever is answered: each request and each letter has its own. Values are named in a text
as in `_("Hosted by %(name)s", name=name)`, in Python as in templates, so that a language may put them
in its own order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from babel import Locale

from languages.choosing import SOURCE, offered
from languages.reading import translations

_spoken: ContextVar[str] = ContextVar("spoken", default=SOURCE)


@contextmanager
def speaking(tag: str | None) -> Iterator[str]:
    """Until it ends. What is none of ours, or nothing, leaves the language as it is."""
    chosen = offered(tag) or current()
    token = _spoken.set(chosen)
    try:
        yield chosen
    finally:
        _spoken.reset(token)


def current() -> str:
    return _spoken.get()


def direction() -> str:
    """`ltr` or `rtl`."""
    return Locale.parse(current()).text_direction


def gettext(message: str, /, **values: object) -> str:
    return _with(translations(current()).ugettext(message), values)


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """`number` can be named in the text as `%(num)s`."""
    said = translations(current()).ungettext(one, many, number)
    return _with(said, {"num": number, **values})


def pgettext(about: str, message: str, /, **values: object) -> str:
    """A short text that means several things: `about` says which."""
    return _with(translations(current()).upgettext(about, message), values)


def npgettext(about: str, one: str, many: str, number: int, /, **values: object) -> str:
    said = translations(current()).unpgettext(about, one, many, number)
    return _with(said, {"num": number, **values})


def N_(message: str) -> str:  # noqa: N802 - as everybody calls it
    """Marks a text for the catalogues that is said later, by `_`."""
    return message


def _with(said: str, values: dict[str, object]) -> str:
    return said % values if values else said
