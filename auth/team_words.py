"""What somebody is written who is invited into an organization's team: plain text."""

import re
from datetime import datetime

from domain.actors import TeamRole
from domain.teams import MEANINGS

_LONGEST_NAME = 80
# Names are the inviter's own words, sent to whomever they like: no place for an advertisement.
_ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S*|\S+@\S+")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")

WORDS = {
    TeamRole.OWNER: "an owner",
    TeamRole.ADMIN: "an admin",
    TeamRole.EDITOR: "an editor",
    TeamRole.EVENT_MANAGER: "an event manager",
    TeamRole.VIEWER: "a viewer",
}


def named(words: str) -> str:
    """A name as it may stand in a letter to a stranger: one line, not long, no address in it."""
    line = _BREAKS.sub(" ", _ADDRESS.sub("…", words)).strip() or "…"
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"


def subject(organization: str) -> str:
    return f"Invitation to the team of {named(organization)}"


def invitation(
    hub: str,
    organization: str,
    inviter: str | None,
    role: TeamRole,
    link: str,
    until: datetime,
) -> str:
    """`inviter` is None where the hub's own operator invites."""
    who = f"{named(inviter)} invites you" if inviter else "You are invited"
    return (
        f"{who} into the team of “{named(organization)}” on {hub}, as {WORDS[role]}:\n"
        f"{MEANINGS[role]}.\n"
        "\n"
        "To see the invitation, and accept or decline it:\n"
        f"{link}\n"
        "\n"
        f"The link works once, until {until.day} {until:%B %Y}. Whoever has it may accept in your\n"
        "place: forward it to nobody.\n"
        "\n"
        "If you do not know what this is about, you need not do anything.\n"
    )
