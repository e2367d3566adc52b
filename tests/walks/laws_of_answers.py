"""Places, lines and consent: nobody is squeezed in, overtaken or passed on without having agreed."""

from collections.abc import Iterator

from tests.walks.laws_of_states import RUNNING
from tests.walks.picture import NEVER, Picture, Row, at
from tests.walks.walk import CONFIRM, Taken

MERGING = {"mergeEvents", "unmergeEvents"}


def party(row: Row) -> int:
    return 1 + int(row["additional_guests"])


def coming(picture: Picture, date_id: str) -> int:
    return sum(party(row) for row in picture.all("rsvps", occurrence_id=date_id, status="ACCEPTED"))


def capacity_of(picture: Picture, date: Row) -> int | None:
    found: int | None = picture["events"][date["event_id"]]["capacity"]
    return found


def dates_answered(taken: Taken) -> Iterator[Row]:
    dates = {
        row["occurrence_id"]
        for change in taken.of("rsvps")
        for row in (change.before, change.after)
        if row is not None
    }
    return (taken.after["occurrences"][each] for each in sorted(dates))


def nobody_is_squeezed_in(taken: Taken) -> None:
    """More come than there are places only where the places became fewer, or two entries of an
    event one."""
    if taken.move.mutation in MERGING:
        return
    for date in dates_answered(taken):
        limit, now = capacity_of(taken.after, date), coming(taken.after, date["id"])
        was = coming(taken.before, date["id"])
        assert limit is None or now <= limit or now <= was, f"{now} come to {limit} places: {date}"


def nobody_is_overtaken(taken: Taken) -> None:
    """Whoever gets a place while others wait longer is of a smaller party than each of these. Of
    what is over the host writes down who was there."""
    if taken.move.mutation in MERGING:
        return
    for date in dates_answered(taken):
        if not _is_to_come(taken, taken.after, date):
            continue
        waiting = [
            row
            for row in taken.before.all("rsvps", occurrence_id=date["id"], status="WAITLISTED")
            if taken.after["rsvps"][row["id"]] == row
        ]
        for change in taken.of("rsvps"):
            row = change.row
            got = row["status"] == "ACCEPTED" and (
                change.before is None or change.before["status"] != "ACCEPTED"
            )
            if not got or row["occurrence_id"] != date["id"]:
                continue
            stood = change.before["in_line"] if change.before else None
            ahead = [each for each in waiting if stood is None or each["in_line"] < stood]
            passed = [each for each in ahead if party(each) <= party(row)]
            assert not passed, f"{row} got a place before {passed}"


def no_place_stays_empty_that_somebody_waits_for(taken: Taken) -> None:
    """At a date to come that takes place: whatever made it so, or a place free, offers it."""
    for date in taken.after["occurrences"].values():
        here = _could_come(taken, taken.after, date["id"])
        there = _could_come(taken, taken.before, date["id"])
        assert not here or there, f"A place is free at {date} for {here}"


def _could_come(taken: Taken, picture: Picture, date_id: str) -> list[Row]:
    """Who waits, and has no need to."""
    date = picture["occurrences"].get(date_id)
    if date is None or not _is_to_come(taken, picture, date):
        return []
    waiting = picture.all("rsvps", occurrence_id=date_id, status="WAITLISTED")
    limit = capacity_of(picture, date)
    if limit is None:
        return waiting
    free = limit - coming(picture, date_id)
    return [row for row in waiting if party(row) <= free]


def _is_to_come(taken: Taken, picture: Picture, date: Row) -> bool:
    event = picture["events"][date["event_id"]]
    is_off = "CANCELLED" in {event["status"], date["status"]} or event["replaced_by_id"]
    return not is_off and at(date["ends_at"] or date["starts_at"]) > taken.now


def lines_keep_their_order(taken: Taken) -> None:
    """Who waits on keeps their place, and who comes anew is behind all."""
    for date in dates_answered(taken):
        line = taken.after.all("rsvps", occurrence_id=date["id"], status="WAITLISTED")
        places = [row["in_line"] for row in line]
        assert None not in places, line
        if taken.move.mutation in MERGING:
            continue
        assert len(set(places)) == len(places), line
        before = {row["id"]: row for row in taken.before["rsvps"].values()}
        old = [row for row in line if before.get(row["id"], {}).get("status") == "WAITLISTED"]
        for row in old:
            if before[row["id"]]["occurrence_id"] == row["occurrence_id"]:
                assert row["in_line"] == before[row["id"]]["in_line"], row
        new = [row for row in line if row not in old]
        assert all(one["in_line"] > other["in_line"] for one in new for other in old), line


