"""Where this hub publishes a thing of its own: to everybody, and to each alliance it is shared with.

What peer hubs mirror is what they are told in these channels, and nothing else. The SQL twin is
`convoke_channels_of` (migration 0019), which the database asks as a transaction ends;
tests/storage/test_channels_agree_with_policy.py holds the two together.
"""

from domain import policy
from domain.actors import NOBODY, Viewer
from domain.reach import AllianceReach, EventReach, GroupReach, OrganizationReach, Reach
from domain.sharing import Visibility

PUBLIC = "public"


def channels_of(thing: Reach) -> frozenset[str]:
    """`PUBLIC`, and the ids of alliances: what any member sees by that alliance alone."""
    found = {each for each in _alliances_of(thing) if policy.sees(_any_member_of(each), thing)}
    if isinstance(thing, AllianceReach):
        found.add(thing.id)
    if thing.visibility is Visibility.PUBLIC and policy.sees(NOBODY, thing):
        found.add(PUBLIC)
    return frozenset(found)


def _alliances_of(thing: Reach) -> frozenset[str]:
    """Those in force in which its owner stands, and with which it was shared."""
    match thing:
        case OrganizationReach():
            return thing.alliance_ids
        case GroupReach() | EventReach():
            return thing.shared_with & thing.organization.alliance_ids
        case AllianceReach():
            return frozenset()


def _any_member_of(alliance_id: str) -> Viewer:
    return Viewer(client_id="any member", alliance_ids=frozenset({alliance_id}))
