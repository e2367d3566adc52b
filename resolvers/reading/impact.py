"""What came of an event, of an organization's events, or of those shared in an alliance.

To whom that is told: of an event to its host, and in steps of five to partners who are told
numbers; of its own events to an organization; of an alliance's, in steps of five, to its active
members. docs/impact.md says what each figure is.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, any_, false, literal, select

from domain.errors import Refused, TooSlow
from domain.impact import Answer, Held, Impact, check_time, for_partners, impact_of
from domain.policy import EVENT_STAFF
from domain.words import say
from resolvers.context import Context
from resolvers.reading.narrowing import members_today, shared_with
from storage import impact as stored
from storage import tables as t
from storage.impact import Of
from storage.visibility import sees_event, sees_group
from storage.visibility_of_answers import hosts_event, is_told_numbers

MOST = 20_000  # rows that one question may look at
TOO_MUCH = say("There is too much to count at once: ask for a shorter time.")


async def of_event(ctx: Context, event_id: str, from_: date, to: date) -> Impact | None:
    check_time(from_, to)
    row = t.events.alias()
    if not ctx.eyes.organization:
        return None
    told = select(
        hosts_event(ctx.eyes, row.c.id).label("exactly"),
        is_told_numbers(ctx.eyes, row.c.id).label("in_steps"),
    )
    (may,) = await ctx.rows(told.where(row.c.id == event_id))
    if not (may["exactly"] or may["in_steps"]):
        return None
    found = await _measured(
        ctx, lambda event: event.c.id == event_id, lambda group: false(), from_, to
    )
    return found if may["exactly"] else for_partners(found)


async def of_organization(
    ctx: Context, organization_id: str, from_: date, to: date
) -> Impact | None:
    check_time(from_, to)
    if not ctx.viewer.acts_for(organization_id, *EVENT_STAFF):
        return None

    def its_event(event: FromClause) -> ColumnElement[bool]:
        return (event.c.organization_id == organization_id) & event.c.replaced_by_id.is_(None)

    return await _measured(
        ctx, its_event, lambda group: group.c.organization_id == organization_id, from_, to
    )


async def of_alliance(ctx: Context, alliance_id: str, from_: date, to: date) -> Impact:
    check_time(from_, to)
    if alliance_id not in ctx.viewer.alliance_ids:
        raise Refused(
            "What came of an alliance's events is told to its active members: ask for membership "
            "(requestToJoinAlliance)."
        )
    alliance = t.alliances.alias()
    named = select(alliance).where(alliance.c.id == alliance_id)

    def its_event(event: FromClause) -> ColumnElement[bool]:
        shares = named.where(shared_with(event, alliance)).correlate(event)
        return shares.exists() & sees_event(ctx.eyes, event, by_link=False)

    def its_group(group: FromClause) -> ColumnElement[bool]:
        share = t.group_shares.alias()
        shares = (
            named.join(share, share.c.alliance_id == alliance.c.id)
            .where(
                share.c.group_id == group.c.id,
                group.c.organization_id == any_(members_today(alliance)),
            )
            .correlate(group)
        )
        return shares.exists() & sees_group(ctx.eyes, group, by_link=False)

    return for_partners(await _measured(ctx, its_event, its_group, from_, to))


async def _measured(ctx: Context, of: Of, of_group: Of, from_: date, to: date) -> Impact:
    now = ctx.clock.now()
    held = await _all(ctx, stored.dates_held(of, from_, to, now))
    came = await _all(ctx, stored.answers(of, from_, to, now))
    there = [row for row in came if row["attended"]]
    people = sorted({row["person_id"] for row in there if row["person_id"]})
    addresses = sorted({row["address"] for row in there if row["address"]})
    before = await _all(ctx, stored.earlier(of, from_, people, addresses)) if there else []
    (founded,) = await ctx.rows(stored.groups_founded(of_group, from_, to))
    # Pairs of people are many: the loop goes on meanwhile.
    return await asyncio.to_thread(
        impact_of,
        [Held(one["id"], one["event_id"], one["co_hosted"], one["recorded"]) for one in held],
        [
            *(_answer(row, in_time=True) for row in came),
            *(_answer(row, in_time=False) for row in before),
        ],
        founded["count"],
    )


async def _all(ctx: Context, rows: Any) -> Sequence[Any]:
    found = await ctx.rows(rows.limit(literal(MOST + 1)))
    if len(found) > MOST:
        raise TooSlow(TOO_MUCH, ("from",))
    return found


def _answer(row: Any, *, in_time: bool) -> Answer:
    """People are told apart by account, guests by address; one without is nobody else."""
    who = row["person_id"] or row["address"] or row["id"]
    return Answer(
        date_id=row["occurrence_id"],
        starts_at=row["starts_at"],
        in_time=in_time,
        who=who,
        through=row["through"],
        accepted=row["accepted"],
        attended=row["attended"],
        crowd=row["crowd"],
    )
