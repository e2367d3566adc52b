"""What an event's `nextActions` and `viewerMayChange` tell is what the rules let the viewer do."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import select

from domain import policy
from domain.actors import NOBODY, TeamRole, Viewer
from domain.errors import Problem
from domain.events import EventHostRole, EventHostStatus, EventStatus
from domain.ids import Kind
from domain.policy_of_leads import require_lead
from domain.publication import PUBLICATION
from domain.reach import EventReach
from domain.sharing import HostEditing
from domain.transitions import Party
from resolvers.reading import event_steps
from storage import reach
from storage.engine import Database, Writing
from storage.tables import event_hosts, events, team_members
from storage.visibility import Eyes, parameters
from tests.cast import Cast, MakeContext, publish

EVERY_FIELD = frozenset(
    {
        "accessibility", "allDay", "attendanceMode", "capacity", "causes", "contact",
        "description", "endsAt", "image", "isFree", "joinMode", "languages", "onlineUrl",
        "place", "recurrence", "registrationUrl", "startsAt", "status", "summary", "timeZone",
        "title", "translations", "visibility",
    }
)  # fmt: skip


def viewers(cast: Cast) -> list[Viewer]:
    staff = [
        Viewer(
            organization_id=organization,
            person_id=person,
            role=role,
            client_id="app",
            alliance_ids=frozenset({cast.city_table}),
        )
        for organization, person in ((cast.pantry, cast.anna_id), (cast.shelter, cast.sam_id))
        for role in TeamRole
    ]
    return [NOBODY, cast.pantry_app, cast.shelter_app, cast.library_app, cast.lee, *staff]


async def work(db: Writing, viewer: Viewer) -> None:
    """The person's role in the team is the viewer's."""
    if viewer.person_id is not None:
        await db.execute(
            team_members.update()
            .where(
                team_members.c.person_id == viewer.person_id,
                team_members.c.organization_id == viewer.organization_id,
            )
            .values(role=viewer.role)
        )


async def place(db: Writing, event_id: str, organization_id: str, **given: object) -> None:
    row = {
        "id": f"evh_{event_id[4:20]}_{len(organization_id)}_{given['status']}_{given['may_edit']}@hub.test",
        "event_id": event_id,
        "organization_id": organization_id,
        "role": EventHostRole.CO_HOST,
        "initiated_by": "OWNER",
        "attendee_sharing": "NONE",
        "created_at": select(events.c.created_at).where(events.c.id == event_id).scalar_subquery(),
        "starts_at": select(events.c.starts_at).where(events.c.id == event_id).scalar_subquery(),
        **given,
    }
    await db.execute(event_hosts.insert().values(row))


async def some_events(context: MakeContext, cast: Cast, database: Database) -> list[str]:
    """As they come: alone, with partners who may change more or less, a draft, called off, merged."""
    made = [await publish(context, cast.anna) for _ in range(6)]
    draft = await publish(context, cast.anna, publish=False)
    shared = await publish(context, cast.anna, share_with=(cast.city_table,))
    theirs = await publish(context, cast.lee)
    accepted = EventHostStatus.ACCEPTED
    async with database.writing() as db:
        await place(db, made[0], cast.shelter, status=accepted, may_edit=HostEditing.ALL)
        await place(db, made[1], cast.shelter, status=accepted, may_edit=HostEditing.DETAILS)
        await place(db, made[2], cast.shelter, status=accepted, may_edit=HostEditing.NONE)
        await place(
            db, made[3], cast.shelter, status=EventHostStatus.INVITED, may_edit=HostEditing.ALL
        )
        await place(
            db, made[4], cast.shelter, status=EventHostStatus.WITHDRAWN, may_edit=HostEditing.ALL
        )
        await db.execute(
            events.update()
            .where(events.c.id == made[5])
            .values(replaced_by_id=made[0], status=EventStatus.CANCELLED)
        )
        await db.execute(
            events.update().where(events.c.id == made[4]).values(status=EventStatus.CANCELLED)
        )
    return [*made, draft, shared, theirs]


def allowed(ask: Callable[..., object], *given: object) -> bool:
    try:
        ask(*given)
    except Problem:
        return False
    return True


def fields_of(viewer: Viewer, thing: EventReach) -> set[str]:
    may = policy.require_event_edit
    return {name for name in EVERY_FIELD if allowed(may, viewer, thing, (name,))}


def leads(viewer: Viewer, thing: EventReach) -> bool:
    return allowed(partial(require_lead, is_admin=False), viewer, thing, Kind.EVENT)


def actions_of(
    viewer: Viewer, thing: EventReach, status: str, co_hosts: set[str], may: set[str]
) -> set[str]:
    told = {"updateEvent"} if may else set()
    if not allowed(policy.require_host, viewer, thing, "do this"):
        own = viewer.organization_id
        stands = thing.hosts.get(own or "") in policy.CONCERNED
        if own and thing.replaced_by_id is None and not stands:
            asks = allowed(policy.require_asking, viewer, thing, own)
            told |= {"inviteEventHost"} if asks else set()
        return told
    told |= {"shareEvent", "inviteEventHost", "reportEvent"}
    if PUBLICATION.next_actions(thing.publication_status, {Party.HOST}):
        told.add("publishEvent")
    if status != EventStatus.CANCELLED:
        told.add("cancelEvent")
    if thing.shared_with:
        told.add("unshareEvent")
    if co_hosts and leads(viewer, thing):
        told.add("proposeHandover")
    return told


async def test_what_one_may_do_to_an_event_is_told_as_the_rules_say(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    ids = await some_events(context, cast, database)
    met: set[frozenset[str]] = set()
    async with database.writing() as db:
        rows = await db.execute(select(events.c.id, events.c.status))
        status = {row.id: row.status for row in rows}
        for viewer in viewers(cast):
            await work(db, viewer)
            row = events.alias()
            eyes = Eyes.of(viewer)
            told = await db.execute(
                select(
                    row.c.id, event_steps.next_actions(eyes, row), event_steps.may_change(eyes, row)
                ),
                parameters(viewer),
            )
            in_sql = {identifier: (set(does), set(may)) for identifier, does, may in told}
            for identifier in ids:
                thing = await reach.event(db, identifier)
                assert thing is not None
                if not policy.sees(viewer, thing):
                    continue  # then there is no row to tell it of
                may = fields_of(viewer, thing)
                partners = {
                    each
                    for each, stands in thing.hosts.items()
                    if stands is EventHostStatus.ACCEPTED and each != thing.organization.id
                }
                does = actions_of(viewer, thing, status[identifier], partners, may)
                assert in_sql[identifier] == (does, may), (viewer, identifier)
                met.add(frozenset(does))
    assert {frozenset(), frozenset({"updateEvent"})} < met
    assert any({"publishEvent", "cancelEvent"} <= each for each in met)
    assert any({"proposeHandover", "unshareEvent"} & each for each in met)
