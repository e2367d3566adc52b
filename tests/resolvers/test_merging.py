"""One event stands here twice: the two become one, everything leads to it, and it can be undone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import RowMapping, select

from domain.actors import Viewer
from domain.errors import Invalid, InvalidTransition, NotFound, Problem, Refused
from domain.events import EventStatus
from domain.identifiers import Identifier
from domain.importing import Outcome
from domain.rsvps import RsvpStatus
from domain.sharing import Visibility
from resolvers import co_hosting, events, merging, publishing, rsvps
from resolvers.co_hosting import Wish
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import audit_entries, event_hosts, event_shares, identifiers, occurrences
from storage.tables import events as event_rows
from storage.tables import rsvps as answer_rows
from tests.cast import STARTS, Cast, MakeContext, publish
from tests.conftest import Contents
from tests.resolvers.importing import Desk, counts, told
from tests.somebody_comes import answered, come_to

FEED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20270101T000000Z
DTSTART:20270306T190000Z
DTEND:20270306T220000Z
SUMMARY:{title}
STATUS:{status}
END:VEVENT
END:VCALENDAR
"""


@dataclass(frozen=True)
class Twice:
    """The Pantry's food drive, and the entry of it that should not be."""

    context: MakeContext
    cast: Cast
    database: Database
    stays: str
    duplicate: str

    async def merge(self, viewer: Viewer | None = None, **other: str) -> str:
        ids = {"duplicate_id": self.duplicate, "into_id": self.stays} | other
        return await merging.merge(self.context(viewer or self.cast.anna), **ids)

    async def unmerge(self, viewer: Viewer | None = None) -> str:
        return await merging.unmerge(self.context(viewer or self.cast.anna), self.duplicate)

    async def rows(self, table: Any, *where: Any) -> Sequence[RowMapping]:
        async with self.database.reading() as db:
            return (await db.execute(select(table).where(*where))).mappings().all()

    async def event(self, event_id: str) -> RowMapping:
        (row,) = await self.rows(event_rows, event_rows.c.id == event_id)
        return row

    async def hosts(self, event_id: str) -> set[tuple[str, str, str]]:
        rows = await self.rows(event_hosts, event_hosts.c.event_id == event_id)
        return {(row["organization_id"], row["role"], row["status"]) for row in rows}

    async def answers(self, event_id: str) -> list[tuple[str | None, str]]:
        rows = await self.rows(answer_rows, answer_rows.c.event_id == event_id)
        return sorted((row["guest_name"] or row["person_id"], row["status"]) for row in rows)

    async def accepted(self, event_id: str) -> int:
        (date,) = await self.rows(occurrences, occurrences.c.event_id == event_id)
        return int(date["accepted"])

    async def answer(self, viewer: Viewer, event_id: str, status: RsvpStatus) -> str:
        given = await rsvps.answer(self.context(viewer), NewRsvp(event_id=event_id, status=status))
        assert given is not None
        return given


@pytest.fixture
async def twice(context: MakeContext, cast: Cast, database: Database) -> Twice:
    stays = await publish(context, cast.anna)
    duplicate = await publish(context, cast.anna, title="Food Drive (again)")
    return Twice(context, cast, database, stays, duplicate)


async def refused(work: Any, kind: type[Problem], contents: Contents) -> Problem:
    before = await contents()
    with pytest.raises(kind) as problem:
        await work
    assert await contents() == before
    return problem.value


async def test_the_duplicate_stays_and_names_the_event_that_replaced_it(twice: Twice) -> None:
    assert await twice.merge() == twice.stays
    assert (await twice.event(twice.duplicate))["replaced_by_id"] == twice.stays
    assert (await twice.event(twice.stays))["replaced_by_id"] is None
    noted = await twice.rows(audit_entries, audit_entries.c.action.like("event.merged%"))
    assert {(one["action"], one["subject_id"]) for one in noted} == {
        ("event.merged", twice.duplicate),
        ("event.merged_into", twice.stays),
    }


async def test_merging_twice_is_merging_once(twice: Twice, contents: Contents) -> None:
    await twice.merge()
    before = await contents()
    assert await twice.merge() == twice.stays
    assert await contents() == before


