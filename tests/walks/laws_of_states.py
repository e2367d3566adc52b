"""A state is left only as the tables say, by whom they say; what else follows is said here.

The tables are those of `domain/` as they stand when this is imported (docs/domain.md draws them).
"""

from collections.abc import Callable, Iterator
from typing import Any

from domain.alliances import ALLIANCE
from domain.co_hosting import EVENT_HOST
from domain.group_memberships import GROUP_MEMBERSHIP
from domain.handovers import HANDOVER
from domain.memberships import MEMBERSHIP
from domain.proposals import PROPOSAL
from domain.publication import PUBLICATION
from domain.rsvps import RSVP
from domain.transitions import Machine, Party, Step
from tests.walks.actors import STAFF
from tests.walks.picture import Difference, Row, at
from tests.walks.sides import SIDES, at_the_door
from tests.walks.walk import CANCEL, CONFIRM, TIME, Taken

MACHINES: dict[str, Machine[Any]] = {
    "alliance_members": MEMBERSHIP,
    "alliances": ALLIANCE,
    "proposals": PROPOSAL,
    "event_hosts": EVENT_HOST,
    "events": PUBLICATION,
    "rsvps": RSVP,
    "group_members": GROUP_MEMBERSHIP,
    "handovers": HANDOVER,
}
STATE = {"events": "publication_status"}
STEPS = {table: machine.steps for table, machine in MACHINES.items()}
# Who follows a link answers as rsvp does, or takes that back.
# Who asks to come in where they are invited accepts; who invites where somebody asks does, too.
ALSO = {("group_members", "accept", "joinGroup"), ("group_members", "accept", "inviteToGroup")}
SAME_AS = {CONFIRM: "rsvp", CANCEL: "cancelRsvp"}


def states_move_along_their_tables(taken: Taken) -> None:
    for change in moved(taken):
        followed = FOLLOWS.get((change.table, taken.move.mutation))
        if followed is not None and followed(taken, change):
            continue
        fit = [step for step in _steps(change) if _takes(taken, change, step)]
        assert fit, f"Nobody may do this, as the tables have it: {change}"


def moved(taken: Taken) -> Iterator[Difference]:
    """Rows that begin, or are in another state than before."""
    for change in taken.changes:
        if change.table not in MACHINES:
            continue
        state = STATE.get(change.table, "status")
        before, after = (row and row[state] for row in (change.before, change.after))
        if before != after:
            yield change


def _steps(change: Difference) -> Iterator[Step[Any]]:
    state = STATE.get(change.table, "status")
    before = change.before[state] if change.before else None
    if change.table == "proposals" and before is None:
        before = "DRAFT"  # it is drafted and opened in one go
    for step in STEPS[change.table]:
        begins = before is None and not step.start
        if change.after and (begins or before in step.start) and change.after[state] in step.to:
            yield step


def _takes(taken: Taken, change: Difference, step: Step[Any]) -> bool:
    if step.by is Party.TIME:
        return _has_come(taken, change, step)
    if step.by is Party.MEMBERS:
        return _is_decided(taken, change, step)
    mutation = SAME_AS.get(taken.move.mutation, taken.move.mutation)
    is_named = step.mutation == mutation or (change.table, step.action, mutation) in ALSO
    if not is_named or not _is_said(step, taken, change):
        return False
    if taken.move.mutation in SAME_AS:
        return step.by is Party.PERSON  # whoever has the link
    if change.table == "rsvps" and _is_of_a_guest(taken, change):
        # Anybody may type in an address; who has none is vouched for at the door.
        address = change.row["guest_email"]
        return bool(address) or at_the_door(taken.before, change.row, taken.move.actor)
    return step.by in SIDES[change.table](taken.before, change.row, taken.move.actor)


def _is_of_a_guest(taken: Taken, change: Difference) -> bool:
    return change.before is None and taken.move.flat.get("guestName") is not None


def _is_said(step: Step[Any], taken: Taken, change: Difference) -> bool:
    """What a step needs beyond somebody who takes it."""
    if step.needs_reason and not change.row.get("end_reason"):
        return False
    if change.table == "alliance_members" and step.by is Party.ALLIANCE:
        rule = taken.before["alliances"][change.row["alliance_id"]]["decision_rule"]
        return step.action not in {"approve", "remove"} or rule == "CONVENER"
    return True


