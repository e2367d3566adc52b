"""What guests without an account are written: plain text, in the words of the event."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.letter_texts import line
from domain.rsvps import (
    ACCEPTED,
    DECLINED,
    PENDING,
    TENTATIVE,
    WAITLISTED,
    Gathering,
    RsvpStatus,
    Wish,
)

STANDS = {
    ACCEPTED: "You are expected",
    TENTATIVE: "You may come; no place is kept for you",
    DECLINED: "You are not expected",
    PENDING: "The host has yet to say whether you can come",
    WAITLISTED: "All places are taken; you are in line, and will be written to when one is free",
    RsvpStatus.CANCELLED: "You are not expected",
    RsvpStatus.REFUSED: "The host does not expect you",
}
_ASKED = {
    ACCEPTED: "come to",
    TENTATIVE: "perhaps come to",
    DECLINED: "not come to",
}


def when(date: Gathering) -> str:
    return on_clocks(date.starts_at, date.time_zone, all_day=date.all_day)


def on_clocks(starts_at: datetime, time_zone: str, *, all_day: bool) -> str:
    at = starts_at.astimezone(ZoneInfo(time_zone))
    return f"{at:%A} {at.day} {at:%B %Y}" + ("" if all_day else f" at {at:%H:%M}")


def wished(wish: Wish, date: Gathering) -> str:
    """`come to “Food drive” on Saturday 6 March 2027 at 09:00, with 2 guests`"""
    guests = {0: "", 1: ", with a guest"}.get(
        wish.additional_guests, f", with {wish.additional_guests} guests"
    )
    if wish.status is DECLINED:
        guests = ""
    return f"{_ASKED[wish.status]} “{line(date.title)}” on {when(date)}{guests}"


def to_confirm(date: Gathering, wish: Wish, agreed_with: list[str], link: str, days: int) -> str:
    """Nothing in it was written by whoever asked but the guests' number: a letter to a stranger's
    address must carry nobody else's words."""
    shared = (
        f"\nYour name and address will be given to {line(', '.join(agreed_with))} too.\n"
        if agreed_with
        else ""
    )
    return (
        f"Somebody, most likely you, gave this address to say that you wish to "
        f"{wished(wish, date)}, hosted by {line(date.host_name)}.\n{shared}\n"
        f"Is that so? Confirm it here, within {days} days:\n{link}\n\n"
        "If it was not you, do nothing: your address is used for nothing else.\n"
    )