async def test_its_names_lead_to_the_event_that_stays_and_back(
    twice: Twice, context: MakeContext, cast: Cast
) -> None:
    named = await publish(context, cast.anna, identifiers=(Identifier("mobilize", "123"),))
    await twice.merge(duplicate_id=named)
    (name,) = await twice.rows(identifiers, identifiers.c.system == "mobilize")
    assert name["subject_id"] == twice.stays
    await merging.unmerge(context(cast.anna), named)
    (name,) = await twice.rows(identifiers, identifiers.c.system == "mobilize")
    assert name["subject_id"] == named


async def test_who_accepted_to_host_the_one_hosts_the_other(twice: Twice) -> None:
    cast, context = twice.cast, twice.context
    wish = Wish(event_id=twice.duplicate, organization_id=cast.shelter)
    place = await co_hosting.ask(context(cast.anna), wish)
    await co_hosting.respond(context(cast.sam), place, True)
    before = await twice.hosts(twice.stays)
    await twice.merge()
    assert await twice.hosts(twice.stays) == before | {(cast.shelter, "CO_HOST", "ACCEPTED")}
    await twice.unmerge()
    assert await twice.hosts(twice.stays) == before


async def test_who_was_still_asked_about_the_one_and_accepted_the_other_has_accepted(
    twice: Twice,
) -> None:
    cast, context = twice.cast, twice.context
    for event_id in (twice.stays, twice.duplicate):
        place = await co_hosting.ask(
            context(cast.anna), Wish(event_id=event_id, organization_id=cast.shelter)
        )
    await co_hosting.respond(context(cast.sam), place, True)
    before = await twice.rows(event_hosts, event_hosts.c.event_id == twice.stays)
    await twice.merge()
    assert (cast.shelter, "CO_HOST", "ACCEPTED") in await twice.hosts(twice.stays)
    await twice.unmerge()
    after = await twice.rows(event_hosts, event_hosts.c.event_id == twice.stays)
    assert sorted(map(dict, after), key=str) == sorted(map(dict, before), key=str)


async def test_a_partner_who_left_since_has_left_the_duplicate_too(twice: Twice) -> None:
    cast, context = twice.cast, twice.context
    place = await co_hosting.ask(
        context(cast.anna), Wish(event_id=twice.duplicate, organization_id=cast.shelter)
    )
    await co_hosting.respond(context(cast.sam), place, True)
    await twice.merge()
    (brought,) = await twice.rows(
        event_hosts,
        event_hosts.c.event_id == twice.stays,
        event_hosts.c.organization_id == cast.shelter,
    )
    await co_hosting.withdraw(context(cast.sam), brought["id"])
    await twice.unmerge()
    assert (cast.shelter, "CO_HOST", "WITHDRAWN") in await twice.hosts(twice.duplicate)


async def test_what_the_duplicate_was_shared_with_the_other_is_too_as_far_as_its_host_may(
    twice: Twice, context: MakeContext, cast: Cast
) -> None:
    shared = await publish(context, cast.anna, share_with=(cast.city_table,))
    private = await publish(context, cast.anna, visibility=Visibility.ORGANIZATION)
    await twice.merge(duplicate_id=shared)
    (share,) = await twice.rows(event_shares, event_shares.c.event_id == twice.stays)
    assert share["alliance_id"] == cast.city_table
    await merging.unmerge(context(cast.anna), shared)
    assert not await twice.rows(event_shares, event_shares.c.event_id == twice.stays)
    await twice.merge(duplicate_id=shared, into_id=private)
    assert not await twice.rows(event_shares, event_shares.c.event_id == private)


