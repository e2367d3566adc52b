"""Answers to the question whether one comes to a date of an event (OSDI attendance).

Where an answer may stand and what changes it (docs/domain.md s4.4); when a date takes answers; and
who gets a place where there are not enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import Invalid, InvalidTransition, Refused
from domain.events import EventStatus, JoinMode, PublicationStatus
from domain.occurrences import end_of_day
from domain.transitions import Machine, Party, Step
from domain.words import say

MOST_GUESTS = 50  # beside oneself; more is a group, and worth a word with the host
CHECK_IN_OPENS = timedelta(hours=1)  # before the start


class RsvpStatus(StrEnum):
    """Where an answer stands. Whether its person was there in the end is another matter."""

    NEEDS_ACTION = "NEEDS_ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    WAITLISTED = "WAITLISTED"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"


class DeliveryStatus(StrEnum):
    """Whether a write meant for another hub has reached it."""

    LOCAL = "LOCAL"
    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


NEEDS_ACTION, ACCEPTED = RsvpStatus.NEEDS_ACTION, RsvpStatus.ACCEPTED
TENTATIVE, DECLINED = RsvpStatus.TENTATIVE, RsvpStatus.DECLINED
PENDING, WAITLISTED = RsvpStatus.PENDING_APPROVAL, RsvpStatus.WAITLISTED
CANCELLED, REFUSED = RsvpStatus.CANCELLED, RsvpStatus.REFUSED
# Of one person there is one of these to a date (the words of the partial index).
UNDER_WAY = (NEEDS_ACTION, ACCEPTED, TENTATIVE, PENDING, WAITLISTED)
ANSWERS = (ACCEPTED, TENTATIVE, DECLINED)  # what one may say; the rest is made of it

_ANSWERED = (*UNDER_WAY, DECLINED)
RSVP = Machine(
    say("This answer"),
    RsvpStatus,
    (
        Step("answer", Party.PERSON, (), (*UNDER_WAY, DECLINED), "rsvp"),
        Step("sign_up", Party.HOST, (), (NEEDS_ACTION, ACCEPTED, WAITLISTED), "rsvp"),
        Step("accept", Party.PERSON, _ANSWERED, (ACCEPTED, PENDING, WAITLISTED), "rsvp"),
        Step("hesitate", Party.PERSON, _ANSWERED, (TENTATIVE,), "rsvp"),
        Step("decline", Party.PERSON, _ANSWERED, (DECLINED,), "rsvp"),
        Step("cancel", Party.PERSON, UNDER_WAY, (CANCELLED,), "cancelRsvp"),
        Step("cancel", Party.HOST, UNDER_WAY, (CANCELLED,), "cancelRsvp"),
        Step("approve", Party.HOST, (PENDING, REFUSED), (ACCEPTED, WAITLISTED), "respondToRsvp"),
        Step("refuse", Party.HOST, UNDER_WAY, (REFUSED,), "respondToRsvp"),
        Step("offer", Party.TIME, (WAITLISTED,), (ACCEPTED,)),
    ),
)
ACTION_OF = {ACCEPTED: "accept", TENTATIVE: "hesitate", DECLINED: "decline"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rsvp:
    id: str
    event_id: str
    occurrence_id: str
    person_id: str | None = None
    guest_name: str | None = None
    guest_email: str | None = None
    status: RsvpStatus
    additional_guests: int = 0
    attended: bool | None = None
    referred_by_id: str | None = None
    in_line: int | None = None

    @property
    def party(self) -> int:
        return 1 + self.additional_guests


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants their answer to be."""

    status: RsvpStatus = ACCEPTED
    additional_guests: int = 0

    @property
    def party(self) -> int:
        return 1 + self.additional_guests


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """A date that people answer to, with what its event says of answers."""

    event_id: str
    occurrence_id: str
    host_id: str
    host_name: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    time_zone: str
    all_day: bool
    status: EventStatus
    publication_status: PublicationStatus
    join_mode: JoinMode
    registration_url: str | None
    capacity: int | None
    accepted: int

    @property
    def free(self) -> int | None:
        """Places left, or None for no limit. Below none where the capacity was lowered."""
        return None if self.capacity is None else max(0, self.capacity - self.accepted)

    @property
    def over_at(self) -> datetime:
        if self.ends_at is None and self.all_day:
            return end_of_day(self.starts_at, self.time_zone)
        return self.ends_at or self.starts_at


