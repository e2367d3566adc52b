"""Organizations: what one is, and what makes a sound one."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from domain import people, places, texts
from domain.errors import Invalid
from domain.people import Contact
from domain.places import Place
from domain.sharing import Visibility
from domain.texts import Translations

TRANSLATED = ("name", "summary", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    id: str
    hub_id: str
    slug: str
    name: str
    summary: str | None = None
    description: str | None = None
    translations: Translations = field(default_factory=dict)
    website: str | None = None
    causes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    time_zone: str
    place: Place | None = None
    contact: Contact | None = None
    is_verified: bool = False
    visibility: Visibility = Visibility.PUBLIC
    version: int = 1
    created_at: datetime
    updated_at: datetime


def checked(given: Organization) -> Organization:
    """The organization with its words put in order, or `Invalid` naming the field."""
    if given.visibility is Visibility.GROUP:
        raise Invalid("An organization is not inside a group; choose another.", ("visibility",))
    return replace(
        given,
        slug=texts.slug(given.slug),
        name=texts.line(given.name, ("name",)),
        summary=texts.page(given.summary, ("summary",), texts.PARAGRAPH),
        description=texts.page(given.description, ("description",)),
        translations=texts.translations(given.translations, TRANSLATED),
        website=texts.web_address(given.website, ("website",)),
        causes=texts.causes(given.causes),
        languages=texts.languages(given.languages),
        time_zone=texts.time_zone(given.time_zone),
        place=places.kept(given.place) if given.place else None,
        contact=people.reachable(given.contact),
    )
