"""One long week in River City, in which everything that can be changed is changed once.

Every change leaves its entry, and only one is about what was asked; every refusal leaves none, nor
anything else.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type
from sqlalchemy import select, text

from auth.scopes import SCOPES
from domain.actors import TeamRole, Viewer
from resolvers import organizations, people
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from resolvers.people import NewPerson
from schema.documents import Asked, Prepared
from schema.limits import Limits
from schema.root import graphql_schema
from schema.run import Operations
from storage.engine import Database
from storage.tables import audit_entries, metadata, occurrences
from tests.cast import Cast, MakeContext
from tests.outside import StandingClock

Thing = dict[str, Any]

SCHEMA = graphql_schema._schema
OPERATIONS = Operations(graphql_schema, Limits())
# What changes several things says so of each: a rule of what else follows from it.
SEVERAL = {
    "createOrganization",
    "mergeEvents",
    "unmergeEvents",
    "updateEventFrom",
}


@dataclass
class Week:
    """Does things, and looks each time what is on record."""

    context: MakeContext
    database: Database
    clock: StandingClock
    stranger: Viewer
    done: set[str] = field(default_factory=set)

    async def do(
        self, viewer: Viewer, name: str, arguments: str, *, open_to_all: bool = False
    ) -> Thing:
        """The thing as the mutation gives it."""
        self.clock.forward(seconds=1)
        if not open_to_all:
            await self.refused(self.stranger, name, arguments)
        before = await self._entries()
        thing, errors, answer = await self._ask(viewer, name, arguments)
        assert errors == [], (name, answer)
        assert thing is not None, (name, answer)
        added = [each for each in await self._entries() if each not in before]
        assert added != [], f"{name} left no entry"
        assert len(added) == 1 or name in SEVERAL, (name, added)
        mine = [each for each in added if each[2] == viewer.client_id]
        assert mine != [], (name, added)
        for _, action, _, request_id, organization_id in mine:
            assert request_id.startswith("req_"), name
            assert "." in action, (name, action)
            assert organization_id == viewer.organization_id, name
        self.done.add(name)
        return thing

    async def refused(self, viewer: Viewer, name: str, arguments: str) -> None:
        before = await self._kept()
        thing, errors, answer = await self._ask(viewer, name, arguments)
        assert errors != [], (name, answer)
        assert thing is None, (name, answer)
        assert await self._kept() == before, name

    async def _ask(
        self, viewer: Viewer, name: str, arguments: str
    ) -> tuple[Thing | None, list[Any], Any]:
        result = payload_field(name)
        version = " version" if "version" in result[1].fields else ""
        query = (
            f"mutation {{ {name}({arguments}) {{ {result[0]} {{ id{version} }}"
            " userErrors { code field message } } }"
        )
        prepared = OPERATIONS.prepare(Asked(query))
        assert isinstance(prepared, Prepared)
        async with self.context(replace(viewer, scopes=frozenset(SCOPES))) as context:
            answer = orjson.loads((await OPERATIONS.run(prepared, context, "req")).body)
        assert "errors" not in answer, (name, answer)
        payload = answer["data"][name]
        return payload[result[0]], payload["userErrors"], answer

    async def version(self, table: str, identifier: str) -> int:
        asked = text(f"select version from {table} where id = :id")  # noqa: S608 - names of ours
        async with self.database.reading() as db:
            return int(await db.scalar(asked.bindparams(id=identifier)) or 0)

    async def dates(self, event_id: str) -> list[str]:
        rows = select(occurrences.c.id).where(occurrences.c.event_id == event_id)
        async with self.database.reading() as db:
            return list(await db.scalars(rows.order_by(occurrences.c.starts_at)))

    async def _kept(self) -> list[Any]:
        """Every row there is, told by a number for each table: one statement for all of them."""
        tables = " union all ".join(
            f"select '{table.name}', count(*), sum(hashtextextended(row::text, 0)) from {table.name} row"  # noqa: S608
            for table in metadata.sorted_tables
        )
        async with self.database.reading() as db:
            return [tuple(row) for row in await db.execute(text(tables))]

    async def _entries(self) -> list[Any]:
        shown = (
            audit_entries.c.id,
            audit_entries.c.action,
            audit_entries.c.client_id,
            audit_entries.c.request_id,
            audit_entries.c.organization_id,
        )
        async with self.database.reading() as db:
            return [tuple(row) for row in await db.execute(select(*shown))]


def payload_field(name: str) -> tuple[str, GraphQLObjectType]:
    """What a mutation hands out beside its userErrors."""
    assert SCHEMA.mutation_type is not None
    payload: Any = get_named_type(SCHEMA.mutation_type.fields[name].type)
    (found,) = (each for each in payload.fields if each != "userErrors")
    kind = payload.fields[found].type
    assert not isinstance(kind, GraphQLNonNull), "a refusal has nothing to show"
    thing = get_named_type(kind)
    assert isinstance(thing, GraphQLObjectType)
    return found, thing


async def stranger(context: MakeContext) -> Viewer:
    """Who may look, at an organization that has to do with nobody here."""
    organization_id = await organizations.create(
        context(operator_for()),
        NewOrganization(slug="far-away", name="Far Away", time_zone="Europe/Berlin"),
    )
    person_id = await people.create(context(operator_for()), NewPerson(display_name="Kim"))
    await organizations.add_team_member(
        context(operator_for(organization_id)), organization_id, person_id, TeamRole.VIEWER
    )
    return Viewer(
        organization_id=organization_id,
        person_id=person_id,
        role=TeamRole.VIEWER,
        client_id="app-of-kim",
    )


async def test_every_change_is_noted_and_no_refusal(
    context: MakeContext,
    cast: Cast,
    database: Database,
    clock: StandingClock,
) -> None:
    week = Week(context, database, clock, await stranger(context))
    sam = replace(cast.sam, role=TeamRole.ADMIN)
    await the_organizations_and_groups(week, cast)
    await the_events(week, cast, sam)
    await the_alliances(week, cast, sam)
    assert SCHEMA.mutation_type is not None
    # Between hubs: tests/federation/test_peering.py looks at what is noted of those.
    between_hubs = {name for name in SCHEMA.mutation_type.fields if name.endswith("Peering")}
    assert week.done == set(SCHEMA.mutation_type.fields) - between_hubs


async def the_organizations_and_groups(week: Week, cast: Cast) -> None:
    anna = cast.anna
    kitchen = 'input: {slug: "kitchen", name: "Kitchen", timeZone: "Europe/Berlin"}'
    await week.do(anna, "createOrganization", kitchen, open_to_all=True)
    version = await week.version("organizations", cast.pantry)
    more = f'input: {{id: "{cast.pantry}", version: {version}, summary: "We share."}}'
    await week.do(anna, "updateOrganization", more)

    cooks = f'input: {{organization: "{cast.pantry}", slug: "cooks", name: "Cooks"}}'
    group = await week.do(anna, "createGroup", cooks)
    renamed = f'input: {{id: "{group["id"]}", version: {group["version"]}, name: "The cooks"}}'
    await week.do(anna, "updateGroup", renamed)
    this = f'group: "{group["id"]}"'
    await week.do(cast.lee, "joinGroup", this, open_to_all=True)
    await week.do(cast.lee, "leaveGroup", this)
    await week.do(cast.lee, "joinGroup", this, open_to_all=True)
    invited = await week.do(anna, "inviteToGroup", f'{this}, person: "{cast.anna_id}"')
    accepting = f'membership: "{invited["id"]}", accept: true'
    await week.do(anna, "respondToGroupMembership", accepting)


async def the_events(week: Week, cast: Cast, sam: Viewer) -> None:
    anna = cast.anna
    starts = week.clock.now() + timedelta(hours=1)

    def event_of(title: str, more: str = "") -> str:
        return (
            f'input: {{organization: "{cast.pantry}", title: "{title}", timeZone: "Europe/Berlin",'
            f' startsAt: "{starts.isoformat()}" {more}}}'
        )

    event = await week.do(anna, "createEvent", event_of("Soup night", "publish: false"))
    this, change = f'event: "{event["id"]}"', f'id: "{event["id"]}"'
    event = await week.do(anna, "publishEvent", f"{this}, version: {event['version']}")
    table = f'{this}, alliances: ["{cast.city_table}"]'
    await week.do(anna, "shareEvent", table)
    event = await week.do(anna, "unshareEvent", table)
    renamed = f'input: {{{change}, version: {event["version"]}, title: "Soup for all"}}'
    await week.do(anna, "updateEvent", renamed)

    place = await week.do(anna, "inviteEventHost", f'{this}, organization: "{cast.shelter}"')
    beside = f'eventHost: "{place["id"]}"'
    await week.do(sam, "respondToEventHost", f"{beside}, accept: true")
    offer = f'subject: "{event["id"]}", to: "{cast.shelter}"'
    handover = await week.do(anna, "proposeHandover", offer)
    await week.do(anna, "cancelHandover", f'handover: "{handover["id"]}"')
    handover = await week.do(anna, "proposeHandover", offer)
    await week.do(sam, "respondToHandover", f'handover: "{handover["id"]}", accept: false')
    await week.do(sam, "withdrawEventHost", f'{beside}, reason: "No time"')

    series = await week.do(
        anna, "createEvent", event_of("Weekly", 'recurrence: {rrule: "FREQ=WEEKLY;COUNT=9"}')
    )
    dates = await week.dates(series["id"])
    one = f'input: {{id: "{dates[2]}", version: {series["version"]}, title: "A feast"}}'
    await week.do(anna, "updateOccurrence", one)
    version = await week.version("events", series["id"])
    rest = f'input: {{id: "{series["id"]}", version: {version}, title: "From now on"}}'
    await week.do(anna, "updateEventFrom", f'occurrence: "{dates[5]}", {rest}')

    lesson = await week.do(anna, "createEvent", event_of("Knife class", "joinMode: APPROVAL"))
    coming = f'input: {{event: "{lesson["id"]}"}}'
    sams = await week.do(sam, "rsvp", coming, open_to_all=True)
    lees = await week.do(cast.lee, "rsvp", coming, open_to_all=True)
    await week.do(anna, "respondToRsvp", f'rsvp: "{sams["id"]}", accept: true')
    await week.do(cast.lee, "cancelRsvp", f'rsvp: "{lees["id"]}"')

    twin = await week.do(anna, "createEvent", event_of("Soup night, again"))
    await week.do(anna, "mergeEvents", f'duplicate: "{twin["id"]}", into: "{event["id"]}"')
    await week.do(anna, "unmergeEvents", f'duplicate: "{twin["id"]}"')

    week.clock.forward(hours=6)
    await week.do(anna, "checkIn", f'rsvp: "{sams["id"]}", attended: true')
    await week.do(anna, "reportEvent", f'{this}, text: "There was enough for all."')
    version = await week.version("events", series["id"])
    off = f'event: "{series["id"]}", version: {version}, reason: "The kitchen is closed."'
    await week.do(anna, "cancelEvent", off)


async def the_alliances(week: Week, cast: Cast, sam: Viewer) -> None:
    anna, lee = cast.anna, cast.lee
    founding = 'slug: "harbour", name: "Harbour", purpose: "Nobody stays outside."'
    alliance = await week.do(
        anna,
        "createAlliance",
        f'input: {{convener: "{cast.pantry}", {founding}, joinPolicy: BY_REQUEST}}',
    )
    this = f'alliance: "{alliance["id"]}"'
    more = f'id: "{alliance["id"]}", version: {alliance["version"]}, name: "The harbour"'
    await week.do(anna, "updateAlliance", f"input: {{{more}}}")

    shelter = f'{this}, organization: "{cast.shelter}"'
    asked = await week.do(anna, "inviteToAlliance", shelter)
    sams = f'membership: "{asked["id"]}"'
    await week.do(sam, "respondToAllianceMembership", f"{sams}, accept: true")
    asking = await week.do(lee, "requestToJoinAlliance", f'{this}, organization: "{cast.library}"')
    lees = f'membership: "{asking["id"]}"'
    await week.do(anna, "respondToAllianceMembership", f"{lees}, accept: true")

    charter = f'input: {{{this}, title: "Charter", body: "We share."}}'
    agreement = await week.do(anna, "publishAgreement", charter)
    agreed = f'agreement: "{agreement["id"]}", organization: "{cast.shelter}"'
    await week.do(sam, "acceptAgreement", agreed)
    await week.do(lee, "acceptAgreement", agreed.replace(cast.shelter, cast.library))

    closes = (week.clock.now() + timedelta(days=7)).isoformat()
    question = f'{shelter}, title: "A van?", body: "Shall we buy one?", closesAt: "{closes}"'
    proposal = await week.do(sam, "openProposal", f"input: {{{question}}}")
    put = f'proposal: "{proposal["id"]}"'
    ballot = f'{put}, organization: "{cast.shelter}", choice: AGREE'
    await week.do(sam, "castBallot", ballot)
    again = await week.do(sam, "openProposal", f"input: {{{question}}}")
    await week.do(sam, "withdrawProposal", f'proposal: "{again["id"]}"')

    await week.do(anna, "suspendAllianceMember", f'{lees}, reason: "The charter"')
    await week.do(anna, "reinstateAllianceMember", lees)
    await week.do(anna, "removeAllianceMember", f'{lees}, reason: "The charter"')
    await week.do(sam, "leaveAlliance", f'{sams}, reason: "We moved"')
