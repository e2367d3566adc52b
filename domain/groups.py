"""Groups: people who organize together where they live, inside one organization."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain import places, texts
from domain.errors import Invalid
from domain.places import Place
from domain.sharing import JoinPolicy, Visibility
from domain.texts import Translations

TRANSLATED = ("name", "purpose", "description")


class GroupKind(StrEnum):
    CHAPTER = "CHAPTER"
    LOCAL = "LOCAL"
    WORKING_GROUP = "WORKING_GROUP"
    TEAM = "TEAM"
    CAMPAIGN = "CAMPAIGN"
    OTHER = "OTHER"


class GroupRole(StrEnum):
    MEMBER = "MEMBER"
    CREW = "CREW"
    MODERATOR = "MODERATOR"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    id: str
    hub_id: str
    organization_id: str
    parent_id: str | None = None
    slug: str
    name: str
    purpose: str | None = None
    description: str | None = None
    translations: Translations = field(default_factory=dict)
    kind: GroupKind = GroupKind.LOCAL
    causes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    place: Place | None = None
    join_policy: JoinPolicy = JoinPolicy.OPEN
    links: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PUBLIC
    version: int = 1
    created_at: datetime
    updated_at: datetime


def checked(given: Group) -> Group:
    """The group with its words put in order, or `Invalid` naming the field."""
    if len(given.links) > 10:
        raise Invalid("At most 10 links.", ("links",))
    return replace(
        given,
        slug=texts.slug(given.slug),
        name=texts.line(given.name, ("name",)),
        purpose=texts.page(given.purpose, ("purpose",), texts.PARAGRAPH),
        description=texts.page(given.description, ("description",)),
        translations=texts.translations(given.translations, TRANSLATED),
        causes=texts.causes(given.causes),
        languages=texts.languages(given.languages),
        place=places.kept(given.place) if given.place else None,
        links=tuple(filter(None, (texts.web_address(link, ("links",)) for link in given.links))),
    )
