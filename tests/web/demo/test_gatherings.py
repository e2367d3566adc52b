"""What the organizations of the city do together: it is there once, and each month has its own."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import Viewer
from resolvers import merging, rsvps
from resolvers.context import Context
from storage import tables as t
from tests.outside import MONDAY
from tests.web.demo.conftest import Merrow
from web.demo import gatherings, making
from web.demo.gatherings import GATHERINGS, Gathering
from web.demo.meeting import staff
from web.demo.moments import Contexts, contexts, last_month, nth
from web.demo.schedule import planned

Rows = list[dict[str, Any]]


async def rows(merrow: Merrow, table: Any, **conditions: Any) -> Rows:
    async with merrow.database.reading() as db:
        found = await db.execute(
            select(table).where(*(table.c[name] == value for name, value in conditions.items()))
        )
        return [dict(row) for row in found.mappings()]


def made_by(merrow: Merrow) -> Contexts:
    return contexts(merrow.database, merrow.hub, merrow.clock, merrow.chance, "req_of_test")


def id_of(merrow: Merrow, gathering: Gathering) -> str:
    found = gathering.id_in(merrow.known, merrow.clock.now())
    assert found is not None
    return found


def name_of(merrow: Merrow, slug: str) -> str:
    return merrow.known.organizations[slug]


async def test_alliances_wait_for_answers(merrow: Merrow) -> None:
    """One was invited, one asks to join, and the members vote on that."""
    data = await merrow.ask(
        """query { common: alliance(slug: "common-table") {
             members(statuses: [REQUESTED]) { nodes {
               organization { slug } message initiatedBy nextActions } }
             proposals { nodes { kind status decisionRule subject { ... on AllianceMembership {
               status organization { slug } } } ballots { nodes {
                 organization { slug } choice reason } } viewerBallot { choice } } } }
           roofs: alliance(slug: "roofs-and-rights") {
             members(statuses: [INVITED]) { totalCount } } }""",
        await merrow.token("lantern-house"),
    )
    (asking,) = data["common"]["members"]["nodes"]
    assert (asking["organization"]["slug"], asking["initiatedBy"]) == (
        "spoke-and-wrench",
        "ORGANIZATION",
    )
    assert asking["nextActions"] == ["openProposal"]  # its members decide together
    van, joining = data["common"]["proposals"]["nodes"]
    assert (joining["kind"], joining["status"]) == ("ADMIT_MEMBER", "OPEN")
    assert joining["subject"]["organization"]["slug"] == "spoke-and-wrench"
    assert Counter(one["choice"] for one in joining["ballots"]["nodes"]) == {
        "AGREE": 2,
        "ABSTAIN": 1,
    }
    blocked = [one for one in van["ballots"]["nodes"] if one["choice"] == "BLOCK"]
    assert [one["organization"]["slug"] for one in blocked] == ["southside-mutual-aid"]
    assert (van["viewerBallot"], joining["viewerBallot"]) == ({"choice": "AGREE"}, None)
    assert data["roofs"]["members"]["totalCount"] == 1


async def test_a_co_host_added_its_language_and_the_record_says_so(merrow: Merrow) -> None:
    event_id = id_of(merrow, gatherings.SHARED)
    (changed,) = await rows(merrow, t.audit_entries, subject_id=event_id, action="event.updated")
    southside = name_of(merrow, "southside-mutual-aid")
    assert (changed["organization_id"], changed["detail"]) == (southside, "translations")
    editor = merrow.known.people[southside, "Beatriz Umaña"]
    assert changed["person_id"] == editor
    data = await merrow.ask(
        "query($id: ID!) { event(id: $id) { title(language: \"es\") } }", id=event_id
    )  # fmt: skip
    assert data["event"]["title"] == "Mesa larga en la plaza del mercado"


async def test_a_full_event_has_a_line_and_somebody_was_offered_a_place(merrow: Merrow) -> None:
    event_id = id_of(merrow, gatherings.FULL)
    answers = await rows(merrow, t.rsvps, event_id=event_id)
    assert Counter(answer["status"] for answer in answers) == {
        "ACCEPTED": 8,
        "WAITLISTED": 3,
        "CANCELLED": 1,
    }
    (offered,) = await rows(merrow, t.audit_entries, whole_id=event_id, action="rsvp.offered")
    (guest,) = [answer for answer in answers if answer["id"] == offered["subject_id"]]
    assert (guest["guest_name"], guest["status"]) == ("Oksana Petrenko", "ACCEPTED")
    letters = await rows(merrow, t.outgoing_mail, to=guest["guest_email"])
    assert any(letter["subject"].startswith("A place is free") for letter in letters)


async def test_people_agreed_to_be_known_to_the_co_host_they_came_through(merrow: Merrow) -> None:
    event_id = id_of(merrow, gatherings.FULL)
    answers = {answer["id"]: answer for answer in await rows(merrow, t.rsvps, event_id=event_id)}
    agreed = [row for row in await rows(merrow, t.rsvp_consents) if row["rsvp_id"] in answers]
    wrench = name_of(merrow, "spoke-and-wrench")
    assert {row["organization_id"] for row in agreed} == {wrench}
    assert {answers[row["rsvp_id"]]["referred_by_id"] for row in agreed} == {wrench}
    names = {answers[row["rsvp_id"]]["guest_name"] for row in agreed}
    assert {"Bilal Aziz", "Oksana Petrenko", "Rosa Tum", "Idris Saleh"} <= names
    assert "Hana Kim" not in names


async def test_what_was_entered_twice_by_one_organization_is_one(merrow: Merrow) -> None:
    stays = id_of(merrow, gatherings.STAYS)
    assert id_of(merrow, gatherings.DUPLICATE) == stays  # the name leads there from now on
    (merged,) = await rows(merrow, t.events, replaced_by_id=stays)
    assert merged["title"] == gatherings.DUPLICATE.piece.title
    # Of three and three, one person answered to both.
    answers = await rows(merrow, t.rsvps, event_id=stays, status="ACCEPTED")
    assert len(answers) == 5


async def test_last_month_was_written_down_in_three_ways(merrow: Merrow) -> None:
    by_key = {one.key: id_of(merrow, one) for one in gatherings.LAST_MONTH}

    async def said(key: str) -> dict[bool | None, int]:
        answers = await rows(merrow, t.rsvps, event_id=by_key[key])
        return Counter(answer["attended"] for answer in answers)

    assert await said("kitchen") == {True: 13, False: 3}
    assert await said("gleaning") == {True: 15, False: 2}
    assert await said("small pots") == {}
    walked_in = await rows(merrow, t.rsvps, event_id=by_key["gleaning"], guest_email=None)
    assert {"Jess from the bus", "Old Tom"} <= {row["guest_name"] for row in walked_in}
    (clothes,) = await rows(merrow, t.events, id=by_key["clothes"])
    assert clothes["report_attended"] == 85
    first, last = last_month(MONDAY)
    for event_id in by_key.values():
        (event,) = await rows(merrow, t.events, id=event_id)
        assert first <= event["starts_at"].date() <= last
        assert event["created_at"] < event["starts_at"]


class StoppedError(Exception):
    """As it were."""


def interrupted(there: Contexts, after: int) -> Contexts:
    """So many operations, and no more."""
    left = [after]

    def context(viewer: Viewer, at: datetime | None = None) -> Context:
        left[0] -= 1
        if left[0] < 0:
            raise StoppedError
        return there(viewer, at)

    return context


async def test_a_month_later_it_has_its_own_also_where_its_making_was_interrupted(
    merrow: Merrow,
) -> None:
    before = await by_gathering(merrow, MONDAY)
    assert len(before) == len(GATHERINGS)
    merrow.clock.forward(weeks=5)
    now = merrow.clock.now()
    wanted = planned(now)
    for after in (10, 25, 40, 50):
        with pytest.raises(StoppedError):
            await making.fill(interrupted(made_by(merrow), after), now, wanted, lambda: None)
    assert (await merrow.fill()).added >= 0
    assert await by_gathering(merrow, now) == before
    assert (await merrow.fill()).added == 0
    assert await by_gathering(merrow, now) == before
    assert await by_gathering(merrow, MONDAY) == before


async def by_gathering(merrow: Merrow, now: datetime) -> dict[str, Any]:
    """Of each that month: who hosts it, and how its answers stand."""
    found = {}
    for gathering in GATHERINGS:
        event_id = await event_called(merrow, gathering.name(now))
        hosts = await rows(merrow, t.event_hosts, event_id=event_id)
        answers = await rows(merrow, t.rsvps, event_id=event_id)
        found[gathering.key] = (
            Counter((row["organization_id"], row["status"]) for row in hosts),
            Counter((row["status"], row["attended"]) for row in answers),
        )
    return found


async def event_called(merrow: Merrow, name: str) -> str:
    (found,) = await rows(merrow, t.identifiers, value=name)
    return str(found["subject_id"])


async def test_what_people_did_about_it_stays(merrow: Merrow) -> None:
    """Who cancelled is not asked again, and what was told apart is not made one again."""
    there = made_by(merrow)
    library = staff(merrow.known, "port-merrow-library")
    (merged,) = await rows(merrow, t.events, replaced_by_id=id_of(merrow, gatherings.STAYS))
    async with there(library) as ctx:
        await merging.unmerge(ctx, merged["id"])
    full = id_of(merrow, gatherings.FULL)
    host = staff(merrow.known, "open-door-welcome")
    accepted = await rows(merrow, t.rsvps, event_id=full, status="ACCEPTED")
    async with there(host) as ctx:
        await rsvps.cancel(ctx, accepted[0]["id"])
    answers = await rows(merrow, t.rsvps, event_id=full)
    assert (await merrow.fill()).added == 0
    assert await rows(merrow, t.rsvps, event_id=full) == answers
    (apart,) = await rows(merrow, t.events, id=merged["id"])
    assert apart["replaced_by_id"] is None


def test_months_have_the_days_that_are_counted_in_them() -> None:
    for months in range(14):
        now = MONDAY + timedelta(days=30 * months)
        first, last = last_month(now)
        assert first.day == 1
        assert first <= last < now.date()
        for day in range(7):
            for which in range(1, 5):
                found = nth(first, day, which)
                assert (found.month, found.weekday()) == (first.month, day)
        for gathering in gatherings.LAST_MONTH:
            assert first <= gathering.planned(now).starts_at.date() <= last
        for gathering in gatherings.TO_COME:
            assert gathering.planned(now).starts_at > now + timedelta(days=gathering.ahead - 1)
