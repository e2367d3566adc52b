"""A hub: one running service, home to one organization or to many."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.errors import Invalid
from domain.words import say

SOFTWARE = "convoke/0.1.0"


@dataclass(frozen=True, slots=True)
class LocalHub:
    """This hub, as its row says. The authority stands in every id it gives."""

    id: str
    authority: str
    url: str
    name: str


def authority_of(base_url: str) -> str:
    """The part of the address that names the hub: `pantry.example`, `localhost:8000`."""
    parts = urlsplit(base_url)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.username is not None
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
    ):
        raise Invalid(
            say(
                "%(base_url)s is no address for a hub; write it like https://pantry.example.",
                base_url=f"{base_url!r}",
            ),
            ("base_url",),
        )
    return parts.netloc.lower()
