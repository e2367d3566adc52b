"""Founding alliances, changing their terms, and what the operator may do in them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import TeamRole, Viewer
from domain.alliances import (
    Alliance,
    AllianceKind,
    AllianceRole,
    AllianceStatus,
    DecisionRule,
    SharingPolicy,
)
from domain.errors import Invalid, NotFound, Refused, Stale, Taken
from domain.sharing import AttendeeSharing, HostEditing, JoinPolicy, Visibility
from resolvers import alliances
from resolvers.alliances import AllianceChanges, NewAgreement, NewAlliance
from resolvers.operating import operator_for
from storage import alliances as stored
from storage.engine import Database
from storage.tables import agreement_acceptances, agreements, alliance_members
from tests.cast import Cast, MakeContext, publish
from tests.conftest import Contents


def harbor(cast: Cast, **given: Any) -> NewAlliance:
    words: dict[str, Any] = {
        "convener_id": cast.library,
        "slug": "harbor",
        "name": "Harbor",
        "purpose": "A roof for all.",
    }
    return NewAlliance(**(words | given))


async def kept(database: Database, alliance_id: str) -> Alliance:
    async with database.reading() as db:
        alliance = await stored.by_id(db, alliance_id)
    assert alliance is not None
    return alliance


async def members(database: Database, alliance_id: str) -> list[tuple[str, str, str]]:
    rows = select(
        alliance_members.c.organization_id, alliance_members.c.role, alliance_members.c.status
    ).where(alliance_members.c.alliance_id == alliance_id)
    async with database.reading() as db:
        return sorted((row[0], row[1], row[2]) for row in await db.execute(rows))


async def test_lee_founds_an_alliance_and_is_its_first_member(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    said: dict[str, Any] = {
        "purpose": "A roof for all.",
        "description": "By winter.",
        "kind": AllianceKind.CAMPAIGN,
        "join_policy": JoinPolicy.OPEN,
        "decision_rule": DecisionRule.CONSENT,
        "sharing": SharingPolicy(Visibility.PUBLIC, HostEditing.ALL, AttendeeSharing.NONE),
        "causes": ("housing",),
        "visibility": Visibility.UNLISTED,
        "review_at": date(2028, 1, 1),
    }
    made = await alliances.create(context(cast.lee), harbor(cast, **said))
    alliance = await kept(database, made)
    assert {name: getattr(alliance, name) for name in said} == said
    assert (alliance.convener_id, alliance.status) == (cast.library, AllianceStatus.FORMING)
    assert await members(database, made) == [(cast.library, "CONVENER", "ACTIVE")]


async def test_an_alliance_of_two_is_active(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    made = await alliances.create(context(cast.lee), harbor(cast))
    operator = context(operator_for(cast.library))
    await alliances.add_member(operator, made, cast.shelter, AllianceRole.STEWARD)
    alliance = await kept(database, made)
    assert (alliance.status, alliance.version) == (AllianceStatus.ACTIVE, 2)
    assert await members(database, made) == sorted(
        [(cast.library, "CONVENER", "ACTIVE"), (cast.shelter, "STEWARD", "ACTIVE")]
    )


async def test_an_organization_is_convened_by_its_own_leads(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    before = await contents()
    editor = Viewer(cast.library, cast.lee_id, TeamRole.EDITOR, "app")
    for viewer in (editor, cast.anna, cast.sam):
        with pytest.raises(Refused) as refusal:
            await alliances.create(context(viewer), harbor(cast))
        assert refusal.value.field == ("convener",)
    with pytest.raises(Taken):
        await alliances.create(context(cast.lee), harbor(cast, slug="city-table"))
    with pytest.raises(Invalid):
        await alliances.create(context(cast.lee), harbor(cast, visibility=Visibility.GROUP))
    assert await contents() == before


async def test_the_convener_changes_the_terms(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    before = await kept(database, cast.city_table)
    terms = SharingPolicy(Visibility.PUBLIC, HostEditing.NONE, AttendeeSharing.NONE)
    changes: AllianceChanges = {"sharing": terms, "causes": None, "review_at": date(2028, 1, 1)}
    await alliances.update(context(cast.anna), cast.city_table, before.version, changes)
    after = await kept(database, cast.city_table)
    assert (after.sharing, after.causes, after.review_at) == (terms, (), date(2028, 1, 1))
    assert (after.status, after.version) == (AllianceStatus.ACTIVE, before.version + 1)


async def test_members_do_not_change_the_terms_and_strangers_do_not_see_a_closed_alliance(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    closed: AllianceChanges = {"visibility": Visibility.PRIVATE}
    await alliances.update(context(cast.anna), cast.city_table, 2, closed)
    before = await contents()
    with pytest.raises(Refused, match="convener's owners and admins"):
        await alliances.update(context(cast.sam), cast.city_table, 3, {"name": "Ours"})
    with pytest.raises(NotFound):
        await alliances.update(context(cast.lee), cast.city_table, 3, {"name": "Ours"})
    with pytest.raises(Stale):
        await alliances.update(context(cast.anna), cast.city_table, 2, {"name": "Feast"})
    with pytest.raises(Invalid, match="purpose cannot be empty"):
        await alliances.update(context(cast.anna), cast.city_table, 3, {"purpose": None})
    assert await contents() == before


async def test_what_a_closed_alliance_keeps_to_itself_is_not_published_wider(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    closed: AllianceChanges = {"visibility": Visibility.ALLIANCE}
    await alliances.update(context(cast.anna), cast.city_table, 2, closed)
    before = await contents()
    with pytest.raises(Invalid, match="City Table keeps what is shared with it at ALLIANCE"):
        await publish(context, cast.sam, share_with=(cast.city_table,))
    assert await contents() == before
    ours = {"visibility": Visibility.ALLIANCE, "share_with": (cast.city_table,)}
    await publish(context, cast.sam, **ours)


async def test_only_the_operator_makes_members_without_their_answer(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    before = await contents()
    for viewer in (cast.anna, cast.pantry_app, cast.lee):
        with pytest.raises(Refused, match="operator"):
            await alliances.add_member(context(viewer), cast.city_table, cast.library)
    with pytest.raises(Refused, match="convener's"):
        await alliances.add_member(
            context(operator_for(cast.shelter)), cast.city_table, cast.library
        )
    operator = context(operator_for(cast.pantry))
    with pytest.raises(Taken, match="member already"):
        await alliances.add_member(operator, cast.city_table, cast.shelter)
    with pytest.raises(NotFound):
        await alliances.add_member(operator, cast.city_table, "org_nobody")
    assert await contents() == before


async def test_an_agreement_published_again_is_its_next_version(
    context: MakeContext, cast: Cast, database: Database
) -> None:
    operator = context(operator_for(cast.pantry))
    charter = NewAgreement(alliance_id=cast.city_table, title="Charter", body="Be kind.")
    first = await alliances.publish_agreement(operator, charter)
    second = await alliances.publish_agreement(operator, charter)
    for agreement in (first, second, second):
        await alliances.accept_agreement(
            context(operator_for(cast.shelter)), agreement, cast.shelter, cast.sam_id
        )
    async with database.reading() as db:
        numbers = await db.execute(
            select(agreements.c.id, agreements.c.version_number).order_by("version_number")
        )
        assert [tuple(row) for row in numbers] == [(first, 1), (second, 2)]
        accepted = await db.execute(
            select(
                agreement_acceptances.c.agreement_id,
                agreement_acceptances.c.organization_id,
                agreement_acceptances.c.version_number,
            ).order_by("version_number")
        )
        assert [tuple(row) for row in accepted] == [
            (first, cast.shelter, 1),
            (second, cast.shelter, 2),
        ]


async def test_who_is_no_member_accepts_nothing(
    context: MakeContext, cast: Cast, contents: Contents
) -> None:
    charter = NewAgreement(alliance_id=cast.city_table, title="Charter", body="Be kind.")
    agreement = await alliances.publish_agreement(context(operator_for(cast.pantry)), charter)
    before = await contents()
    with pytest.raises(Refused, match="Only members"):
        await alliances.accept_agreement(
            context(operator_for(cast.library)), agreement, cast.library
        )
    with pytest.raises(NotFound):
        await alliances.accept_agreement(
            context(operator_for(cast.shelter)), "agr_nothing", cast.shelter
        )
    with pytest.raises(Refused, match="operator"):
        await alliances.accept_agreement(context(cast.sam), agreement, cast.shelter)
    assert await contents() == before