async def test_answers_to_the_date_that_both_have_move_and_are_counted_there(twice: Twice) -> None:
    first = await come_to(twice.database, twice.duplicate, STARTS)
    date, _ = await answered(twice.database, first)
    assert (await twice.accepted(twice.stays), await twice.accepted(twice.duplicate)) == (0, 1)
    await twice.merge()
    assert (await twice.accepted(twice.stays), await twice.accepted(twice.duplicate)) == (1, 0)
    later = await come_to(twice.database, twice.stays, STARTS)
    await twice.unmerge()
    assert await answered(twice.database, first) == (date, twice.duplicate)
    assert (await answered(twice.database, later))[1] == twice.stays
    assert (await twice.accepted(twice.stays), await twice.accepted(twice.duplicate)) == (1, 1)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (RsvpStatus.TENTATIVE, RsvpStatus.ACCEPTED),
        (RsvpStatus.ACCEPTED, RsvpStatus.TENTATIVE),
        (RsvpStatus.ACCEPTED, RsvpStatus.ACCEPTED),
    ],
)
async def test_of_somebody_who_answered_both_the_surer_answer_stays(
    twice: Twice, here: RsvpStatus, there: RsvpStatus
) -> None:
    lee = twice.cast.lee
    await twice.answer(lee, twice.stays, here)
    await twice.answer(lee, twice.duplicate, there)
    await twice.merge()
    stays = min(here, there)  # ACCEPTED before TENTATIVE
    assert await twice.answers(twice.stays) == [
        (lee.person_id, stays),
        (lee.person_id, RsvpStatus.CANCELLED),
    ]
    assert await twice.accepted(twice.stays) == 1
    await twice.unmerge()
    assert await twice.answers(twice.stays) == [(lee.person_id, here)]
    assert await twice.answers(twice.duplicate) == [(lee.person_id, there)]


async def test_who_takes_the_answer_back_has_taken_back_both(twice: Twice) -> None:
    lee = twice.cast.lee
    kept = await twice.answer(lee, twice.stays, RsvpStatus.ACCEPTED)
    await twice.answer(lee, twice.duplicate, RsvpStatus.TENTATIVE)
    await twice.merge()
    await rsvps.cancel(twice.context(lee), kept)
    await twice.unmerge()
    assert await twice.answers(twice.duplicate) == [(lee.person_id, RsvpStatus.CANCELLED)]


async def test_answers_to_other_dates_stay_where_they_are(twice: Twice) -> None:
    other = await publish(
        twice.context,
        twice.cast.anna,
        starts_at=STARTS + timedelta(days=1),
        ends_at=STARTS + timedelta(days=1, hours=2),
    )
    answer = await come_to(twice.database, other, STARTS + timedelta(days=1))
    await twice.merge(duplicate_id=other)
    assert (await answered(twice.database, answer))[1] == other


async def test_others_than_its_hosts_may_not_merge(twice: Twice, contents: Contents) -> None:
    problem = await refused(twice.merge(twice.cast.sam), Refused, contents)
    assert problem.field == ("duplicate",)
    theirs = await publish(twice.context, twice.cast.lee)
    problem = await refused(twice.merge(duplicate_id=theirs), Refused, contents)
    assert problem.field == ("duplicate",)
    problem = await refused(twice.merge(into_id=theirs), Refused, contents)
    assert problem.field == ("into",)


async def test_an_event_that_is_not_seen_is_not_there(twice: Twice, contents: Contents) -> None:
    hidden = await publish(twice.context, twice.cast.lee, visibility=Visibility.PRIVATE)
    assert (await refused(twice.merge(into_id=hidden), NotFound, contents)).field == ("into",)
    nobody = await refused(twice.merge(duplicate_id="evt_none"), NotFound, contents)
    assert nobody.field == ("duplicate",)


async def test_chains_and_circles_are_refused_with_the_way_out(
    twice: Twice, contents: Contents
) -> None:
    third = await publish(twice.context, twice.cast.anna)
    await refused(twice.merge(into_id=twice.duplicate), Invalid, contents)
    await twice.merge()
    problem = await refused(
        twice.merge(duplicate_id=third, into_id=twice.duplicate), InvalidTransition, contents
    )
    assert twice.stays in problem.message
    problem = await refused(twice.merge(into_id=third), InvalidTransition, contents)
    assert "unmergeEvents" in problem.message
    problem = await refused(
        twice.merge(duplicate_id=twice.stays, into_id=third), InvalidTransition, contents
    )
    assert twice.duplicate in problem.message
    problem = await refused(
        twice.merge(duplicate_id=twice.stays, into_id=twice.duplicate), InvalidTransition, contents
    )


async def test_a_published_event_does_not_vanish_behind_a_draft(
    twice: Twice, contents: Contents
) -> None:
    draft = await publish(twice.context, twice.cast.anna, publish=False)
    problem = await refused(twice.merge(into_id=draft), InvalidTransition, contents)
    assert "publishEvent" in problem.message


