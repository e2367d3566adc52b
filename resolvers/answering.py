"""What all use cases of answers share: writing an answer by a wish, and places that become free.

Each works within a transaction that holds the date (`storage.rsvps.hold`), so that its places are
given to nobody else meanwhile.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from domain import answering, attendee_sharing, rsvps
from domain.actors import NOBODY, Viewer
from domain.answering import Place
from domain.errors import NotFound, Refused
from domain.ids import Kind
from domain.rsvps import (
    ACCEPTED,
    ACTION_OF,
    REFUSED,
    RSVP,
    UNDER_WAY,
    Gathering,
    Rsvp,
    RsvpStatus,
    Wish,
)
from domain.transitions import Party
from resolvers.audit import note
from resolvers.context import Context
from resolvers.post import answers as post
from storage import audit, consents
from storage import rsvps as stored
from storage.audit import Entry
from storage.engine import Writing


@dataclass(frozen=True, slots=True)
class Whose:
    """Who answers: a person, or a guest by name, with an address or without."""

    person_id: str | None = None
    guest_name: str | None = None
    guest_email: str | None = None


async def hold(db: Writing, event_id: str, occurrence_id: str) -> Gathering:
    date = await stored.hold(db, event_id, occurrence_id)
    if date is None:
        raise NotFound("This event has no such date.", ("occurrence",))
    return date


async def held(db: Writing, rsvp_id: str) -> tuple[Gathering, Rsvp]:
    """The answer and its date, nobody else's until the transaction ends."""
    belongs = await stored.where_it_belongs(db, rsvp_id)
    if belongs is None:
        raise answering.not_found(("rsvp",))
    date = await hold(db, *belongs)
    current = await stored.by_id(db, rsvp_id, lock=True)
    if current is None:
        raise answering.not_found(("rsvp",))
    return date, current


async def settle(
    ctx: Context,
    db: Writing,
    date: Gathering,
    current: Rsvp | None,
    whose: Whose,
    wish: Wish,
    *,
    referred_by_id: str | None = None,
    agreed: Collection[str] | None = None,
    places: dict[str, Place] | None = None,
    by_host: bool = False,
) -> str:
    """The answer's id. What is so already is left as it is; None for `agreed` keeps what was
    agreed to before."""
    if current is not None and current.status is REFUSED:
        raise Refused("The host has answered that you cannot come; ask them.", ("event",))
    status = rsvps.decided(date, wish, current, by_host=by_host)
    now = ctx.clock.now()
    if current is None:
        after = Rsvp(
            id=ctx.names.new(Kind.RSVP),
            event_id=date.event_id,
            occurrence_id=date.occurrence_id,
            person_id=whose.person_id,
            guest_name=whose.guest_name,
            guest_email=whose.guest_email,
            status=status,
            additional_guests=wish.additional_guests,
            referred_by_id=referred_by_id,
        )
        await stored.add(db, after, now)
        changed = True
    else:
        RSVP.require(current.status, ACTION_OF[wish.status], (Party.PERSON,), ("status",))
        after = replace(
            current,
            status=status,
            guest_name=whose.guest_name or current.guest_name,
            additional_guests=wish.additional_guests,
            referred_by_id=current.referred_by_id or referred_by_id,
        )
        changed = after != current
        if changed:
            await stored.keep(db, after, now)
    agreed = frozenset() if status not in UNDER_WAY else agreed
    changed |= await _agree(ctx, db, date, after.id, agreed, places or {})
    if changed:
        action = "rsvp.answered" if current is None else "rsvp.changed"
        await note(ctx, db, action, after.id, part_of=date.event_id)
    await offer_what_is_free(ctx, db, date, _given_back(current, after))
    return after.id


async def end(
    ctx: Context, db: Writing, date: Gathering, current: Rsvp, status: RsvpStatus, action: str
) -> None:
    """It is cancelled or refused: what was agreed to ends with it, and its place is offered."""
    now = ctx.clock.now()
    after = replace(current, status=status)
    await stored.keep(db, after, now)
    await consents.withdraw(db, current.id, await consents.in_force(db, current.id), now)
    await note(ctx, db, action, current.id, part_of=date.event_id)
    await offer_what_is_free(ctx, db, date, _given_back(current, after))


def _given_back(before: Rsvp | None, after: Rsvp) -> int:
    had = before.party if before and before.status is ACCEPTED else 0
    return had - (after.party if after.status is ACCEPTED else 0)


async def offer_what_is_free(
    ctx: Context, db: Writing, date: Gathering, given_back: int | None = None
) -> None:
    """To those who wait (`domain.rsvps.offered`), as long as there is something to come to.
    `given_back` are places that this transaction took from what `date` counts; None where the date
    or its limit was changed."""
    if given_back is not None and given_back <= 0:
        return
    if not rsvps.can_be_offered(date, ctx.clock.now()):
        return
    free = None if date.capacity is None else date.capacity - date.accepted + (given_back or 0)
    got: list[str] = []
    behind = 0
    while free is None or free > 0:
        line = await stored.waiting(db, date.occurrence_id, behind, free)
        if not line:
            break
        if free is None:
            taken = [answer_id for answer_id, _, _ in line]
        else:
            taken, free = rsvps.offered([(each, party) for each, party, _ in line], free)
        got += taken
        behind = line[-1][2]
    if got:
        await stored.offer(db, got, ctx.clock.now())
        await _told_of_places(ctx, db, date.event_id, got)


async def _told_of_places(
    ctx: Context, db: Writing, event_id: str, rsvp_ids: Collection[str]
) -> None:
    """It was nobody's doing: the entries name no person."""
    now = ctx.clock.now()
    entries = [
        Entry(ctx.names.new(Kind.AUDIT_ENTRY), "rsvp.offered", each, None, event_id)
        for each in rsvp_ids
    ]
    await audit.add_many(db, entries, now, NOBODY, ctx.request_id, ctx.hub.id)
    await post.write(ctx, db, rsvp_ids, offered=True)


async def _agree(
    ctx: Context,
    db: Writing,
    date: Gathering,
    rsvp_id: str,
    agreed: Collection[str] | None,
    places: dict[str, Place],
) -> bool:
    """Whether anything changed."""
    if agreed is None:
        return False
    before = await consents.in_force(db, rsvp_id)
    wanted = frozenset(agreed)
    now = ctx.clock.now()
    await consents.withdraw(db, rsvp_id, before - wanted, now)
    wordings = {
        each: attendee_sharing.wording(places[each].name, date.host_name, date.title)
        for each in wanted - before
    }
    await consents.agree(db, ctx.names, rsvp_id, wordings, now)
    return before != wanted


def is_invited(viewer: Viewer, date: Gathering, current: Rsvp | None) -> bool:
    """By an invitation under way, or as one of those who host it."""
    return current is not None or answering.works_on(viewer, date.host_id)