# ── nobody's doing ───────────────────────────────────────────────────────────────────────────

_DUE = {
    ("alliance_members", "expire"): "expires_at",
    ("event_hosts", "expire"): "expires_at",
    ("handovers", "expire"): "expires_at",
    ("handovers", "take effect"): "effective_at",
    ("proposals", "close"): "closes_at",
}


def _has_come(taken: Taken, change: Difference, step: Step[Any]) -> bool:
    if change.table == "rsvps":  # a place became free
        return taken.move.mutation != TIME
    due = _DUE.get((change.table, step.action))
    if due is None:
        return taken.move.mutation == TIME
    moment = change.before[due] if change.before else None
    return moment is not None and at(moment) <= taken.now


def _is_decided(taken: Taken, change: Difference, step: Step[Any]) -> bool:
    """By the members together: a second one came in, or a proposal passed that asked for this."""
    if step.action == "be two":
        return len(_active(taken, change.row["id"])) > 1
    if change.table == "proposals":
        return taken.move.mutation == "castBallot"
    alliance = change.row["id" if change.table == "alliances" else "alliance_id"]
    kinds = {"approve": "ADMIT_MEMBER", "remove": "REMOVE_MEMBER", "dissolve": "DISSOLVE"}
    for each in taken.of("proposals"):
        passed = each.before and each.before["status"] == "OPEN" and each.row["status"] == "PASSED"
        about = each.row["subject_id"] in {None, change.row["id"]}
        is_this = each.row["alliance_id"] == alliance and each.row["kind"] == kinds[step.action]
        if passed and about and is_this:
            return True
    return False


def _active(taken: Taken, alliance_id: str) -> list[Row]:
    return taken.after.all("alliance_members", alliance_id=alliance_id, status="ACTIVE")


# ── what follows from something else ─────────────────────────────────────────────────────────

Follows = Callable[[Taken, Difference], bool]


def _convenes(taken: Taken, change: Difference) -> bool:
    """Whoever founds an alliance is in it."""
    row = change.row
    alliance = taken.after["alliances"][row["alliance_id"]]
    is_its_own = row["organization_id"] == alliance["convener_id"] and row["role"] == "CONVENER"
    return (
        row["status"] == "ACTIVE" and is_its_own and alliance["id"] not in taken.before["alliances"]
    )


def _rests_without_convener(taken: Taken, change: Difference) -> bool:
    """Its members put the convener out."""
    gone = [
        each
        for each in taken.of("alliance_members")
        if each.row["organization_id"] == change.row["convener_id"]
        and each.row["status"] == "REMOVED"
    ]
    return bool(gone) and change.row["status"] == "DORMANT"


def _answers_for_it(taken: Taken, change: Difference) -> bool:
    """The host's own place."""
    event = taken.after["events"][change.row["event_id"]]
    is_its_own = change.row["organization_id"] == event["organization_id"]
    return change.before is None and is_its_own and change.row["role"] == "HOST"


# The host narrowed who sees the event: whoever was not let in by name goes.
LET_GO = {("REQUESTED", "DECLINED"), ("ACCEPTED", "REMOVED")}


def _is_let_go(taken: Taken, change: Difference) -> bool:
    if change.before is None or change.row["initiated_by"] != "PARTNER":
        return False
    event = taken.before["events"][change.row["event_id"]]
    is_hosts = taken.move.actor.acts_for(event["organization_id"], STAFF)
    return is_hosts and (change.before["status"], change.row["status"]) in LET_GO


def _goes_on(taken: Taken, change: Difference) -> bool:
    """The event that goes on with a series has the same hosts on the same terms; and where fewer see
    it, it says who was let go."""
    row = change.row
    series = taken.move.flat.get("id")
    alike = ("organization_id", "role", "initiated_by", "may_edit", "attendee_sharing")

    def is_let_go(was: str) -> bool:
        return row["initiated_by"] == "PARTNER" and (was, row["status"]) in LET_GO

    return change.before is None and any(
        all(each[name] == row[name] for name in alike)
        and (each["status"] == row["status"] or is_let_go(each["status"]))
        for each in taken.before.all("event_hosts", event_id=series)
    )


