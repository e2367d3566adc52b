"""Whose answers go to whom is said twice: to Python in `domain.answering`, to PostgreSQL in
`storage.visibility_of_answers`. Here the two are held together, in worlds made by chance and in one
that has every case."""

from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from domain.actors import TeamRole, Viewer
from domain.answering import sees_answer
from domain.events import EventHostStatus, PublicationStatus
from domain.rsvps import RsvpStatus
from domain.sharing import AttendeeSharing, Visibility
from storage import answer_reach
from storage import visibility_of_answers as twin
from storage.engine import Database, Writing
from storage.tables import rsvp_consents, rsvps
from storage.visibility import Eyes, parameters
from tests.storage.worlds import NOW, World
from tests.storage.worlds_by_chance import undone

ORGANIZATIONS = ("host", "partner", "other")
EVENTS = ("open", "closed")


class Answers:
    """A world with people who answer to its events."""

    def __init__(self) -> None:
        self.world = World()
        self.rows: list[dict[str, object]] = []
        self.consents: list[dict[str, object]] = []

    def organization(self, name: str, visibility: str = Visibility.PUBLIC) -> None:
        self.world.organization(name, visibility)

    def person(self, name: str, works_for: str, role: str) -> None:
        self.world.person(name, works_for)
        self.world.rows["team_members"][-1]["role"] = role

    def visitor(self, name: str, works_for: str, role: str) -> None:
        """Of a peer hub, which vouches for their role."""
        self.world.add("persons", id=name, display_name=name, created_at=NOW)
        self.world.grant(works_for, name)
        self.world.rows["grants"][-1] |= {"hub_id": "east", "role": role}

    def event(self, name: str, owner: str, visibility: str, publication: str) -> None:
        self.world.event(name, owner, visibility, publication)
        self.world.date(name)

    def host(self, event: str, organization: str, status: str, sharing: str) -> None:
        self.world.host(event, organization, status)
        self.world.rows["event_hosts"][-1]["attendee_sharing"] = sharing

    def answer(
        self,
        event: str,
        person: str | None,
        status: str,
        referred_by: str | None = None,
        agreed: tuple[str, ...] = (),
        taken_back: tuple[str, ...] = (),
    ) -> str:
        name = f"answer-{len(self.rows)}"
        self.rows.append(
            {
                "id": name,
                "event_id": event,
                "occurrence_id": f"date-of-{event}",
                "person_id": person,
                "guest_name": None if person else name,
                "status": status,
                "additional_guests": 0,
                "referred_by_id": referred_by,
                "created_at": NOW,
                "updated_at": NOW,
            }
        )
        for organization in {*agreed, *taken_back}:
            self.consents.append(
                {
                    "id": f"{name}-{organization}",
                    "rsvp_id": name,
                    "organization_id": organization,
                    "wording": "Yes.",
                    "given_at": NOW,
                    "withdrawn_at": None if organization in agreed else NOW,
                }
            )
        return name

    async def put_in(self, db: Writing) -> None:
        await self.world.put_in(db)
        for table, rows in ((rsvps, self.rows), (rsvp_consents, self.consents)):
            if rows:
                await db.execute(insert(table), rows)


async def seen_by(db: Writing, viewer: Viewer) -> set[str]:
    rows = select(rsvps.c.id).where(twin.sees_answer(Eyes.of(viewer), rsvps))
    return set(await db.scalars(rows, parameters(viewer)))


async def differences(db: Writing, made: Answers) -> list[tuple[Viewer, set[str], set[str]]]:
    await made.put_in(db)
    known = [await answer_reach.answer(db, str(row["id"])) for row in made.rows]
    found = []
    for viewer in await made.world.viewers(db):
        by_sql = await seen_by(db, viewer)
        by_policy = {one.id for one in known if one is not None and sees_answer(viewer, one)}
        if by_sql != by_policy:
            found.append((viewer, by_sql, by_policy))
    return found


