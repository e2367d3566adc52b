"""How the holder of a token stands now: still allowed, in which role, in which alliances and groups.

One statement for each request, so that a client revoked, a person who left the team or an
alliance that ended bites at once, whatever a token still says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.types import TypeEngine

from domain.actors import TeamRole
from domain.alliances import AllianceStatus
from domain.peering import PeeringStatus
from domain.sharing import MembershipStatus
from storage.credential_tables import clients, denied_tokens, grants
from storage.engine import Reading
from storage.peer_tables import peerings
from storage.tables import (
    Id,
    alliance_members,
    alliances,
    group_members,
    organizations,
    team_members,
)


@dataclass(frozen=True, slots=True)
class Standing:
    scopes: frozenset[str]  # what the authorization grants today; a token may hold fewer
    role: TeamRole | None
    alliance_ids: frozenset[str]
    group_ids: frozenset[str]
    partner_ids: frozenset[str]  # of a peer hub's own token: its organizations


# An alliance is in force until it is dissolved: one that forms or rests binds its members too.
_IN_FORCE = (
    select(func.array_agg(alliance_members.c.alliance_id.distinct(), type_=ARRAY(Text)))
    .join(alliances, alliances.c.id == alliance_members.c.alliance_id)
    .where(
        alliance_members.c.status == MembershipStatus.ACTIVE.value,
        alliances.c.status != AllianceStatus.DISSOLVED.value,
    )
    .correlate(grants)
)
_PARTNERS = organizations.c.hub_id == grants.c.hub_id
# A peer hub's own token: it stands where any of its organizations does.
_IS_OF_A_HUB = grants.c.organization_id.is_(None)
_ALLIANCES = case(
    (
        _IS_OF_A_HUB,
        _IN_FORCE.join(organizations, organizations.c.id == alliance_members.c.organization_id)
        .where(_PARTNERS)
        .scalar_subquery(),
    ),
    else_=_IN_FORCE.where(
        alliance_members.c.organization_id == grants.c.organization_id
    ).scalar_subquery(),
)
_PARTNER_IDS = case(
    (
        _IS_OF_A_HUB,
        select(func.array_agg(organizations.c.id, type_=ARRAY(Text)))
        .where(_PARTNERS)
        .correlate(grants)
        .scalar_subquery(),
    )
)

_GROUPS = (
    select(func.array_agg(group_members.c.group_id, type_=ARRAY(Text)))
    .where(
        group_members.c.person_id == grants.c.person_id,
        group_members.c.status == MembershipStatus.ACTIVE.value,
    )
    .correlate(grants)
    .scalar_subquery()
)

_PARAMETERS: dict[str, TypeEngine[Any]] = {
    "grant_id": Id,
    "client_id": Text(),
    "organization_id": Id,
    "person_id": Id,
    "jti": Text(),
}
_BESIDE = "token_"  # begins the names of the same parameters in a statement that asks other things


def _counts(given: Mapping[str, BindParameter[Any]]) -> Select[Any]:
    """The authorization behind a token, while the token counts."""
    return (
        select(grants.c.scopes)
        .join(clients, clients.c.id == grants.c.client_id)
        .outerjoin(
            team_members,
            and_(
                team_members.c.person_id == grants.c.person_id,
                team_members.c.organization_id == grants.c.organization_id,
            ),
        )
        .outerjoin(peerings, peerings.c.hub_id == grants.c.hub_id)
        .where(
            grants.c.id == given["grant_id"],
            grants.c.client_id == given["client_id"],
            grants.c.organization_id.is_not_distinct_from(given["organization_id"]),
            grants.c.person_id.is_not_distinct_from(given["person_id"]),
            grants.c.revoked_at.is_(None),
            clients.c.revoked_at.is_(None),
            # A person speaks for an organization only while in its team; one of a peer hub, while
            # that hub is a peer whose keys we know, because it is the hub that says so.
            or_(
                and_(
                    grants.c.hub_id.is_(None),
                    or_(grants.c.person_id.is_(None), team_members.c.role.is_not(None)),
                ),
                and_(
                    peerings.c.status == PeeringStatus.ACTIVE.value,
                    or_(grants.c.person_id.is_(None), peerings.c.keys_replaced_at.is_(None)),
                ),
            ),
            ~exists().where(denied_tokens.c.jti == given["jti"]),
        )
    )


_STANDING = _counts(
    {name: bindparam(name, type_=kind) for name, kind in _PARAMETERS.items()}
).add_columns(
    # Of a peer's person: the role that their hub vouches for.
    func.coalesce(grants.c.role, team_members.c.role, type_=Text).label("role"),
    _ALLIANCES.label("alliance_ids"),
    _GROUPS.label("group_ids"),
    _PARTNER_IDS.label("partner_ids"),
)


def stands() -> ColumnElement[bool]:
    """The token still counts, for all the scopes that it says: asked beside something else, with
    the parameters of `token_parameters`."""
    given = {name: bindparam(_BESIDE + name, type_=kind) for name, kind in _PARAMETERS.items()}
    said = bindparam(f"{_BESIDE}scopes", type_=ARRAY(Text))
    return exists(_counts(given).where(grants.c.scopes.op("@>")(said)))


def token_parameters(
    *,
    grant_id: str,
    client_id: str,
    organization_id: str | None,
    person_id: str | None,
    jti: str,
    scopes: Iterable[str],
) -> dict[str, Any]:
    return {
        f"{_BESIDE}grant_id": grant_id,
        f"{_BESIDE}client_id": client_id,
        f"{_BESIDE}organization_id": organization_id,
        f"{_BESIDE}person_id": person_id,
        f"{_BESIDE}jti": jti,
        f"{_BESIDE}scopes": sorted(scopes),
    }


async def of(
    db: Reading,
    *,
    grant_id: str,
    client_id: str,
    organization_id: str | None,
    person_id: str | None,
    jti: str,
) -> Standing | None:
    """None where the token no longer counts: revoked, ended, or its person left the team."""
    found = await db.execute(
        _STANDING,
        {
            "grant_id": grant_id,
            "client_id": client_id,
            "organization_id": organization_id,
            "person_id": person_id,
            "jti": jti,
        },
    )
    row = found.one_or_none()
    if row is None:
        return None
    return Standing(
        scopes=frozenset(row.scopes),
        role=TeamRole(row.role) if row.role is not None else None,
        alliance_ids=frozenset(row.alliance_ids or ()),
        group_ids=frozenset(row.group_ids or ()),
        partner_ids=frozenset(row.partner_ids or ()),
    )
