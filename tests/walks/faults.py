"""Mistakes as they are made: each takes one rule away, as somebody might who changes the code.

A walk that goes on as if nothing were wrong proves nothing; `test_faults_are_found` shows for each of
these that a law says so, and which.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import literal_column, true

import domain.alliances
import domain.memberships
import domain.rsvps
import resolvers.answering
import resolvers.co_hosting
import resolvers.group_memberships
import resolvers.groups
import resolvers.membership_steps
import resolvers.memberships
import resolvers.reading.attendance
import storage.agreements
import storage.audit
import storage.consents
import storage.event_hosts
import storage.groups
import storage.visibility
import storage.visibility_of_answers as rules
from domain.actors import NOBODY
from domain.co_hosting import EVENT_HOST
from domain.errors import Refused
from domain.memberships import MEMBERSHIP
from domain.rsvps import Gathering
from domain.transitions import Machine, Party
from storage import tables
from storage.words import exists_for_row

Tampering = Callable[[pytest.MonkeyPatch], None]
SEEING = "what_is_seen_is_what_policy_allows"


@dataclass(frozen=True)
class Fault:
    """`law` is the one that is broken; `among` the steps that lead there."""

    name: str
    tamper: Tampering
    laws: tuple[str, ...]
    among: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


FAULTS: list[Fault] = []


def fault(*laws: str, among: tuple[str, ...]) -> Callable[[Tampering], Tampering]:
    def known(tamper: Tampering) -> Tampering:
        FAULTS.append(Fault(tamper.__name__, tamper, laws, among))
        return tamper

    return known


def _widened(machine: Machine[Any], action: str, by: Party, to: Party) -> Machine[Any]:
    steps = [
        replace(step, by=to) for step in machine.steps if (step.action, step.by) == (action, by)
    ]
    return replace(machine, steps=(*machine.steps, *steps))


ALLIANCES = (
    "inviteToAlliance",
    "requestToJoinAlliance",
    "respondToAllianceMembership",
    "leaveAlliance",
    "acceptAgreement",
    "removeAllianceMember",
)
ANSWERS = ("rsvp", "rsvp", "cancelRsvp", "respondToRsvp", "checkIn")
HOSTS = ("inviteEventHost", "respondToEventHost", "withdrawEventHost")


@fault("states_move_along_their_tables", among=ALLIANCES)
def the_alliance_accepts_its_own_invitations(patch: pytest.MonkeyPatch) -> None:
    wider = _widened(MEMBERSHIP, "accept", Party.ORGANIZATION, Party.ALLIANCE)
    patch.setattr(resolvers.memberships, "MEMBERSHIP", wider)


@fault("states_move_along_their_tables", among=HOSTS)
def the_host_accepts_for_whom_it_invited(patch: pytest.MonkeyPatch) -> None:
    wider = _widened(EVENT_HOST, "accept", Party.PARTNER, Party.HOST)
    patch.setattr(resolvers.co_hosting, "EVENT_HOST", wider)


@fault("states_move_along_their_tables", among=("updateAlliance", *ALLIANCES))
def a_steward_decides_what_the_members_decide_together(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(domain.memberships, "require_own_decision", lambda *_: None)


@fault("nobody_is_squeezed_in", among=ANSWERS)
def there_is_always_one_place_more(patch: pytest.MonkeyPatch) -> None:
    free = property(
        lambda date: None if date.capacity is None else date.capacity - date.accepted + 1
    )
    patch.setattr(Gathering, "free", free)


@fault("nobody_is_overtaken", "no_place_stays_empty_that_somebody_waits_for", among=ANSWERS)
def the_last_in_line_comes_first(patch: pytest.MonkeyPatch) -> None:
    fair = domain.rsvps.offered
    patch.setattr(domain.rsvps, "offered", lambda line, free: fair(reversed(list(line)), free))


@fault("no_place_stays_empty_that_somebody_waits_for", among=ANSWERS)
def a_place_given_back_is_offered_to_nobody(patch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None:
        return None

    patch.setattr(resolvers.answering, "offer_what_is_free", nothing)


@fault("whoever_did_it_is_on_record", "every_change_is_on_record", among=HOSTS)
def what_becomes_of_hosts_is_not_noted(patch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object, **__: object) -> None:
        return None

    patch.setattr(resolvers.co_hosting, "note", nothing)


@fault("whoever_did_it_is_on_record", among=ANSWERS)
def an_entry_says_nobody_did_it(patch: pytest.MonkeyPatch) -> None:
    entered = storage.audit.add_many

    async def by_nobody(db: Any, entries: Any, at: Any, _: Any, *more: Any) -> None:
        await entered(db, entries, at, NOBODY, *more)

    patch.setattr(storage.audit, "add_many", by_nobody)


@fault("an_alliance_stands_as_its_members_do", among=ALLIANCES)
def an_alliance_goes_on_without_its_convener(patch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None:
        return None

    patch.setattr(resolvers.membership_steps, "rest_without_convener", nothing)


@fault("what_was_agreed_to_ends_with_the_answer", among=ANSWERS)
def what_was_agreed_to_outlasts_the_answer(patch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None:
        return None

    patch.setattr(storage.consents, "withdraw", nothing)


@fault("who_comes_in_has_agreed", among=ALLIANCES)
def nobody_has_to_agree(patch: pytest.MonkeyPatch) -> None:
    async def none(*_: object) -> list[Any]:
        return []

    patch.setattr(storage.agreements, "missing", none)


@fault("a_change_is_made_on_the_version_that_was_seen", among=("updateGroup", "updateAlliance"))
def an_old_version_will_do(patch: pytest.MonkeyPatch) -> None:
    kept = storage.groups.keep

    async def whatever_was_seen(db: Any, group: Any, seen: int) -> None:
        await kept(db, group, (await storage.groups.by_id(db, group.id)).version)  # type: ignore[union-attr]

    patch.setattr(storage.groups, "keep", whatever_was_seen)
    patch.setattr(resolvers.groups, "require_current", lambda *_: None)


@fault("a_refusal_says_why_and_changes_nothing", among=("castBallot", "openProposal", *HOSTS))
def what_was_begun_is_kept_though_it_was_refused(patch: pytest.MonkeyPatch) -> None:
    """The transaction commits before it is judged."""
    judged = resolvers.co_hosting._move

    async def too_early(ctx: Any, db: Any, place: Any, to: Any, reason: str | None = None) -> None:
        await judged(ctx, db, place, to, reason)
        await db.commit()

        raise Refused("After all, no.")

    patch.setattr(resolvers.co_hosting, "_move", too_early)


@fault("a_lead_stays", among=("leaveGroup", "joinGroup"))
def the_last_one_who_leads_may_go(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(resolvers.group_memberships, "require_a_lead_stays", lambda *_: None)


@fault(
    "what_is_shared_is_no_wider_than_its_alliance_allows",
    among=("shareEvent", "updateEvent", "createEvent"),
)
def an_event_is_shared_wider_than_the_alliance_allows(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(domain.alliances, "check_audience", lambda *_: None)


@fault(
    "states_move_along_their_tables", "nothing_is_overdue", among=("inviteEventHost", "time passes")
)
def invitations_never_run_out(patch: pytest.MonkeyPatch) -> None:
    async def none(*_: object) -> list[Any]:
        return []

    patch.setattr(storage.event_hosts, "late", none)


@fault(SEEING, among=("updateOrganization", "createEvent", "updateEvent", "createGroup"))
def whoever_keeps_to_itself_is_seen_by_its_things(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storage.visibility, "_owner_seen", lambda *_: true())


@fault(SEEING, among=("leaveAlliance", "suspendAllianceMember", "shareEvent", "createEvent"))
def who_has_left_sees_what_is_shared_as_before(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(storage.visibility, "in_force", lambda _: true())


@fault(SEEING, among=("rsvp", "cancelRsvp", *HOSTS))
def partners_are_told_who_comes_without_their_consent(patch: pytest.MonkeyPatch) -> None:
    def told(row: Any) -> Any:
        return exists_for_row(rules._accepted(tables.event_hosts.alias(), row.c.event_id))

    patch.setattr(rules, "_is_told", told)


@fault(SEEING, among=("rsvp", "rsvp", "rsvp", *HOSTS))
def a_few_people_are_counted_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(resolvers.reading.attendance, "EACH_STEP", literal_column("1"))
