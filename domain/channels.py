"""Where this hub publishes a thing of its own: to everybody, to each alliance it is shared with, and
to each other hub of which an organization is let in by name.

What peer hubs mirror is what they are told in these channels, and nothing else. The SQL twin is
`convoke_channels_of` (migrations 0019, 0021 and 0022), which the database asks as a transaction ends;
tests/storage/test_channels_agree_with_policy.py holds the two together.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from domain import policy
from domain.actors import NOBODY, Viewer
from domain.errors import Problem
from domain.reach import AllianceReach, EventReach, GroupReach, OrganizationReach, Reach
from domain.sharing import Visibility

PUBLIC = "public"


class RemovalReason(StrEnum):
    """Why something left a channel."""

    DELETED = "DELETED"
    UNSHARED = "UNSHARED"
    NO_LONGER_VISIBLE = "NO_LONGER_VISIBLE"


class ChannelClosed(Problem):
    """There is no such channel, or it is not for whoever asks."""

    code: ClassVar[str] = "CHANNEL_CLOSED"

    def __init__(self) -> None:
        super().__init__(
            "There is no such channel, or it is not open to you (any more): a hub reads `public`, "
            "the alliances in which an organization of its own is active, and its own id.",
            ("channel",),
        )


class Resync(Problem):
    """The place is none of this channel (any more): whoever reads begins again from its start, and
    drops what they do not meet again."""

    code: ClassVar[str] = "RESYNC"

    def __init__(self) -> None:
        super().__init__(
            "This hub no longer knows that place in its feed. Read it again from its start, without "
            "`after`, and drop what does not come again.",
            ("after",),
        )


def channels_of(thing: Reach, abroad: Mapping[str, str]) -> frozenset[str]:
    """`PUBLIC`; the ids of alliances: what any member sees by that alliance alone; and the ids of
    other hubs: what concerns organizations of theirs by name. `abroad` says of organizations whose
    home another hub is, which; of an organization, all for whom it answers must be known."""
    found = {each for each in _alliances_of(thing) if policy.sees(_any_member_of(each), thing)}
    if isinstance(thing, AllianceReach):
        found.add(thing.id)
    if thing.visibility is Visibility.PUBLIC and policy.sees(NOBODY, thing):
        found.add(PUBLIC)
    hubs = (_hub(each, abroad) for each in set(abroad.values()))
    found |= {hub.hub_id for hub in hubs if hub.hub_id and policy.is_concerned(hub, thing)}
    return frozenset(found)


def may_read(viewer: Viewer, channel: str) -> bool:
    """Everybody what is public; a member what is told in its alliance; a hub what is told to it."""
    if channel == PUBLIC or channel in viewer.alliance_ids:
        return True
    return viewer.is_hub and channel == viewer.hub_id


def _alliances_of(thing: Reach) -> frozenset[str]:
    """Those in force in which its owner stands, and with which it was shared. What is for everybody
    who sees its owner is shared with all of them, where those are its allies alone."""
    is_for_allies = thing.visibility is Visibility.PUBLIC and not policy.sees(NOBODY, thing)
    match thing:
        case OrganizationReach():
            return thing.alliance_ids
        case GroupReach() | EventReach():
            allied = thing.organization.alliance_ids
            return allied if is_for_allies else thing.shared_with & allied
        case AllianceReach():
            return thing.convener.alliance_ids if is_for_allies else frozenset()


def _any_member_of(alliance_id: str) -> Viewer:
    return Viewer(client_id="any member", alliance_ids=frozenset({alliance_id}))


def _hub(hub_id: str, abroad: Mapping[str, str]) -> Viewer:
    its_own = frozenset(one for one, home in abroad.items() if home == hub_id)
    return Viewer(client_id="the hub", hub_id=hub_id, partner_ids=its_own)