def checked(wish: Wish) -> Wish:
    if wish.status not in ANSWERS:
        may = ", ".join(ANSWERS)
        raise Invalid(
            say(
                "One answers %(may)s; %(status)s comes of it by itself.",
                may=may,
                status=wish.status,
            ),
            ("status",),
        )
    if not 0 <= wish.additional_guests <= MOST_GUESTS:
        raise Invalid(
            say("One brings 0 to %(most)s guests; ask the host about more.", most=MOST_GUESTS),
            ("additionalGuests",),
        )
    return wish


def require_taking_answers(date: Gathering, now: datetime, *, by_host: bool) -> None:
    """The date is to come and people sign up for it here. The host writes down who comes in any
    case, and afterwards too: paper is typed in on Monday."""
    if date.publication_status is not PublicationStatus.PUBLISHED:
        raise Invalid("It is not published, so nobody answers to it yet.", ("event",))
    if date.status is EventStatus.CANCELLED:
        raise Invalid("This date was called off; choose another one.", ("occurrence",))
    if by_host:
        return
    if date.join_mode is JoinMode.EXTERNAL:
        raise Refused(
            say(
                "People sign up elsewhere: %(registration_url)s",
                registration_url=date.registration_url,
            ),
            ("event",),
        )
    if date.join_mode is JoinMode.NONE:
        raise Refused("Nobody signs up for this event: just come.", ("event",))
    if date.over_at <= now:
        raise Invalid("This date is over; choose one to come.", ("occurrence",))


def require_room_at_all(date: Gathering, wish: Wish) -> None:
    if wish.status is ACCEPTED and date.capacity is not None and wish.party > date.capacity:
        raise Invalid(
            say(
                "There are %(capacity)s places in all; bring fewer guests.", capacity=date.capacity
            ),
            ("additionalGuests",),
        )


def decided(
    date: Gathering, wish: Wish, current: Rsvp | None = None, *, by_host: bool = False
) -> RsvpStatus:
    """Where the answer stands by this wish. Whoever has a place keeps it: where the larger party
    does not fit, that is refused, and the answer stays as it was."""
    if wish.status is not ACCEPTED:
        return wish.status
    field = ("additionalGuests",)
    standing = current.status if current else None
    more = wish.party - (current.party if current and standing is ACCEPTED else 0)
    if more > 0:
        require_room_at_all(date, wish)
    is_asked = date.join_mode is JoinMode.APPROVAL and not by_host
    if current and standing in {ACCEPTED, WAITLISTED} and wish.party <= current.party:
        is_asked = False  # the host approved as many
    if standing is ACCEPTED and more > 0:
        if is_asked:
            raise Invalid("The host approved fewer: ask them to bring more guests.", field)
        if date.free is not None and more > date.free:
            raise Invalid(
                say(
                    "%(free)s more places are free; bring fewer guests, or leave it as it was.",
                    free=date.free,
                ),
                field,
            )
    if is_asked:
        return PENDING
    return ACCEPTED if date.free is None or more <= date.free else WAITLISTED


def can_be_offered(date: Gathering, now: datetime) -> bool:
    """There is a date to come to: who waits for what is over or called off waits in vain, and is
    told of no place there."""
    return date.status is not EventStatus.CANCELLED and now < date.over_at


def offered(line: Iterable[tuple[str, int]], free: int) -> tuple[list[str], int]:
    """Of those who wait, with the size of their parties: who gets a place now, and what stays free.

    First in, first out, and the first who fits: a party that is larger than what is free lets the
    next one pass and keeps its place, so that it is asked first whenever more becomes free. Were
    everybody to wait for it, places would stay empty that people behind it could have; and since
    nobody who comes anew is taken before the line was asked, nobody is passed over for a stranger.
    """
    taken = []
    for answer_id, party in line:
        if party <= free:
            taken.append(answer_id)
            free -= party
    return taken, free


def standing(answer: Rsvp, status: RsvpStatus) -> Rsvp:
    return replace(answer, status=status)


def require_check_in_open(date: Gathering, now: datetime) -> None:
    if now < date.starts_at - CHECK_IN_OPENS:
        raise Invalid(
            "People are checked in from one hour before the start; come back then.", ("attended",)
        )


def require_expected(answer: Rsvp) -> None:
    """Whoever said no, or was told no, is not on the list of those who may come."""
    if answer.status not in UNDER_WAY:
        raise InvalidTransition(
            say(
                "This answer is %(status)s: nobody is expected by it. If they came all the "
                "same, add them as a guest by rsvp.",
                status=answer.status,
            ),
            ("rsvp",),
        )
