"""Which peers are concerned when channels have moved: those that may read one of them.

The twin of `domain.channels.may_read` for hubs, asked of all of them at once.
"""

from collections.abc import Collection

from sqlalchemy import ARRAY, Text, any_, bindparam, literal_column, or_, select

from domain.channels import PUBLIC
from domain.peering import PeeringStatus
from storage.engine import Reading
from storage.peer_tables import peerings
from storage.tables import alliance_members, organizations
from storage.visibility import in_force

_CHANNELS = bindparam("channels", type_=ARRAY(Text))
_MINE = (
    select(literal_column("1"))
    .select_from(
        alliance_members.join(
            organizations, organizations.c.id == alliance_members.c.organization_id
        )
    )
    .where(
        alliance_members.c.alliance_id == any_(_CHANNELS),
        organizations.c.hub_id == peerings.c.hub_id,
        in_force(alliance_members),
    )
    .correlate(peerings)
    .exists()
)
_CONCERNED = (
    select(peerings.c.hub_id)
    .where(
        peerings.c.status == PeeringStatus.ACTIVE.value,
        peerings.c.poke_url.is_not(None),
        or_(
            bindparam("is_public"),
            peerings.c.hub_id == any_(_CHANNELS),
            _MINE,
        ),
    )
    .order_by(peerings.c.hub_id)
)


async def concerned(db: Reading, channels: Collection[str]) -> list[str]:
    """The ids of the hubs."""
    given = {"channels": sorted(channels), "is_public": PUBLIC in channels}
    return list((await db.scalars(_CONCERNED, given)).all())
