"""Handing over: offering a lead, taking it, taking that back; and what time brings of it.

What is handed over, and to whom it can be, is `resolvers.leads`. The thing is always locked before
the handover, so that the two are never waited for the other way round.
"""

from dataclasses import replace
from datetime import datetime

from domain import policy_of_leads, texts
from domain.errors import Invalid, InvalidTransition, NotFound
from domain.handovers import (
    ACCEPTED,
    ANSWERED_WITHIN,
    CANCELED,
    CLOSED,
    CLOSED_AFTER,
    COOLING_OFF,
    DECLINED,
    EFFECTIVE,
    EXPIRED,
    HANDOVER,
    OF_TAKER,
    PROPOSED,
    WORDS,
    Handover,
    HandoverStatus,
    Unfit,
    subject_kind,
)
from domain.ids import Kind, kind_of
from domain.people import require_at_home
from domain.transitions import Party
from resolvers import leads
from resolvers.audit import note
from resolvers.context import Context
from storage import handovers as stored
from storage.engine import Writing

TAKEN = frozenset({ACCEPTED, EFFECTIVE, CLOSED})


async def propose(ctx: Context, subject_id: str, taker_id: str, message: str | None = None) -> str:
    """The handover's id. Offering it to the same taker again changes nothing."""
    kind = subject_kind(subject_id)
    said = texts.page(message, ("message",), texts.PARAGRAPH)
    now = ctx.clock.now()
    async with ctx.writing() as db:
        thing = await leads.locked(db, subject_id)
        is_admin = await leads.is_admin(db, subject_id, ctx.viewer.person_id)
        giver_id = policy_of_leads.require_lead(ctx.viewer, thing, kind, is_admin=is_admin)
        await leads.require_known(ctx.viewer, db, taker_id)
        if kind is Kind.ORGANIZATION:
            require_at_home(taker_id, ctx.hub.authority, ("to",))
        if giver_id == taker_id:
            raise Invalid(WORDS[Unfit.TAKER_LEADS_ALREADY], ("to",))
        handover = Handover(
            id=ctx.names.new(Kind.HANDOVER),
            subject_id=subject_id,
            giver_id=giver_id,
            taker_id=taker_id,
            message=said,
            created_at=now,
            expires_at=now + ANSWERED_WITHIN,
        )
        before = await stored.under_way(db, subject_id)
        if before is not None and not _is_expired(before, now):
            if (before.giver_id, before.taker_id) == (giver_id, taker_id):
                return before.id
            raise InvalidTransition(
                "It is being handed over already: cancelHandover ends that, and then it can be "
                "offered to somebody else.",
                ("subject",),
            )
        unfit = await leads.unfit(db, handover)
        if unfit is not None:
            raise Invalid(WORDS[unfit], ("to" if unfit in OF_TAKER else "subject",))
        if before is not None:
            await stored.keep(db, _ended(before, EXPIRED, now))
        await stored.add(db, handover)
        await _note(ctx, db, "handover.proposed", handover)
    return handover.id


async def respond(ctx: Context, handover_id: str, accept: bool) -> str:
    """The handover's id. Accepted, a group or an event passes on at once, the rest when it has
    cooled off."""
    now = ctx.clock.now()
    async with ctx.writing() as db:
        handover = await _locked(db, handover_id)
        sides = policy_of_leads.sides_of_handover(ctx.viewer, handover)
        if Party.TAKER in sides and (
            handover.status in TAKEN if accept else handover.status is DECLINED
        ):
            return handover.id
        status = EXPIRED if _is_expired(handover, now) else handover.status
        HANDOVER.require(status, "accept" if accept else "decline", sides, ("handover",))
        answered = replace(handover, responded_at=now)
        if not accept:
            answered = _ended(answered, DECLINED, now)
        elif COOLING_OFF[handover.kind]:
            effective_at = now + COOLING_OFF[handover.kind]
            answered = replace(answered, status=ACCEPTED, effective_at=effective_at)
        else:
            answered = await _passed_on(ctx, db, answered, now)
        await stored.keep(db, answered)
        await _note(ctx, db, f"handover.{answered.status.value.lower()}", answered)
    return handover.id


async def cancel(ctx: Context, handover_id: str) -> str:
    """The handover's id. Either side, alone, until it takes effect."""
    now = ctx.clock.now()
    async with ctx.writing() as db:
        handover = await _locked(db, handover_id)
        sides = policy_of_leads.sides_of_handover(ctx.viewer, handover)
        if handover.status is CANCELED:
            return handover.id
        HANDOVER.require(_by_the_clock(handover, now), "cancel", sides, ("handover",))
        canceled = _ended(handover, CANCELED, now)
        await stored.keep(db, canceled)
        await _note(ctx, db, "handover.canceled", canceled)
    return handover.id


