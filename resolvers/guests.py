"""Guests without an account: signed up by address, and bound to it by a link in a mail.

Whoever signs them up learns nothing about the address: whether it is known here, answered already,
or was written to too often. Nothing that somebody types into a form counts for somebody else until
that one has followed the link; what is asked for is kept beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain import answering, letter_texts, people, policy, rsvps, texts
from domain.answering import Place
from domain.errors import Invalid, NotFound, Refused
from domain.ids import Kind
from domain.reach import EventReach
from domain.rsvps import (
    CANCELLED,
    NEEDS_ACTION,
    REFUSED,
    RSVP,
    UNDER_WAY,
    Gathering,
    Rsvp,
    RsvpStatus,
    Wish,
)
from domain.transitions import Party
from languages import gettext as _
from resolvers import check_in, rsvp_links
from resolvers.answering import Whose, end, held, hold, settle
from resolvers.audit import note
from resolvers.context import Context
from resolvers.post import answers as post
from resolvers.post import guest_words
from storage import answer_reach, mail, reach
from storage import rsvp_links as links
from storage import rsvps as stored
from storage.engine import Writing
from storage.mail import Letter
from storage.rsvp_links import Link
from storage.rsvp_links import Purpose as Purpose  # the pages are handed it by this name

UNCONFIRMED_A_DAY = 5  # to one address, for all events together
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    event_id: str
    occurrence_id: str | None
    name: str | None
    email: str | None
    wish: Wish
    referred_by_id: str | None = None
    consent_to: tuple[str, ...] | None = None
    is_here: bool = False  # at the door


async def sign_up(ctx: Context, guest: Guest) -> str | None:
    """With an address: a letter to it, and None. Without one the host's own staff vouches for the
    guest, whose answer stands at once: its id."""
    name = texts.line(guest.name or "", ("guestName",), 100)
    email = guest.email and people.email_address(guest.email.strip(), ("guestEmail",))
    async with ctx.writing() as db:
        event = await reach.event(db, guest.event_id)
        policy.require_seen(ctx.viewer, event, "event", ("event",))
        if event is None:
            return None  # as said above
        policy.in_use(event, ("event",))
        places = await answer_reach.places(db, guest.event_id)
        by_host = answering.works_at_the_door(ctx.viewer, event.organization.id, places)
        if email and guest.is_here:
            raise Invalid(
                "Somebody with an address follows the link in their letter first: leave out "
                "guestEmail, or attended.",
                ("attended",),
            )
        if not email:
            return await _written_down(ctx, db, guest, name, by_host=by_host)
        await _asked_by_mail(ctx, db, guest, event, places, Whose(None, name, email), by_host)
    return None


async def _written_down(
    ctx: Context, db: Writing, guest: Guest, name: str, *, by_host: bool
) -> str:
    if not by_host:
        raise Invalid(
            "Give an address, which is sent a link to confirm; only the hosts sign people up "
            "without one.",
            ("guestEmail",),
        )
    if guest.consent_to:
        raise Refused(
            "Nobody agrees for somebody else: give their address, and they are asked.",
            ("consentTo",),
        )
    now = ctx.clock.now()
    nearest = guest.occurrence_id or await stored.next_date(db, guest.event_id, now, nearest=True)
    date = await hold(db, guest.event_id, nearest or "")
    rsvps.require_taking_answers(date, now, by_host=True)
    whose = Whose(guest_name=name)
    if not guest.is_here:
        return await settle(ctx, db, date, None, whose, guest.wish, by_host=True)
    rsvps.require_check_in_open(date, now)
    expected = await _expected_by_that_name(db, date, name)
    answer_id = expected or await settle(ctx, db, date, None, whose, guest.wish, by_host=True)
    await check_in.say(ctx, db, answer_id, attended=True)
    return answer_id


async def _expected_by_that_name(db: Writing, date: Gathering, name: str) -> str | None:
    """A guest who was written down before, and is not here yet: whoever is at the door of a co-host
    has not the whole list before them."""
    known = await stored.of_guest_called(db, date.occurrence_id, name)
    is_awaited = known is not None and known.status in UNDER_WAY and known.attended is not True
    return known.id if known is not None and is_awaited else None


async def _asked_by_mail(
    ctx: Context,
    db: Writing,
    guest: Guest,
    event: EventReach,
    places: Mapping[str, Place],
    whose: Whose,
    by_host: bool,
) -> None:
    answering.require_signing_up_guests(ctx.viewer, event, by_host=by_host)
    agreed = guest.consent_to or ()
    answering.require_partners(agreed, places, ("consentTo",))
    named = (guest.referred_by_id,) if guest.referred_by_id else ()
    answering.require_partners(named, places, ("referredBy",))
    date = await _date(ctx, db, guest)
    rsvps.require_taking_answers(date, ctx.clock.now(), by_host=False)
    answering.require_invited(date, is_invited=by_host)
    rsvps.require_room_at_all(date, guest.wish)
    email = whose.guest_email or ""
    now = ctx.clock.now()
    await links.one_at_a_time(db, email)
    if await links.unconfirmed_since(db, email, now - A_DAY) >= UNCONFIRMED_A_DAY:
        return
    current = await stored.of_address(db, date.occurrence_id, email)
    if current is not None and current.status is REFUSED:
        return
    if current is None:
        current = await _expected_to_confirm(ctx, db, date, whose, guest.referred_by_id)
    wish = {
        "status": guest.wish.status.value,
        "additional_guests": guest.wish.additional_guests,
        "name": whose.guest_name,
        "consent_to": None if guest.consent_to is None else list(agreed),
    }
    link = await rsvp_links.to_confirm(ctx, db, current.id, wish)
    letter = guest_words.to_confirm(
        date, guest.wish, [places[each].name for each in agreed], link, rsvp_links.GOOD_FOR.days
    )
    subject = letter_texts.subject(_("Please confirm"), date.title)
    await mail.post(db, ctx.names, [Letter(email, subject, letter)], now)
    await note(ctx, db, "rsvp.asked_to_confirm", current.id, part_of=date.event_id)


async def _date(ctx: Context, db: Writing, guest: Guest) -> Gathering:
    """Not held: nothing is taken from it yet."""
    occurrence_id = guest.occurrence_id or await stored.next_date(
        db, guest.event_id, ctx.clock.now()
    )
    date = await stored.date(db, guest.event_id, occurrence_id or "")
    if date is None:
        raise NotFound("This event has no such date.", ("occurrence",))
    return date


async def _expected_to_confirm(
    ctx: Context, db: Writing, date: Gathering, whose: Whose, referred_by_id: str | None
) -> Rsvp:
    """A row that takes no place until the link is followed."""
    made = Rsvp(
        id=ctx.names.new(Kind.RSVP),
        event_id=date.event_id,
        occurrence_id=date.occurrence_id,
        guest_name=whose.guest_name,
        guest_email=whose.guest_email,
        status=NEEDS_ACTION,
        referred_by_id=referred_by_id,
    )
    await stored.add(db, made, ctx.clock.now())
    return made


# ── following a link ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Followed:
    """What a link is about: the date, and how the answer stands, or is to be."""

    date: Gathering
    status: RsvpStatus
    wish: Wish | None  # of a link to cancel there is none
    agreed_with: tuple[str, ...] = ()


async def look(ctx: Context, secret: str, purpose: Purpose) -> Followed:
    """What following it would do. Nothing is changed: mail programs open links to look at them."""
    async with ctx.database.reading(fresh=True) as db:
        link = _good(ctx, await links.found(db, secret, purpose))
        belongs = await stored.where_it_belongs(db, link.rsvp_id)
        answer = await stored.by_id(db, link.rsvp_id)
        date = await stored.date(db, *belongs) if belongs else None
        if date is None or answer is None:
            raise _useless()
        places = await answer_reach.places(db, date.event_id)
    agreed = tuple(
        places[each].name for each in link.wish.get("consent_to") or () if each in places
    )
    wish = _wish(link) if purpose is Purpose.CONFIRM else None
    return Followed(date, answer.status, wish, agreed)


async def confirm(ctx: Context, secret: str) -> Followed:
    """The answer is what was asked for, if it still can be."""
    async with ctx.writing() as db:
        link = _good(ctx, await links.found(db, secret, Purpose.CONFIRM, lock=True))
        date, current = await held(db, link.rsvp_id)
        wish = _wish(link)
        rsvps.require_taking_answers(date, ctx.clock.now(), by_host=False)
        if current.status is CANCELLED:
            raise _useless()
        places = await answer_reach.places(db, date.event_id)
        given = link.wish.get("consent_to")
        agreed = None if given is None else [each for each in given if each in places]
        whose = Whose(guest_name=link.wish.get("name"), guest_email=current.guest_email)
        await settle(ctx, db, date, current, whose, wish, agreed=agreed, places=dict(places))
        await links.use(db, secret, ctx.clock.now())
        after = await stored.by_id(db, current.id)
        if after is None:
            raise _useless()
        await post.write(ctx, db, [after.id])
    return Followed(date, after.status, wish)


async def cancel(ctx: Context, secret: str) -> Followed:
    async with ctx.writing() as db:
        link = _good(ctx, await links.found(db, secret, Purpose.CANCEL, lock=True))
        date, current = await held(db, link.rsvp_id)
        if current.status is not CANCELLED:
            RSVP.require(current.status, "cancel", (Party.PERSON,), ("rsvp",))
            await end(ctx, db, date, current, CANCELLED, "rsvp.cancelled")
        await links.use(db, secret, ctx.clock.now())
    return Followed(date, CANCELLED, None)


def _wish(link: Link) -> Wish:
    said: Mapping[str, Any] = link.wish
    return Wish(RsvpStatus(said["status"]), said["additional_guests"])


def _good(ctx: Context, link: Link | None) -> Link:
    if link is None or not link.is_good(ctx.clock.now()):
        raise _useless()
    return link


def _useless() -> NotFound:
    return NotFound(
        "This link was used already, or is too old. Answer to the event once more, and you are "
        "sent a new one."
    )