@st.composite
def by_chance(draw: st.DrawFn) -> Answers:
    made = Answers()
    some = st.lists(st.sampled_from(ORGANIZATIONS), unique=True, max_size=2).map(tuple)
    for name in ORGANIZATIONS:
        made.organization(name, draw(st.sampled_from(list(Visibility))))
        for number in range(2):
            made.person(f"{name}-{number}", name, draw(st.sampled_from(list(TeamRole))))
        made.visitor(f"visitor-of-{name}", name, draw(st.sampled_from(list(TeamRole))))
    people = [f"{name}-{number}" for name, number in product(ORGANIZATIONS, range(2))]
    for event in EVENTS:
        made.event(
            event,
            draw(st.sampled_from(ORGANIZATIONS)),
            draw(st.sampled_from(list(Visibility))),
            draw(st.sampled_from(list(PublicationStatus))),
        )
        for organization in ORGANIZATIONS:
            status = draw(st.none() | st.sampled_from(list(EventHostStatus)))
            if status is not None:
                sharing = draw(st.sampled_from(list(AttendeeSharing)))
                made.host(event, organization, status, sharing)
        for person in (*draw(st.lists(st.sampled_from(people), unique=True)), None, None):
            made.answer(
                event,
                person,
                draw(st.sampled_from(list(RsvpStatus))),
                draw(st.none() | st.sampled_from(ORGANIZATIONS)),
                draw(some),
                draw(some),
            )
    return made


@given(by_chance())
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_list_of_answers_holds_exactly_what_policy_allows(
    database: Database, made: Answers
) -> None:
    async with undone(database) as db:
        assert await differences(db, made) == []


def every_case() -> Answers:
    """A partner with a place in every status and every sharing, each at an event of its own, with
    answers that were referred and agreed to or not."""
    made = Answers()
    for name in ORGANIZATIONS:
        made.organization(name)
    for role in TeamRole:
        made.person(f"host-{role}", "host", role)
        made.person(f"partner-{role}", "partner", role)
        made.visitor(f"visiting-partner-{role}", "partner", role)
    made.person("guest", "other", TeamRole.VIEWER)
    for status, sharing in product(EventHostStatus, AttendeeSharing):
        event = f"e-{status}-{sharing}"
        made.event(event, "host", Visibility.PUBLIC, PublicationStatus.PUBLISHED)
        made.host(event, "partner", status, sharing)
        made.answer(event, "guest", RsvpStatus.ACCEPTED)
        for referred_by, agreed, taken in product(
            (None, "partner", "other"), ((), ("partner",), ("other",)), ((), ("partner",))
        ):
            made.answer(event, None, RsvpStatus.ACCEPTED, referred_by, agreed, taken)
    return made


async def test_they_agree_on_every_case_and_the_cases_are_cases(database: Database) -> None:
    made = every_case()
    staff = {"OWNER", "ADMIN", "EDITOR", "EVENT_MANAGER"}
    everything = {str(row["id"]) for row in made.rows}
    own = {str(row["id"]) for row in made.rows if row["person_id"] == "guest"}
    agreed = {
        str(one["rsvp_id"])
        for one in made.consents
        if one["organization_id"] == "partner" and one["withdrawn_at"] is None
    }
    told = {
        str(row["id"])
        for row in made.rows
        if row["id"] in agreed
        and (
            row["event_id"] == "e-ACCEPTED-ALL_WITH_CONSENT"
            or (
                row["event_id"] == "e-ACCEPTED-REFERRED_ONLY" and row["referred_by_id"] == "partner"
            )
        )
    }
    assert len(told) > 3
    async with undone(database) as db:
        assert await differences(db, made) == []
        for viewer in await made.world.viewers(db):
            who = viewer.person_id or viewer.client_id or "nobody"
            works = viewer.person_id is None or viewer.role in staff
            expected: set[str] = own if who == "guest" else set()
            if works and viewer.organization_id == "host":
                expected = everything
            elif works and viewer.organization_id == "partner":
                expected = told
            assert await seen_by(db, viewer) == expected, who
