"""Templates that speak: `_`, `ngettext` and `{% trans %}` say what they say in the language spoken now.

What a catalogue says is a piece of the page, and values put into it are escaped as everywhere: Jinja
puts them in, after these.
"""

from jinja2 import Environment

from languages.reading import translations
from languages.speaking import current


def install(environment: Environment) -> None:
    """Into one that has Jinja's extension `jinja2.ext.i18n`."""
    # The extension adds this method as it is loaded, where no checker of types sees it.
    callables = environment.install_gettext_callables  # type: ignore[attr-defined]
    callables(_one, _counted, newstyle=True, pgettext=_one_about, npgettext=_counted_about)


def _one(message: str) -> str:
    return translations(current()).ugettext(message)


def _counted(one: str, many: str, number: int) -> str:
    return translations(current()).ungettext(one, many, number)


def _one_about(about: str, message: str) -> str:
    return translations(current()).upgettext(about, message)


def _counted_about(about: str, one: str, many: str, number: int) -> str:
    return translations(current()).unpgettext(about, one, many, number)
