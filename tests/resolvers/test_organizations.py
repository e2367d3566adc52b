"""Founding organizations, and changing what they say of themselves."""

from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import NOBODY, TeamRole, Viewer
from domain.errors import Invalid, NotFound, Problem, Refused, Stale, Taken, Unauthenticated
from domain.identifiers import Identifier
from domain.organizations import Organization
from domain.people import Contact
from domain.sharing import Visibility
from resolvers import organizations, people
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization, OrganizationChanges
from resolvers.people import NewPerson
from storage import organizations as stored
from storage.engine import Database
from storage.tables import persons, team_members
from tests.cast import RIVER_CITY, Cast, MakeContext
from tests.conftest import Contents
from tests.outside import MONDAY


def kitchen(**given: Any) -> NewOrganization:
    words: dict[str, Any] = {"slug": "soup-kitchen", "name": "Soup Kitchen", "time_zone": "UTC"}
    return NewOrganization(**(words | given))


async def kept(database: Database, organization_id: str) -> Organization:
    async with database.reading() as db:
        organization = await stored.by_id(db, organization_id)
    assert organization is not None
    return organization


async def test_lee_founds_an_organization_and_owns_it(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    said: dict[str, Any] = {
        "slug": "soup-kitchen",
        "name": "Soup Kitchen",
        "summary": "Soup for all.",
        "description": "Every <b>day</b>.",
        "website": "https://soup.example",
        "causes": ("food",),
        "languages": ("en",),
        "time_zone": "America/Chicago",
        "place": RIVER_CITY,
        "contact": Contact("Lee", "lee@soup.example", None, "https://soup.example/lee"),
        "visibility": Visibility.UNLISTED,
    }
    names = (Identifier("ein", "35-123"),)
    made = await organizations.create(context(cast.lee), kitchen(identifiers=names, **said))
    organization = await kept(database, made)
    assert {name: getattr(organization, name) for name in said} == said
    assert (organization.version, organization.created_at) == (1, MONDAY)
    async with database.reading() as db:
        team = await db.execute(
            select(team_members.c.person_id, team_members.c.role).where(
                team_members.c.organization_id == made
            )
        )
        assert [tuple(row) for row in team] == [(cast.lee_id, "OWNER")]


@pytest.mark.parametrize(
    ("who", "problem"),
    [("nobody", Unauthenticated), ("library_app", Refused)],
)
async def test_only_a_person_founds_an_organization(
    context: MakeContext, cast: Cast, contents: Contents, who: str, problem: type[Problem]
) -> None:
    before = await contents()
    viewer = NOBODY if who == "nobody" else getattr(cast, who)
    with pytest.raises(problem):
        await organizations.create(context(viewer), kitchen())
    assert await contents() == before


async def test_a_slug_names_one_organization(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    before = await contents()
    with pytest.raises(Taken, match="choose another") as refusal:
        await organizations.create(context(cast.lee), kitchen(slug="river-city-pantry"))
    assert refusal.value.field == ("slug",)
    assert await contents() == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"slug": "Soup Kitchen"}, ("slug",)),
        ({"name": "\x00"}, ("name",)),
        ({"website": "soup.example"}, ("website",)),
        ({"visibility": Visibility.GROUP}, ("visibility",)),
        ({"identifiers": (Identifier("E I N", "1"),)}, ("identifiers", "system")),
        ({"identifiers": (Identifier("ein", " "),)}, ("identifiers", "value")),
        ({"contact": Contact(telephone="call me")}, ("contact", "telephone")),
    ],
)
async def test_what_makes_no_sense_is_refused_by_its_field(
    context: MakeContext,
    cast: Cast,
    contents: Contents,
    given: dict[str, Any],
    field: tuple[str, ...],
) -> None:
    before = await contents()
    with pytest.raises(Invalid) as refusal:
        await organizations.create(context(cast.lee), kitchen(**given))
    assert refusal.value.field == field
    assert await contents() == before


async def test_anna_changes_what_the_pantry_says_of_itself(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    changes: OrganizationChanges = {"name": "The Pantry", "contact": None, "languages": None}
    await organizations.update(context(cast.anna), cast.pantry, 1, changes)
    after = await kept(database, cast.pantry)
    assert (after.name, after.contact, after.languages) == ("The Pantry", None, ())
    assert (after.slug, after.place, after.version) == ("river-city-pantry", RIVER_CITY, 2)


@pytest.mark.parametrize("role", [TeamRole.EDITOR, TeamRole.EVENT_MANAGER, TeamRole.VIEWER])
async def test_only_owners_and_admins_change_an_organization(
    context: MakeContext, cast: Cast, contents: Contents, role: TeamRole
) -> None:
    before = await contents()
    staff = Viewer(cast.pantry, cast.anna_id, role, "app")
    for viewer in (staff, cast.sam, cast.lee, cast.shelter_app):
        with pytest.raises(Refused, match="owners and admins"):
            await organizations.update(context(viewer), cast.pantry, 1, {"name": "Ours"})
    assert await contents() == before


async def test_a_hidden_organization_does_not_exist_for_others(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    hidden: OrganizationChanges = {"visibility": Visibility.PRIVATE}
    await organizations.update(context(cast.anna), cast.pantry, 1, hidden)
    before = await contents()
    for viewer in (cast.lee, NOBODY):
        with pytest.raises(NotFound):
            await organizations.update(context(viewer), cast.pantry, 2, {"name": "Ours"})
    # Sam's organization is in the alliance that the Pantry convenes, and sees who does.
    with pytest.raises(Refused, match="Only its owners and admins"):
        await organizations.update(context(cast.sam), cast.pantry, 2, {"name": "Ours"})
    assert await contents() == before


async def test_a_name_cannot_be_emptied_nor_an_old_version_changed(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    before = await contents()
    with pytest.raises(Invalid, match="name cannot be empty; leave it out"):
        await organizations.update(context(cast.anna), cast.pantry, 1, {"name": None})
    with pytest.raises(Stale):
        await organizations.update(context(cast.anna), cast.pantry, 7, {"name": "Feast"})
    assert await contents() == before


async def test_only_the_operator_makes_people_and_teams(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    before = await contents()
    for viewer in (NOBODY, cast.anna, cast.pantry_app):
        with pytest.raises(Refused, match="operator"):
            await people.create(context(viewer), NewPerson(display_name="Eve"))
        with pytest.raises(Refused, match="operator"):
            await organizations.add_team_member(
                context(viewer), cast.pantry, cast.lee_id, TeamRole.OWNER
            )
    operator = context(operator_for(cast.pantry))
    with pytest.raises(NotFound, match="no such person"):
        await organizations.add_team_member(operator, cast.pantry, "prs_x", TeamRole.ADMIN)
    with pytest.raises(Taken, match="already"):
        await organizations.add_team_member(operator, cast.pantry, cast.anna_id, TeamRole.ADMIN)
    assert await contents() == before


async def test_a_person_is_kept_as_they_are_called(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    new = NewPerson(display_name=" Zoë  Ruiz ", preferred_language="es-mx")
    person_id = await people.create(context(operator_for()), new)
    called = select(persons.c.display_name, persons.c.preferred_language, persons.c.contact_email)
    async with database.reading() as db:
        row = (await db.execute(called.where(persons.c.id == person_id))).one()
    assert tuple(row) == ("Zoë Ruiz", "es-MX", None)