def _is_brought(taken: Taken, change: Difference) -> bool:
    """Whoever accepted the one entry of an event has accepted the event."""
    duplicate = taken.move.flat["duplicate"]
    return change.row["status"] == "ACCEPTED" and any(
        each["organization_id"] == change.row["organization_id"]
        for each in taken.before.all("event_hosts", event_id=duplicate, status="ACCEPTED")
    )


def _merged_into(taken: Taken) -> Row | None:
    return taken.before["event_merges"].get(taken.move.flat["duplicate"])


def _is_given_back(taken: Taken, change: Difference) -> bool:
    """As it was before the two were one; who has left since, has left both."""
    merge = _merged_into(taken)
    if merge is None:
        return False
    added = {each["id"] for each in merge["moved"]["hosts"]}
    of = {each["of"] for each in merge["moved"]["hosts"]}
    accepted = {each["id"]: each["status"] for each in merge["moved"]["accepted_hosts"]}
    if change.after is None:
        return change.key in added
    return change.key in of or change.after["status"] == accepted.get(change.key)


def _leaves_its_place(taken: Taken, change: Difference) -> bool:
    """Of two answers of one person the better one stays."""
    row = change.row
    if change.before is None or row["status"] != "CANCELLED":
        return False
    whose = "person_id" if row["person_id"] else "guest_email"
    return any(
        each["occurrence_id"] == row["occurrence_id"]
        and each["id"] != row["id"]
        and (each[whose] or "").lower() == row[whose].lower()
        and each["status"] in RUNNING
        for each in taken.after["rsvps"].values()
    )


RUNNING = {"NEEDS_ACTION", "ACCEPTED", "TENTATIVE", "PENDING_APPROVAL", "WAITLISTED"}


def _is_taken_up_again(taken: Taken, change: Difference) -> bool:
    merge = _merged_into(taken)
    cancelled = merge["moved"]["cancelled_answers"] if merge else []
    # What waits may be offered a place at once.
    states = {each["id"]: {each["status"]} for each in cancelled}
    allowed = states.get(change.key, set())
    return change.row["status"] in allowed | ({"ACCEPTED"} if "WAITLISTED" in allowed else set())


FOLLOWS: dict[tuple[str, str], Follows] = {
    ("alliance_members", "createAlliance"): _convenes,
    ("alliances", "castBallot"): _rests_without_convener,
    ("alliances", "withdrawProposal"): _rests_without_convener,
    ("alliances", TIME): _rests_without_convener,
    ("event_hosts", "createEvent"): _answers_for_it,
    ("event_hosts", "updateEvent"): _is_let_go,
    ("event_hosts", "unshareEvent"): _is_let_go,
    ("event_hosts", "updateOrganization"): _is_let_go,
    ("event_hosts", "updateEventFrom"): lambda t, c: _goes_on(t, c) or _is_let_go(t, c),
    ("event_hosts", "mergeEvents"): _is_brought,
    ("event_hosts", "unmergeEvents"): _is_given_back,
    ("events", "updateEventFrom"): lambda t, c: (
        c.before is None
        and c.row["publication_status"]
        == t.before["events"][t.move.flat["id"]]["publication_status"]
    ),
    ("rsvps", "mergeEvents"): _leaves_its_place,
    ("rsvps", "unmergeEvents"): _is_taken_up_again,
}


# ── nothing is left lying ────────────────────────────────────────────────────────────────────


def nothing_is_overdue(taken: Taken) -> None:
    """What a date has come for is done, once those who see to it were there."""
    if taken.move.mutation != TIME:
        return
    for table, machine in MACHINES.items():
        for step in machine.steps:
            due = _DUE.get((table, step.action))
            if step.by is not Party.TIME or due is None:
                continue
            late = [
                row
                for row in taken.after[table].values()
                if row["status"] in step.start and row[due] and at(row[due]) <= taken.now
            ]
            assert not late, f"{step.action} is overdue: {late}"
    failing = [row for row in taken.after["duties"].values() if row["failures"]]
    assert not failing, f"These duties fail: {failing}"


LAWS = (states_move_along_their_tables, nothing_is_overdue)
