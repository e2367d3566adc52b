"""What the forms of an organization and of a group have in common: words, topics, languages, a place."""

from collections.abc import Iterable, Mapping
from typing import Any

from web.console.event_form import typed_values
from web.console.typed import Typed

PLACE = ("name", "streetAddress", "postalCode", "locality", "region", "country")
POSITION = ("latitude", "longitude")
CONTACT = ("name", "email", "telephone", "url")


def typed_words(typed: Typed, texts: Iterable[str], *more: str) -> dict[str, Any]:
    """The `texts` as they are typed, and further parts, by the contract's names: `place`."""
    return {
        **{name: typed.text(name) for name in texts},
        **typed_values(typed, ("causes", "languages", "place", "visibility", *more)),
    }


def filled_with(thing: Mapping[str, Any], texts: Iterable[str]) -> dict[str, str]:
    """The fields as they stand."""
    place, contact = thing.get("place") or {}, thing.get("contact") or {}
    tags: list[str] = thing["languages"]
    return {
        **{name: _said(thing.get(name)) for name in (*texts, "visibility", "version")},
        "causes": ", ".join(thing["causes"]),
        "language": tags[0] if tags else "",
        **{f"language-{tag}": "on" for tag in tags[1:]},
        **{f"place-{name}": _said(place.get(name)) for name in (*PLACE, *POSITION)},
        "place-precision": place.get("precision") or "PRECISE",
        **{f"contact-{name}": _said(contact.get(name)) for name in CONTACT},
    }


def _said(value: Any) -> str:
    return "" if value is None else str(value)