async def test_taking_back_what_was_never_merged_changes_nothing(
    twice: Twice, contents: Contents
) -> None:
    before = await contents()
    assert await twice.unmerge() == twice.duplicate
    assert await contents() == before
    await refused(twice.unmerge(twice.cast.sam), Refused, contents)


async def test_of_two_merges_in_opposite_directions_one_is_told_of_the_other(twice: Twice) -> None:
    done = await asyncio.gather(
        twice.merge(),
        twice.merge(duplicate_id=twice.stays, into_id=twice.duplicate),
        return_exceptions=True,
    )
    (one,) = [each for each in done if isinstance(each, str)]
    (other,) = [each for each in done if not isinstance(each, str)]
    assert isinstance(other, InvalidTransition)
    replaced = [
        (await twice.event(each))["replaced_by_id"] for each in (twice.stays, twice.duplicate)
    ]
    assert sorted(replaced, key=str) == sorted([None, one], key=str)


async def test_two_who_merge_the_same_at_once_merge_once(twice: Twice) -> None:
    done = await asyncio.gather(twice.merge(), twice.merge(twice.cast.pantry_app))
    assert set(done) == {twice.stays}
    noted = await twice.rows(audit_entries, audit_entries.c.action == "event.merged")
    assert len(noted) == 1


async def test_one_event_arrives_by_two_feeds_and_is_merged_once(desk: Desk) -> None:
    context, cast = desk.context, desk.cast

    async def take_in(feed: str, status: str = "CONFIRMED", title: str = "Food drive") -> Any:
        text = FEED.format(uid=f"drive@{feed}", title=title, status=status)
        return await desk.take_in(text, location=f"{feed}.ics")

    await take_in("pantry.example")
    report = await take_in("city.example")
    stays = (await desk.event_of("drive@pantry.example")).id
    duplicate = (await desk.event_of("drive@city.example")).id
    assert told(report, "Food drive").possible_duplicate_of == (stays,)
    await merging.merge(context(cast.anna), duplicate, stays)

    for feed in ("pantry.example", "city.example"):
        report = await take_in(feed, title="The food drive")
        assert counts(report).get(Outcome.CREATE, 0) == 0
        assert (await desk.event_of(f"drive@{feed}")).id == stays
    assert (await desk.event_of("drive@city.example")).title == "The food drive"

    report = await take_in("city.example", status="CANCELLED", title="The food drive")
    assert told(report, "The food drive").outcome is Outcome.UPDATE
    assert (await desk.event_of("drive@pantry.example")).status is EventStatus.CANCELLED
    # The other feed, which says nothing of it, does not take that back.
    await take_in("pantry.example", title="The great food drive")
    drive = await desk.event_of("drive@pantry.example")
    assert (drive.status, drive.title) == (EventStatus.CANCELLED, "The great food drive")

    await merging.unmerge(context(cast.anna), duplicate)
    assert (await desk.event_of("drive@city.example")).id == duplicate
    assert (await desk.event_of("drive@city.example")).status is EventStatus.SCHEDULED
    await take_in("city.example", status="CANCELLED", title="The food drive")
    assert (await desk.event_of("drive@city.example")).status is EventStatus.CANCELLED


async def test_what_was_merged_is_only_looked_at_until_it_is_taken_back(
    twice: Twice, contents: Contents
) -> None:
    await twice.merge()
    version = (await twice.event(twice.duplicate))["version"]
    anna = twice.context(twice.cast.anna)
    changed = events.update(anna, twice.duplicate, version, {"title": "Too late"})
    answered = twice.answer(twice.cast.sam, twice.duplicate, RsvpStatus.ACCEPTED)
    called_off = publishing.cancel(twice.context(twice.cast.anna), twice.duplicate, version, None)
    for work in (changed, answered, called_off):
        problem = await refused(work, InvalidTransition, contents)
        assert twice.stays in problem.message
        assert "unmergeEvents" in problem.message
    await twice.unmerge()
    version = (await twice.event(twice.duplicate))["version"]
    await events.update(twice.context(twice.cast.anna), twice.duplicate, version, {"title": "Ours"})
    assert (await twice.event(twice.duplicate))["title"] == "Ours"