def one_answer_of_each_is_under_way(taken: Taken) -> None:
    seen: set[tuple[str, str]] = set()
    for row in taken.after["rsvps"].values():
        whose = row["person_id"] or (row["guest_email"] or "").lower()
        if row["status"] not in RUNNING or not whose:
            continue
        assert (row["occurrence_id"], whose) not in seen, f"{whose} answered twice: {row}"
        seen.add((row["occurrence_id"], whose))


def what_was_agreed_to_ends_with_the_answer(taken: Taken) -> None:
    """And is agreed to by whoever answers, or by the one who follows the link."""
    for consent in taken.after.all("rsvp_consents", withdrawn_at=None):
        answer = taken.after["rsvps"][consent["rsvp_id"]]
        assert answer["status"] in RUNNING, f"{consent} holds on, and the answer is {answer}"
    for change in taken.of("rsvp_consents"):
        if change.before is None:
            answer = taken.after["rsvps"][change.row["rsvp_id"]]
            own = answer["person_id"] == taken.move.actor.viewer.person_id is not None
            assert own or taken.move.mutation == CONFIRM, f"Somebody else agreed: {change}"
            ticked = taken.move.flat.get("consentTo")
            assert ticked is None or change.row["organization_id"] in ticked, change
        else:
            assert change.before["withdrawn_at"] is None, f"It was taken back already: {change}"


def nobody_is_told_of_a_place_that_is_none(taken: Taken) -> None:
    """A place at a date that is over or called off is offered to nobody."""
    for change in taken.of("rsvps"):
        before, row = change.before, change.row
        if before is None or (before["status"], row["status"]) != ("WAITLISTED", "ACCEPTED"):
            continue
        offered = any(
            each.row["action"] == "rsvp.offered" and each.row["subject_id"] == row["id"]
            for each in taken.of("audit_entries")
        )
        date = taken.after["occurrences"][row["occurrence_id"]]
        event = taken.after["events"][row["event_id"]]
        ends = at(date["ends_at"] or date["starts_at"])
        is_over = ends <= taken.now and not event["all_day"]
        assert not (offered and is_over), f"A place was offered when it was over: {change}"
        is_off = "CANCELLED" in {event["status"], date["status"]}
        assert not (offered and is_off), f"A place was offered at what was called off: {change}"


def who_was_there_is_said_by_those_at_the_door(taken: Taken) -> None:
    for change in taken.of("rsvps"):
        if change.before and change.before["attended"] != change.row["attended"]:
            assert taken.move.mutation == "checkIn", change
            begins = at(taken.after["occurrences"][change.row["occurrence_id"]]["starts_at"])
            assert (begins - taken.now).total_seconds() <= 3600, change
            is_partner = [
                place["organization_id"]
                for place in taken.before.all(
                    "event_hosts", event_id=change.row["event_id"], status="ACCEPTED"
                )
                if place["role"] in {"HOST", "CO_HOST"}
            ]
            assert taken.move.actor.viewer.organization_id in is_partner, change


def what_is_called_off_is_off_on_all_its_dates(taken: Taken) -> None:
    """By cancelEvent on each; by its status on those of which nothing else was said."""
    by_status = taken.move.mutation != "cancelEvent"
    for change in taken.of("events"):
        row = change.row
        was = change.before["status"] if change.before else None
        if row["status"] != "CANCELLED" or was == "CANCELLED":
            continue
        on = [
            date
            for date in taken.after.all("occurrences", event_id=row["id"])
            if date["status"] != "CANCELLED"
            and not (by_status and "status" in date["overrides"])
            and at(date["ends_at"] or date["starts_at"]) > max(taken.now, NEVER)
            and at(date["starts_at"]) > taken.now
        ]
        assert not on, f"It was called off, and these dates were not: {on}"


LAWS = (
    nobody_is_squeezed_in,
    nobody_is_overtaken,
    no_place_stays_empty_that_somebody_waits_for,
    lines_keep_their_order,
    one_answer_of_each_is_under_way,
    what_was_agreed_to_ends_with_the_answer,
    nobody_is_told_of_a_place_that_is_none,
    who_was_there_is_said_by_those_at_the_door,
    what_is_called_off_is_off_on_all_its_dates,
)
