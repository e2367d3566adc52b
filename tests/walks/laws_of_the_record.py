"""What is done is on record, by whom and for whom; what is refused has changed nothing at all."""

from datetime import datetime
from typing import Any

from graphql import get_named_type, is_enum_type

from domain import errors
from domain.errors import Problem
from schema.codes import Code
from tests.walks.laws_of_states import moved
from tests.walks.picture import Difference, Picture, Row, at
from tests.walks.walk import ELSEWHERE, TIME, Taken, payload_field

OF_PEOPLE = {
    each.code
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, Problem) and hasattr(each, "code")
}
CODES = OF_PEOPLE | {Code.INSUFFICIENT_SCOPE.value}
# Who acts on a proposal whose time is over closes it first, also where what they want comes too late.
CLOSES_FIRST = {"castBallot", "withdrawProposal"}
# A link is used up also where what it would do is done already. What is published follows what is on
# record by itself.
UNNOTED = {
    "audit_entries",
    "audit_concerned",
    "duties",
    "feeds",
    "feed_entries",
    "mail_key",
    "outgoing_mail",
    "rsvp_letters",
    "rsvp_links",
}
KEPT_FOR_EVER = (
    "organizations",
    "persons",
    "team_members",
    "groups",
    "group_members",
    "alliances",
    "alliance_members",
    "agreements",
    "agreement_acceptances",
    "proposals",
    "ballots",
    "events",
    "rsvps",
    "rsvp_consents",
    "handovers",
    "audit_entries",
    "audit_concerned",
)
# Dates of a series come within reach, and nobody said anything new; a series knows when it was last
# looked at.
ROUTINE = {"occurrences", "events"}
Who = tuple[str | None, str | None, str | None]
TIME_DOES: Who = (None, None, "time")
NOBODY_DOES: Who = (None, None, None)


def a_refusal_says_why_and_changes_nothing(taken: Taken) -> None:
    if taken.outcome.done:
        return
    strange = set(taken.outcome.codes) - CODES
    assert not strange, f"{strange} is nothing that a person can act on: {taken.outcome.told}"
    if taken.outcome.thing is not None:
        assert Code.STALE in taken.outcome.codes, (
            "A refusal shows only what the change was made on."
        )
    changed = [str(change) for change in taken.changes]
    if taken.move.mutation in CLOSES_FIRST and _closed_by_time(taken):
        changed = [str(each) for each in _entries(taken) if _who(each.row) != TIME_DOES]
    assert not changed, f"It was refused, and something changed: {changed}"


def _closed_by_time(taken: Taken) -> bool:
    return any(
        each.before and at(each.before["closes_at"]) <= taken.now for each in taken.of("proposals")
    )


def _entries(taken: Taken) -> list[Difference]:
    return list(taken.of("audit_entries"))


def _who(entry: Row) -> Who:
    return (entry["person_id"], entry["organization_id"], entry["client_id"])


def whoever_did_it_is_on_record(taken: Taken) -> None:
    """In the same request, and nobody else is; what nobody did says so."""
    viewer = taken.move.actor.viewer
    mine: Who = (viewer.person_id, viewer.organization_id, viewer.client_id)
    if taken.move.mutation == TIME:
        mine = TIME_DOES
    noted = 0
    for entry in (each.row for each in _entries(taken)):
        assert at(entry["at"]) == taken.now, entry
        assert entry["hub_id"] is not None, entry
        if taken.move.mutation != TIME:
            assert entry["request_id"] == taken.outcome.request_id, entry
        if _who(entry) == mine:
            noted += 1
        else:
            nobodys = NOBODY_DOES if entry["action"] == "rsvp.offered" else TIME_DOES
            assert _who(entry) == nobodys, f"{entry} is not what {taken.move.actor} did"
    changed = [each for each in taken.changes if each.table not in UNNOTED]
    if changed and taken.move.mutation != TIME and taken.outcome.done:
        assert noted, "It was done, and nothing says by whom."


