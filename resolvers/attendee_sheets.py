"""The list at the door: who is expected at a date, and what was ticked on it afterwards.

Each line of a sheet is done by itself, so that one that cannot be done keeps no other from it; and
a sheet that is typed in twice changes nothing the second time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain import answering, policy, rsvps, texts
from domain.answering import Place
from domain.errors import NotFound, Problem, Refused
from domain.reach import EventReach
from domain.rsvps import UNDER_WAY, Gathering, RsvpStatus, Wish
from domain.words import say
from resolvers import check_in
from resolvers.answering import Whose, hold, settle
from resolvers.context import Context
from storage import answer_reach, reach
from storage import rsvps as stored
from storage.engine import Reading
from storage.rsvps import Expected as Expected  # a page is handed it by this name


@dataclass(frozen=True, slots=True)
class Sheet:
    date: Gathering
    lines: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class Ticked:
    """A line as it comes back. Without the id of an answer it is somebody who walked in."""

    line: int
    name: str
    there: bool
    rsvp_id: str | None = None
    party: int = 1


class Becomes(StrEnum):
    """What a line of a sheet would do."""

    HERE = "HERE"
    NOT_HERE = "NOT_HERE"
    WALKS_IN = "WALKS_IN"
    AS_BEFORE = "AS_BEFORE"
    PROBLEM = "PROBLEM"


@dataclass(frozen=True, slots=True)
class Foreseen:
    of: Ticked
    becomes: Becomes
    problem: str | None = None


@dataclass(slots=True)
class Outcome:
    """`problems`: the number of a line, and what hindered it."""

    checked_in: int = 0
    walked_in: int = 0
    as_before: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


async def sheet(ctx: Context, event_id: str, occurrence_id: str | None = None) -> Sheet:
    """Everybody whose answer is under way, by name. For the host, to print."""
    _require_ours(ctx, event_id)
    async with ctx.database.reading() as db:
        event = await reach.event(db, event_id)
        policy.require_seen(ctx.viewer, event, "event", ("event",))
        if event is None or not answering.works_on(ctx.viewer, event.organization.id):
            raise Refused("Only the host's event staff has the list of who comes.", ("event",))
        found = occurrence_id or await stored.next_date(db, event_id, ctx.clock.now(), nearest=True)
        date = await stored.date(db, event_id, found or "")
        if date is None:
            raise NotFound("This event has no such date.", ("occurrence",))
        lines = await stored.expected(db, date.occurrence_id, UNDER_WAY)
    return Sheet(date, tuple(lines))


async def preview(
    ctx: Context, event_id: str, occurrence_id: str, ticked: Iterable[Ticked]
) -> list[Foreseen]:
    """What `take_in` would do with each line, and nothing written."""
    _require_ours(ctx, event_id)
    async with ctx.database.reading(fresh=True) as db:
        event = await reach.event(db, event_id)
        policy.require_seen(ctx.viewer, event, "event", ("event",))
        places = await answer_reach.places(db, event_id)
        _require_door(ctx, event, places)
        date = await stored.date(db, event_id, occurrence_id)
        if date is None:
            raise NotFound("This event has no such date.", ("occurrence",))
        return [await _foreseen(ctx, db, date, one) for one in ticked]


async def _foreseen(ctx: Context, db: Reading, date: Gathering, one: Ticked) -> Foreseen:
    try:
        rsvps.require_check_in_open(date, ctx.clock.now())
        if one.rsvp_id is None:
            return await _foreseen_walking_in(ctx, db, date, one)
        answer = await stored.by_id(db, one.rsvp_id)
        if answer is None or answer.occurrence_id != date.occurrence_id:
            raise NotFound("This answer is not to the date of this sheet.", ("rsvp",))
        if answer.attended is one.there:
            return Foreseen(one, Becomes.AS_BEFORE)
        rsvps.require_expected(answer)
        return Foreseen(one, Becomes.HERE if one.there else Becomes.NOT_HERE)
    except Problem as problem:
        return Foreseen(one, Becomes.PROBLEM, problem.message)


async def _foreseen_walking_in(ctx: Context, db: Reading, date: Gathering, one: Ticked) -> Foreseen:
    name = texts.line(one.name, ("name",), 100)
    rsvps.checked(Wish(RsvpStatus.ACCEPTED, one.party - 1))
    rsvps.require_taking_answers(date, ctx.clock.now(), by_host=True)
    known = await stored.of_guest_called(db, date.occurrence_id, name, lock=False)
    is_here = known is not None and known.attended is True
    return Foreseen(one, Becomes.AS_BEFORE if is_here else Becomes.WALKS_IN)


async def take_in(
    ctx: Context, event_id: str, occurrence_id: str, ticked: Iterable[Ticked]
) -> Outcome:
    """What a sheet says of a date. Names that were not on it become guests who were there."""
    _require_ours(ctx, event_id)
    outcome = Outcome()
    for one in ticked:
        try:
            if one.rsvp_id is not None:
                await _on_the_list(ctx, occurrence_id, one, outcome)
            else:
                await _walked_in(ctx, event_id, occurrence_id, one, outcome)
        except Problem as problem:
            outcome.problems.append((one.line, problem.message))
    return outcome


async def _on_the_list(ctx: Context, occurrence_id: str, one: Ticked, outcome: Outcome) -> None:
    async with ctx.writing() as db:
        belongs = await stored.where_it_belongs(db, one.rsvp_id or "")
        if belongs is None or belongs[1] != occurrence_id:
            raise NotFound("This answer is not to the date of this sheet.", ("rsvp",))
        if await check_in.say(ctx, db, one.rsvp_id or "", attended=one.there):
            outcome.checked_in += 1
        else:
            outcome.as_before += 1


async def _walked_in(
    ctx: Context, event_id: str, occurrence_id: str, one: Ticked, outcome: Outcome
) -> None:
    name = texts.line(one.name, ("name",), 100)
    wish = rsvps.checked(Wish(RsvpStatus.ACCEPTED, one.party - 1))
    async with ctx.writing() as db:
        event = await reach.event(db, event_id)
        policy.require_seen(ctx.viewer, event, "event", ("event",))
        places = await answer_reach.places(db, event_id)
        _require_door(ctx, event, places)
        date = await hold(db, event_id, occurrence_id)
        now = ctx.clock.now()
        rsvps.require_taking_answers(date, now, by_host=True)
        rsvps.require_check_in_open(date, now)
        known = await stored.of_guest_called(db, occurrence_id, name)
        if known is not None and known.attended is True:
            outcome.as_before += 1
            return
        answer_id = known.id if known else None
        if answer_id is None:
            whose = Whose(guest_name=name)
            answer_id = await settle(ctx, db, date, None, whose, wish, by_host=True)
        await check_in.say(ctx, db, answer_id, attended=True)
        outcome.walked_in += 1


def _require_ours(ctx: Context, event_id: str) -> None:
    """Answers are kept by the hub of the event, and by no other."""
    authority = event_id.partition("@")[2]
    if authority not in {"", ctx.hub.authority}:
        raise Refused(
            say(
                "The list of who comes is kept by %(hub)s. Check people in at the door, name by name.",
                hub=authority,
            ),
            ("event",),
        )


def _require_door(ctx: Context, event: EventReach | None, places: Mapping[str, Place]) -> None:
    if event is None or not answering.works_at_the_door(ctx.viewer, event.organization.id, places):
        raise Refused("Only the hosts' event staff check people in.", ("event",))
