"""What a role in a team is called and means, and what somebody is written who is invited into one:
plain text."""

import re
from collections.abc import Mapping
from datetime import datetime

from domain.actors import TeamRole
from languages import N_, dates
from languages import gettext as _

_LONGEST_NAME = 80
# Names are the inviter's own words, sent to whomever they like: no place for an advertisement.
_ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S*|\S+@\S+")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")

# A text of the catalogue for each, to be put through `_`.
NAMES: Mapping[TeamRole, str] = {
    TeamRole.OWNER: N_("owner"),
    TeamRole.ADMIN: N_("admin"),
    TeamRole.EDITOR: N_("editor"),
    TeamRole.EVENT_MANAGER: N_("event manager"),
    TeamRole.VIEWER: N_("viewer"),
}
# What a role means, for whoever chooses one or is given it.
MEANINGS: Mapping[TeamRole, str] = {
    TeamRole.OWNER: N_("everything, and answers for the organization; makes and removes owners"),
    TeamRole.ADMIN: N_("everything but making or removing owners"),
    TeamRole.EDITOR: N_("writes groups and events in its name"),
    TeamRole.EVENT_MANAGER: N_("writes events in its name, and sees who comes"),
    TeamRole.VIEWER: N_("sees what the team sees, and changes nothing"),
}
_AS = {
    TeamRole.OWNER: N_("as an owner"),
    TeamRole.ADMIN: N_("as an admin"),
    TeamRole.EDITOR: N_("as an editor"),
    TeamRole.EVENT_MANAGER: N_("as an event manager"),
    TeamRole.VIEWER: N_("as a viewer"),
}


def named(words: str) -> str:
    """A name as it may stand in a letter to a stranger: one line, not long, no address in it."""
    line = _BREAKS.sub(" ", _ADDRESS.sub("…", words)).strip() or "…"
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"


def subject(organization: str) -> str:
    return _("Invitation to the team of %(organization)s", organization=named(organization))


def invitation(
    hub: str,
    organization: str,
    inviter: str | None,
    role: TeamRole,
    link: str,
    until: datetime,
) -> str:
    """`inviter` is None where the hub's own operator invites."""
    about = {"organization": named(organization), "hub": hub, "role": _(_AS[role])}
    if inviter:
        said = _(
            "%(inviter)s invites you into the team of “%(organization)s” on %(hub)s, %(role)s:",
            inviter=named(inviter),
            **about,
        )
    else:
        said = _(
            "You are invited into the team of “%(organization)s” on %(hub)s, %(role)s:", **about
        )
    paragraphs = (
        f"{said}\n{_(MEANINGS[role])}.",
        _("To see the invitation, and accept or decline it:") + f"\n{link}",
        _(
            "The link works once, until %(day)s. Whoever has it may accept in your place: forward "
            "it to nobody.",
            day=dates.day(until),
        ),
        _("If you do not know what this is about, you need not do anything."),
    )
    return "\n\n".join(paragraphs) + "\n"
