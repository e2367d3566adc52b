"""Who may be asking: people of a team through an app, an organization's own app, or nobody."""

from dataclasses import dataclass

from auth.scopes import SCOPES
from domain.actors import NOBODY, TeamRole, Viewer
from domain.policy import EDITORS, EVENT_STAFF, LEADS
from tests.walks.picture import Picture

EVERY_SCOPE = frozenset(SCOPES)
READING = frozenset(each for each in SCOPES if each.endswith(":read"))
Roles = tuple[TeamRole, ...]
# Restated, so that they are not looked up in what is judged (docs/domain.md).
LEAD: Roles = tuple(LEADS)
EDITOR: Roles = tuple(EDITORS)
STAFF: Roles = tuple(EVENT_STAFF)


@dataclass(frozen=True)
class Actor:
    name: str
    viewer: Viewer

    def __str__(self) -> str:
        return self.name

    def acts_for(self, organization_id: str | None, roles: Roles) -> bool:
        """A person of its team in one of these roles, or its own app."""
        who = self.viewer
        if organization_id is None or who.organization_id != organization_id:
            return False
        return who.person_id is None or who.role in roles


SOMEBODY = Actor("nobody", NOBODY)


def actors(picture: Picture) -> list[Actor]:
    """Each as their token makes them today: `auth` looks at the same rows on each request."""
    found = [SOMEBODY]
    for row in picture["organizations"].values():
        app = _viewer(picture, row["id"], None)
        found += [Actor(f"the app of {row['slug']}", app)]
    for member in picture["team_members"].values():
        person = picture["persons"][member["person_id"]]
        slug = picture["organizations"][member["organization_id"]]["slug"]
        viewer = _viewer(picture, member["organization_id"], member["person_id"])
        found.append(Actor(f"{person['display_name']} ({viewer.role} of {slug})", viewer))
    return found


def reading_only(actor: Actor) -> Actor:
    """The same, through an app that was allowed to look and no more."""
    who = actor.viewer
    looking = Viewer(
        organization_id=who.organization_id,
        person_id=who.person_id,
        role=who.role,
        client_id=who.client_id,
        scopes=READING,
        alliance_ids=who.alliance_ids,
        group_ids=who.group_ids,
    )
    return Actor(f"{actor.name} who may only look", looking)


def _viewer(picture: Picture, organization_id: str, person_id: str | None) -> Viewer:
    role, groups = None, frozenset[str]()
    if person_id is not None:
        (member,) = picture.all(
            "team_members", organization_id=organization_id, person_id=person_id
        )
        role = TeamRole(member["role"])
        places = picture.all("group_members", person_id=person_id, status="ACTIVE")
        groups = frozenset(place["group_id"] for place in places)
    return Viewer(
        organization_id=organization_id,
        person_id=person_id,
        role=role,
        client_id=f"app-of-{person_id or organization_id}",
        scopes=EVERY_SCOPE,
        alliance_ids=stands_in(picture, organization_id),
        group_ids=groups,
    )


def stands_in(picture: Picture, organization_id: str) -> frozenset[str]:
    """The alliances in force in which the organization is an active member."""
    places = picture.all("alliance_members", organization_id=organization_id, status="ACTIVE")
    return frozenset(
        place["alliance_id"]
        for place in places
        if picture["alliances"][place["alliance_id"]]["status"] != "DISSOLVED"
    )
