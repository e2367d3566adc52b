"""The answers to two entries of one event, brought together date by date, and told apart again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from domain.merging import Answer, superfluous
from domain.rsvps import CANCELLED, UNDER_WAY, RsvpStatus
from storage.engine import Writing
from storage.tables import occurrences, rsvp_consents, rsvps

Moved = dict[str, Any]  # as JSON


async def dates_that_match(db: Writing, from_id: str, to_id: str) -> dict[str, str]:
    """The dates of the one that start when a date of the other does, each with that; held, as are
    all that match."""
    one, other = occurrences.alias(), occurrences.alias()
    rows = await db.execute(
        select(one.c.id, other.c.id.label("other"))
        .join(other, other.c.starts_at == one.c.starts_at)
        .where(one.c.event_id == from_id, other.c.event_id == to_id)
        .order_by(one.c.id, other.c.id.desc())
    )
    pairs = {row.id: row.other for row in rows}
    await _hold(db, {*pairs, *pairs.values()})
    return pairs


async def _hold(db: Writing, date_ids: Collection[str]) -> None:
    await db.execute(
        select(occurrences.c.id)
        .where(occurrences.c.id.in_(sorted(date_ids)))
        .order_by(occurrences.c.id)
        .with_for_update()
    )


async def bring(
    db: Writing, pairs: Mapping[str, str], to_id: str, at: datetime
) -> tuple[list[Moved], list[Moved]]:
    """Every answer to those dates moves to the date that matches. Of a person one stays under way:
    the others are kept as cancelled, and their places are not offered to anybody by that."""
    found = await _answers(db, {*pairs, *pairs.values()})
    at_date: dict[str, list[Answer]] = {}
    for date_id, answers in found.items():
        at_date.setdefault(pairs.get(date_id, date_id), []).extend(answers)
    cancelled = []
    for answers in at_date.values():
        for goes, stays in superfluous(answers):
            cancelled.append(
                {
                    "id": goes.id,
                    "for": stays.id,
                    "status": goes.status,
                    "in_line": goes.in_line,
                    "consents": await _end_consents(db, goes.id, at),
                }
            )
    if cancelled:
        await db.execute(
            update(rsvps)
            .where(rsvps.c.id.in_([one["id"] for one in cancelled]))
            .values(status=CANCELLED, in_line=None, updated_at=at)
        )
    moved = []
    for date_id, other in sorted(pairs.items()):
        if date_id in found:
            await _move(db, [answer.id for answer in found[date_id]], to_id, other)
            moved += [{"id": one.id, "from": date_id, "to": other} for one in found[date_id]]
    return moved, cancelled


async def give_back(
    db: Writing,
    moved: Sequence[Moved],
    cancelled: Sequence[Moved],
    from_id: str,
    to_id: str,
    at: datetime,
) -> None:
    """What was moved and is where it was moved to. Whoever answered anew keeps that answer."""
    dates = {one[way] for one in moved for way in ("from", "to")}
    await _hold(db, dates)
    found = await _answers(db, dates)
    theirs = set(await db.scalars(select(occurrences.c.id).where(occurrences.c.event_id == to_id)))
    by_id = {one.id: (date_id, one) for date_id, answers in found.items() for one in answers}
    going: dict[str, list[Answer]] = {}
    for one in moved:
        stands, answer = by_id.get(one["id"], (None, None))
        if answer is not None and stands == one["to"] and one["from"] in theirs:
            going.setdefault(one["from"], []).append(answer)
    where = {answer_id: date_id for answer_id, (date_id, _) in by_id.items()}
    taken = {(date_id, who) for date_id, all_ in found.items() for who in _under_way(all_)}
    for date_id, answers in sorted(going.items()):
        free = [
            each
            for each in answers
            if each.status not in UNDER_WAY or each.who is None or (date_id, each.who) not in taken
        ]
        await _move(db, [each.id for each in free], to_id, date_id)
        for each in free:
            if each.status in UNDER_WAY and each.who is not None:
                taken.discard((where[each.id], each.who))
                taken.add((date_id, each.who))
            where[each.id] = date_id
    for record in cancelled:
        await _take_up_again(db, record, by_id, where, taken, at)


async def _take_up_again(
    db: Writing,
    record: Moved,
    by_id: Mapping[str, tuple[str, Answer]],
    where: Mapping[str, str],
    taken: set[tuple[str, tuple[str, str]]],
    at: datetime,
) -> None:
    """Unless whoever gave it took back the one that stayed, or answered again."""
    answer = by_id[record["id"]][1] if record["id"] in by_id else None
    stayed = by_id[record["for"]][1] if record["for"] in by_id else None
    if answer is None or answer.status is not CANCELLED or answer.who is None:
        return
    place = (where[answer.id], answer.who)
    if stayed is None or stayed.status not in UNDER_WAY or place in taken:
        return
    taken.add(place)
    await db.execute(
        update(rsvps)
        .where(rsvps.c.id == answer.id)
        .values(status=record["status"], in_line=record["in_line"], updated_at=at)
    )
    await db.execute(
        update(rsvp_consents)
        .where(rsvp_consents.c.id.in_(record.get("consents", ())))  # older records have none
        .values(withdrawn_at=None)
    )


async def _end_consents(db: Writing, answer_id: str, at: datetime) -> list[str]:
    """What was agreed to holds as long as the answer does. Those that ended with it."""
    ending = update(rsvp_consents).where(
        rsvp_consents.c.rsvp_id == answer_id, rsvp_consents.c.withdrawn_at.is_(None)
    )
    ended = ending.values(withdrawn_at=at).returning(rsvp_consents.c.id)
    return sorted(await db.scalars(ended))


def _under_way(answers: Sequence[Answer]) -> set[tuple[str, str]]:
    return {one.who for one in answers if one.status in UNDER_WAY and one.who is not None}


async def _move(db: Writing, answer_ids: Sequence[str], event_id: str, date_id: str) -> None:
    if answer_ids:
        await db.execute(
            update(rsvps)
            .where(rsvps.c.id.in_(answer_ids))
            .values(event_id=event_id, occurrence_id=date_id)
        )


async def _answers(db: Writing, date_ids: Collection[str]) -> dict[str, list[Answer]]:
    """By date; held."""
    rows = await db.execute(
        select(
            rsvps.c.occurrence_id,
            rsvps.c.id,
            rsvps.c.person_id,
            rsvps.c.guest_email,
            rsvps.c.status,
            rsvps.c.attended,
            rsvps.c.in_line,
            rsvps.c.created_at,
        )
        .where(rsvps.c.occurrence_id.in_(sorted(date_ids)))
        .order_by(rsvps.c.id)
        .with_for_update()
    )
    found: dict[str, list[Answer]] = {}
    for row in rows:
        answer = Answer(
            id=row.id,
            person_id=row.person_id,
            email=row.guest_email,
            status=RsvpStatus(row.status),
            attended=row.attended,
            in_line=row.in_line,
            created_at=row.created_at,
        )
        found.setdefault(row.occurrence_id, []).append(answer)
    return found
