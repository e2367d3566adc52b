"""An agreement of an alliance at another hub is read and accepted by an admin, who first shows once
more who they are."""

import pytest
from sqlalchemy import select

from resolvers import agreements
from resolvers.agreements import NewAgreement
from storage.tables import agreement_acceptances, alliance_members
from tests.auth.signing_in import code_in, mailbox
from tests.browser.hands import Way
from tests.browser.two_hubs import MOSQUE, TwoHubs

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONGER_THAN_FRESH = 3600  # seconds


async def published(hubs: TwoHubs, title: str) -> str:
    """In City Table, of which the Mosque is a member; its id."""
    both = hubs.both
    await becomes_a_member(hubs)
    wanted = NewAgreement(
        alliance_id=both.cast.city_table, title=title, body="What we learn stays with us."
    )
    agreement = await agreements.publish(both.at_a(both.cast.anna), wanted)
    await both.follow()
    return agreement


async def becomes_a_member(hubs: TwoHubs) -> None:
    """With the first of the journeys."""
    both = hubs.both
    wanted = select(alliance_members.c.id).where(
        alliance_members.c.alliance_id == both.cast.city_table,
        alliance_members.c.organization_id == both.mosque,
    )
    async with both.a.database.reading(fresh=True) as db:
        is_in = await db.scalar(wanted) is not None
    if not is_in:
        await both.ally(both.cast.city_table)


async def accepted_by(hubs: TwoHubs, agreement: str) -> list[str]:
    wanted = select(agreement_acceptances.c.organization_id).where(
        agreement_acceptances.c.agreement_id == agreement
    )
    async with hubs.both.a.database.reading(fresh=True) as db:
        return list(await db.scalars(wanted))


async def test_an_admin_reads_an_agreement_shows_who_they_are_and_accepts_it(
    hubs: TwoHubs, way: Way
) -> None:
    title = f"Charter ({way.name})"
    agreement = await published(hubs, title)
    async with hubs.mina(way) as mina:
        hubs.both.b.clock.forward(seconds=LONGER_THAN_FRESH)
        await mina.opens(f"{MOSQUE}/alliances")
        await mina.follows(title)
        assert "What we learn stays with us." in await mina.reads()
        await mina.follows("Accept it for your organization")
        assert await mina.heading() == "Show once more that it is you"
        await mina.presses("Send me a letter to sign in")
        letter = (await mailbox(hubs.both.b.database, "mina@mosque.example"))[-1]
        await mina.fills("The code in the letter", code_in(letter))
        await mina.presses("Sign in")
        assert await accepted_by(hubs, agreement) == []
        await mina.presses("Accept it for Riverside Mosque")
        assert "agreed" in mina.page.url
    assert await accepted_by(hubs, agreement) == [hubs.both.mosque]