def every_change_is_on_record(taken: Taken) -> None:
    """Of the thing itself where it goes to another state, and at least of the whole that it is a
    part of."""
    subjects = {each.row["subject_id"] for each in _entries(taken)}
    wholes = subjects | {each.row["whole_id"] for each in _entries(taken)}
    for change in taken.changes:
        if change.table in UNNOTED:
            continue
        if taken.move.mutation == TIME and change.table in ROUTINE:
            continue
        whole = _wholes(taken.after, change)
        assert whole & wholes, f"Nothing on record is about {change}"
    if taken.move.mutation in IN_ONE:
        return
    for change in moved(taken):
        unnoted = change.table == "alliances" and change.row["status"] == "ACTIVE"
        assert unnoted or change.key in subjects, f"Nothing on record says so: {change}"


# These say of the whole what becomes of its parts.
IN_ONE = {"mergeEvents", "unmergeEvents", "updateEventFrom", "createAlliance", "createEvent"}


def _wholes(picture: Picture, change: Difference) -> set[str]:
    row = change.row
    named = {row.get("id"), change.key}
    for column in (
        "event_id",
        "duplicate_id",
        "alliance_id",
        "group_id",
        "organization_id",
        "subject_id",
        "agreement_id",
    ):
        named.add(row.get(column))
    for table, column in (("rsvp_consents", "rsvp_id"), ("ballots", "proposal_id")):
        if change.table == table:
            part = picture.find(row[column])
            assert part is not None
            named |= {part["id"], part.get("event_id"), part.get("alliance_id")}
    if change.before and "event_id" in change.before:
        named.add(change.before["event_id"])
    if change.table == "groups" or change.table == "events":
        named.add(row["organization_id"])
    return {str(each) for each in named if each}


def nothing_is_ever_lost(taken: Taken) -> None:
    """Whatever became of it, the row is there; and the record is only ever added to."""
    for table in KEPT_FOR_EVER:
        gone = [each for each in taken.of(table) if each.after is None]
        assert not gone, f"These are gone: {gone}"
    written_over = [
        str(each)
        for table in ("audit_entries", "audit_concerned")
        for each in taken.of(table)
        if each.before is not None
    ]
    assert not written_over, written_over


def a_change_is_made_on_the_version_that_was_seen(taken: Taken) -> None:
    """And the version of what is changed moves on."""
    seen = taken.move.flat.get("version")
    if seen is None or not taken.outcome.done or not taken.changes:
        return
    named = taken.move.flat.get("id") or taken.move.flat["event"]
    if named.startswith("occ_"):
        named = taken.before["occurrences"][named]["event_id"]
    before, after = taken.before.find(named), taken.after.find(named)
    assert before is not None, named
    assert after is not None, named
    assert before["version"] == seen, f"It was at version {before['version']}, and not at {seen}."
    assert after["version"] > seen, "It was changed, and its version is what it was."


def versions_go_up(taken: Taken) -> None:
    for table in ("organizations", "groups", "events", "alliances"):
        for change in taken.of(table):
            if change.before and change.after:
                assert change.after["version"] >= change.before["version"], change
                assert at(change.after["updated_at"]) >= at(change.before["updated_at"]), change


def what_is_answered_is_what_is_kept(taken: Taken) -> None:
    """Every plain field that is a column."""
    thing = taken.outcome.thing
    if thing is None or not taken.outcome.done or taken.move.mutation in ELSEWHERE:
        return
    row = taken.after.find(thing["id"])
    assert row is not None, thing
    kind = payload_field(taken.move.mutation)[1]
    for name, value in thing.items():
        column = "".join(f"_{each.lower()}" if each.isupper() else each for each in name)
        if column not in row or column in _TOLD_IN_OTHER_WORDS:
            continue
        kept = row[column]
        if isinstance(kept, str) and not is_enum_type(get_named_type(kind.fields[name].type)):
            kept, value = _plain(kept), _plain(value)
        assert value == kept, f"{kind.name}.{name} is {kept!r}, and was answered as {value!r}"


# In the language of whoever asks, or between two sides; a date that says nothing of its own says
# what its series does.
_TOLD_IN_OTHER_WORDS = {"message", "end_reason", "title", "description", "url", "translations"}


def _plain(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value


LAWS = (
    a_refusal_says_why_and_changes_nothing,
    whoever_did_it_is_on_record,
    every_change_is_on_record,
    nothing_is_ever_lost,
    a_change_is_made_on_the_version_that_was_seen,
    versions_go_up,
    what_is_answered_is_what_is_kept,
)
