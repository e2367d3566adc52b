"""The cast: the few organizations, people and things that every test knows by name.

Anna owns the River City Pantry, Sam is an editor of the Harbor Shelter; both organizations are in
the alliance City Table, which the Pantry convenes. Lee owns the Northside Library, which is in no
alliance. All of it is made by the use cases that make it in earnest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.actors import TeamRole, Viewer
from domain.people import Contact
from domain.places import Place
from resolvers import alliances, events, groups, organizations, people
from resolvers.alliances import NewAlliance
from resolvers.context import Context
from resolvers.events import NewEvent
from resolvers.groups import NewGroup
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from resolvers.people import NewPerson

MakeContext = Callable[..., Context]

RIVER_CITY = Place(
    name="Town Hall",
    street_address="1 Main Street",
    locality="River City",
    region="Indiana",
    country="US",
    latitude=39.1653,
    longitude=-86.5264,
)
STARTS = datetime(2027, 3, 6, 14, tzinfo=UTC)
ENDS = datetime(2027, 3, 6, 17, tzinfo=UTC)


@dataclass(frozen=True)
class Cast:
    """Ids; and who asks: a person through an app, or an organization's own app."""

    pantry: str
    shelter: str
    library: str
    city_table: str
    anna_id: str
    sam_id: str
    lee_id: str

    @property
    def anna(self) -> Viewer:
        return Viewer(
            organization_id=self.pantry,
            person_id=self.anna_id,
            role=TeamRole.OWNER,
            client_id="app",
            alliance_ids=frozenset({self.city_table}),
        )

    @property
    def sam(self) -> Viewer:
        return Viewer(
            organization_id=self.shelter,
            person_id=self.sam_id,
            role=TeamRole.EDITOR,
            client_id="app",
            alliance_ids=frozenset({self.city_table}),
        )

    @property
    def lee(self) -> Viewer:
        return Viewer(
            organization_id=self.library,
            person_id=self.lee_id,
            role=TeamRole.OWNER,
            client_id="app",
        )

    @property
    def pantry_app(self) -> Viewer:
        return Viewer(
            organization_id=self.pantry,
            client_id="pantry-website",
            alliance_ids=frozenset({self.city_table}),
        )

    @property
    def shelter_app(self) -> Viewer:
        return Viewer(
            organization_id=self.shelter,
            client_id="shelter-website",
            alliance_ids=frozenset({self.city_table}),
        )

    @property
    def library_app(self) -> Viewer:
        return Viewer(organization_id=self.library, client_id="library-website")


async def assemble(context: MakeContext) -> Cast:
    """The three organizations with their people, and the alliance of two of them."""
    pantry, anna = await _organization(context, "river-city-pantry", "River City Pantry", "Anna")
    shelter, sam = await _organization(
        context, "harbor-shelter", "Harbor Shelter", "Sam", TeamRole.EDITOR
    )
    library, lee = await _organization(context, "northside-library", "Northside Library", "Lee")
    city_table = await alliances.create(
        context(operator_for(pantry)),
        NewAlliance(
            convener_id=pantry,
            slug="city-table",
            name="City Table",
            purpose="Nobody in River City goes to bed hungry.",
            causes=("food", "housing"),
        ),
    )
    await alliances.add_member(context(operator_for(pantry)), city_table, shelter)
    return Cast(pantry, shelter, library, city_table, anna, sam, lee)


async def _organization(
    context: MakeContext, slug: str, name: str, person: str, role: TeamRole = TeamRole.OWNER
) -> tuple[str, str]:
    """Its id, and its person's."""
    contact = Contact(name=person, email=f"{person.lower()}@{slug}.example")
    person_id = await people.create(
        context(operator_for()), NewPerson(display_name=person, contact=contact)
    )
    organization_id = await organizations.create(
        context(operator_for()),
        NewOrganization(
            slug=slug,
            name=name,
            languages=("en",),
            time_zone="America/Indiana/Indianapolis",
            place=RIVER_CITY,
            contact=contact,
        ),
    )
    await organizations.add_team_member(
        context(operator_for(organization_id)), organization_id, person_id, role
    )
    return organization_id, person_id


def food_drive(organization_id: str, **given: object) -> NewEvent:
    """A Saturday afternoon at the Town Hall; `given` says what is different about this one."""
    words: dict[str, object] = {
        "title": "Food drive",
        "starts_at": STARTS,
        "ends_at": ENDS,
        "time_zone": "America/Indiana/Indianapolis",
        "place": RIVER_CITY,
    }
    return NewEvent(organization_id=organization_id, **(words | given))  # type: ignore[arg-type]


async def publish(context: MakeContext, viewer: Viewer, **given: object) -> str:
    """A food drive of the viewer's organization; its id."""
    assert viewer.organization_id is not None
    return await events.create(context(viewer), food_drive(viewer.organization_id, **given))


async def start_group(context: MakeContext, viewer: Viewer, slug: str, **given: object) -> str:
    """A group of the viewer's organization; its id."""
    assert viewer.organization_id is not None
    new = NewGroup(
        organization_id=viewer.organization_id,
        slug=slug,
        name=slug.replace("-", " ").title(),
        **given,  # type: ignore[arg-type]
    )
    return await groups.create(context(viewer), new)