async def kind_known(ctx: Context, handover_id: str) -> Kind | None:
    """Of what is handed over, as far as the viewer is on a side; None for whom there is none."""
    async with ctx.database.reading() as db:
        handover = await stored.by_id(db, handover_id)
    if handover is None or not policy_of_leads.knows_handover(ctx.viewer, handover):
        return None
    return handover.kind


# ── what time brings ─────────────────────────────────────────────────────────────────────────


async def expire(ctx: Context, now: datetime, limit: int = 100) -> int:
    """Proposals that nobody answered in time. How many were done."""
    async with ctx.database.reading() as db:
        ids = await stored.unanswered(db, now, limit)
    done = 0
    for handover_id in ids:
        async with ctx.writing() as db:
            handover = await stored.free(db, handover_id)
            if handover is not None and _is_expired(handover, now):
                expired = _ended(handover, EXPIRED, now)
                await stored.keep(db, expired)
                await _note(ctx, db, "handover.expired", expired)
                done += 1
    return done


async def make_effective(ctx: Context, now: datetime, limit: int = 100) -> int:
    """What was accepted and has cooled off passes on; or does not, where one of the two cannot
    any more. How many were done."""
    async with ctx.database.reading() as db:
        ids = await stored.due(db, ACCEPTED, now, limit)
    done = 0
    for handover_id in ids:
        async with ctx.writing() as db:
            handover = await _locked_if_free(db, handover_id)
            if handover is not None and _is_due(handover, now):
                passed = await _passed_on(ctx, db, handover, now)
                await stored.keep(db, passed)
                await _note(ctx, db, f"handover.{passed.status.value.lower()}", passed)
                done += 1
    return done


async def close(ctx: Context, now: datetime, limit: int = 100) -> int:
    """What took effect long enough ago to be history. How many were done."""
    async with ctx.database.reading() as db:
        ids = await stored.due(db, EFFECTIVE, now - CLOSED_AFTER, limit)
    done = 0
    for handover_id in ids:
        async with ctx.writing() as db:
            handover = await stored.free(db, handover_id)
            if handover is not None and handover.status is EFFECTIVE:
                closed = _ended(handover, CLOSED, now)
                await stored.keep(db, closed)
                await _note(ctx, db, "handover.closed", closed)
                done += 1
    return done


async def _passed_on(ctx: Context, db: Writing, handover: Handover, now: datetime) -> Handover:
    """The handover in effect; or canceled, saying why it cannot be."""
    unfit = await leads.unfit(db, handover)
    if unfit is not None:
        return replace(_ended(handover, CANCELED, now), end_reason=WORDS[unfit])
    await leads.pass_on(ctx, db, handover, now)
    return replace(handover, status=EFFECTIVE, effective_at=now)


def _is_expired(handover: Handover, now: datetime) -> bool:
    return handover.status is PROPOSED and handover.expires_at <= now


def _by_the_clock(handover: Handover, now: datetime) -> HandoverStatus:
    """The state it is in, whether or not somebody has already looked at the clock."""
    if _is_expired(handover, now):
        return EXPIRED
    return EFFECTIVE if _is_due(handover, now) else handover.status


def _is_due(handover: Handover, now: datetime) -> bool:
    at = handover.effective_at
    return handover.status is ACCEPTED and at is not None and at <= now


def _ended(handover: Handover, status: HandoverStatus, at: datetime) -> Handover:
    return replace(handover, status=status, ended_at=at)


async def _locked(db: Writing, handover_id: str) -> Handover:
    found = await stored.by_id(db, handover_id)
    if found is not None:
        await leads.locked(db, found.subject_id)
        found = await stored.by_id(db, handover_id, lock=True)
    if found is None:
        raise NotFound("There is no such handover, or it is not for you.", ("handover",))
    return found


async def _locked_if_free(db: Writing, handover_id: str) -> Handover | None:
    found = await stored.by_id(db, handover_id)
    if found is None:
        return None
    await leads.locked(db, found.subject_id)
    return await stored.free(db, handover_id)


async def _note(ctx: Context, db: Writing, action: str, handover: Handover) -> None:
    sides = (handover.giver_id, handover.taker_id)
    organizations = [each for each in sides if kind_of(each) is Kind.ORGANIZATION]
    await note(
        ctx,
        db,
        action,
        handover.id,
        ("end_reason",) if handover.end_reason else (),
        part_of=handover.subject_id,
        concerning=organizations,
    )
