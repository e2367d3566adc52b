"""Answering to a date of an event, taking an answer back, and the host's word on who may come.

Guests without an account are in `resolvers.guests`, who was there in `resolvers.check_in`.
"""

from dataclasses import dataclass

from domain import answering, policy, rsvps
from domain.errors import Invalid, Unauthenticated
from domain.rsvps import ACCEPTED, CANCELLED, REFUSED, RSVP, WAITLISTED, Gathering, Rsvp, Wish
from domain.transitions import Party
from resolvers import guests
from resolvers.answering import Whose, end, held, hold, is_invited, offer_what_is_free, settle
from resolvers.audit import note
from resolvers.context import Context
from storage import answer_reach, reach
from storage import rsvps as stored
from storage.engine import Writing


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRsvp:
    event_id: str
    occurrence_id: str | None = None  # None: the next date
    status: rsvps.RsvpStatus = ACCEPTED
    guest_name: str | None = None
    guest_email: str | None = None
    additional_guests: int = 0
    referred_by_id: str | None = None
    consent_to: tuple[str, ...] | None = None  # None: as it was
    attended: bool = False  # a guest who stands at the door


async def answer(ctx: Context, new: NewRsvp) -> str | None:
    """The answer's id; None where it waits for a link in a mail to be followed, whoever asked: so
    that nobody learns which addresses are known here."""
    wish = rsvps.checked(Wish(new.status, new.additional_guests))
    if new.guest_name is not None or new.guest_email is not None:
        return await guests.sign_up(
            ctx,
            guests.Guest(
                event_id=new.event_id,
                occurrence_id=new.occurrence_id,
                name=new.guest_name,
                email=new.guest_email,
                wish=wish,
                referred_by_id=new.referred_by_id,
                consent_to=new.consent_to,
                is_here=new.attended,
            ),
        )
    if new.attended:
        raise Invalid(
            "Only a guest without an address is written down and checked in at once: give "
            "guestName. For anybody else there is checkIn.",
            ("attended",),
        )
    person_id = ctx.viewer.person_id
    if person_id is None:
        _require_somebody(ctx)
    async with ctx.writing() as db:
        event = await reach.event(db, new.event_id)
        policy.require_seen(ctx.viewer, event, "event", ("event",))
        if event is not None:
            policy.in_use(event, ("event",))
        named = (*(new.consent_to or ()), *filter(None, [new.referred_by_id]))
        places = await answer_reach.places(db, new.event_id) if named else {}
        answering.require_partners(tuple(new.consent_to or ()), places, ("consentTo",))
        answering.require_partners(named[len(new.consent_to or ()) :], places, ("referredBy",))
        date = await _date(ctx, db, new)
        rsvps.require_taking_answers(date, ctx.clock.now(), by_host=False)
        current = await stored.of_person(db, date.occurrence_id, person_id or "")
        answering.require_invited(date, is_invited=is_invited(ctx.viewer, date, current))
        return await settle(
            ctx,
            db,
            date,
            current,
            Whose(person_id=person_id),
            wish,
            referred_by_id=new.referred_by_id,
            agreed=new.consent_to,
            places=places,
        )


def _require_somebody(ctx: Context) -> None:
    if ctx.viewer.is_nobody:
        raise Unauthenticated("Sign in, or say who comes: guestName and guestEmail.")
    raise Invalid(
        "An app has no answer of its own: say who comes, by guestName and guestEmail.",
        ("guestName",),
    )


async def _date(ctx: Context, db: Writing, new: NewRsvp) -> Gathering:
    occurrence_id = new.occurrence_id or await stored.next_date(db, new.event_id, ctx.clock.now())
    return await hold(db, new.event_id, occurrence_id or "")


async def cancel(ctx: Context, rsvp_id: str) -> str:
    """By whoever gave it, or the host. The row stays; the place is offered to the next in line."""
    async with ctx.writing() as db:
        _, parties = answering.require_part(
            ctx.viewer, await answer_reach.answer(db, rsvp_id), ("rsvp",)
        )
        date, current = await held(db, rsvp_id)
        if current.status is not CANCELLED:
            RSVP.require(current.status, "cancel", parties, ("rsvp",))
            await end(ctx, db, date, current, CANCELLED, "rsvp.cancelled")
    return rsvp_id


async def respond(ctx: Context, rsvp_id: str, *, accept: bool) -> str:
    """The host lets somebody come, or does not. Where all places are taken meanwhile, whoever is let
    in waits in line."""
    async with ctx.writing() as db:
        _, parties = answering.require_host(
            ctx.viewer, await answer_reach.answer(db, rsvp_id), ("rsvp",)
        )
        date, current = await held(db, rsvp_id)
        if accept:
            await _approve(ctx, db, date, current, parties)
        elif current.status is not REFUSED:
            RSVP.require(current.status, "refuse", parties, ("accept",))
            await end(ctx, db, date, current, REFUSED, "rsvp.refused")
    return rsvp_id


async def _approve(
    ctx: Context, db: Writing, date: Gathering, current: Rsvp, parties: tuple[Party, ...]
) -> None:
    if current.status in {ACCEPTED, WAITLISTED}:
        return
    RSVP.require(current.status, "approve", parties, ("accept",))
    wish = Wish(ACCEPTED, current.additional_guests)
    status = rsvps.decided(date, wish, current, by_host=True)
    await stored.keep(db, rsvps.standing(current, status), ctx.clock.now())
    await note(ctx, db, "rsvp.approved", current.id, part_of=date.event_id)


async def offer_places(ctx: Context, db: Writing, event_id: str) -> None:
    """After the event changed: to those who wait for its dates to come, where there are more places
    now, or dates that take place after all. The caller's transaction holds the event."""
    for occurrence_id in await stored.dates_with_a_line(db, event_id, ctx.clock.now()):
        await offer_what_is_free(ctx, db, await hold(db, event_id, occurrence_id))
