"""Two doors to one event: the Pantry's with Anna at its own hub, and the Mosque's with Mina at another.

The Mosque hosts too, may change details, and is told of those who agree to that.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from domain.actors import Viewer
from domain.sharing import AttendeeSharing, HostEditing
from resolvers import co_hosting, rsvps
from resolvers.operating import operator_for
from resolvers.rsvps import NewRsvp
from storage.account_tables import accounts
from storage.peer_tables import joined_elsewhere
from storage.tables import event_hosts
from storage.tables import rsvps as rows
from tests.cast import publish
from tests.federation.neighbourhood import Neighbour, Neighbourhood
from tests.federation.side_by_side import SideBySide, side_by_side
from tests.web.account.browsing import Browser, sign_in

PANTRY, MOSQUE = "/console/river-city-pantry", "/console/mosque"


@dataclass(frozen=True)
class TwoDoors:
    hubs: SideBySide
    event_id: str
    anna: Browser
    mina: Browser

    def at_home(self, part: str = "door") -> str:
        return f"{PANTRY}/events/{self.event_id}/{part}"

    def elsewhere(self, part: str = "door") -> str:
        return f"{MOSQUE}/events/{self.event_id}/{part}"

    def cut(self) -> None:
        """The owner's hub answers nobody any more."""
        self.hubs.a.roads.closed.add(self.hubs.a.authority)

    def mended(self) -> None:
        self.hubs.a.roads.closed.clear()
        self.hubs.b.service.forwarding._away_until.clear()

    async def comes(self, viewer: Viewer, *agreed_with: str) -> str:
        """An answer at the owner's; its id."""
        answer = NewRsvp(event_id=self.event_id, consent_to=agreed_with)
        made = await rsvps.answer(self.hubs.at_a(viewer), answer)
        assert made is not None
        return made

    async def written_down(self, name: str) -> None:
        guest = NewRsvp(event_id=self.event_id, guest_name=name)
        await rsvps.answer(self.hubs.at_a(self.hubs.cast.anna), guest)

    async def grants(self, sharing: AttendeeSharing, editing: HostEditing) -> None:
        """What the Mosque's place lets it learn and do, at both hubs."""
        async with self.hubs.a.database.writing() as db:
            await db.execute(
                update(event_hosts)
                .where(
                    event_hosts.c.event_id == self.event_id,
                    event_hosts.c.organization_id == self.hubs.mosque,
                )
                .values(attendee_sharing=sharing, may_edit=editing)
            )
        await self.hubs.follow()

    async def there(self) -> dict[str, bool | None]:
        """Who was there, as the owner knows it: by the name of a guest, or the id of a person."""
        async with self.hubs.a.database.reading(fresh=True) as db:
            found = await db.execute(select(rows.c.guest_name, rows.c.person_id, rows.c.attended))
            return {row.guest_name or row.person_id: row.attended for row in found}


async def browser_of(hub: Neighbour, person_id: str, name: str, opened: AsyncExitStack) -> Browser:
    """Theirs, at their own hub, signed in."""
    async with hub.database.writing() as db:
        await db.execute(
            accounts.insert().values(
                person_id=person_id, handle=person_id.encode()[:64], created_at=hub.clock.now()
            )
        )
    transport = httpx.ASGITransport(app=hub.app, client=("192.0.2.1", 50_000))
    http = httpx.AsyncClient(transport=transport, base_url=hub.url)
    browser = Browser(await opened.enter_async_context(http))
    await sign_in(hub.desk, browser, person_id, name)
    return browser


@asynccontextmanager
async def two_doors(neighbourhood: Neighbourhood) -> AsyncIterator[TwoDoors]:
    """Half an hour before it begins."""
    async with side_by_side(neighbourhood) as hubs, AsyncExitStack() as opened:
        await hubs.follow_back()
        starts = hubs.a.clock.now() + timedelta(minutes=30)
        event_id = await publish(
            hubs.at_a, hubs.cast.anna, starts_at=starts, ends_at=starts + timedelta(hours=3)
        )
        async with hubs.b.database.writing() as db:
            joining = {"thing_id": event_id, "organization_id": hubs.mosque}
            await db.execute(insert(joined_elsewhere).values(**joining, at=hubs.b.clock.now()))
        operator = hubs.at_a(operator_for(hubs.cast.pantry))
        async with operator.writing() as db:
            await co_hosting.add_by_operator(operator, db, event_id, hubs.mosque)
        doors = TwoDoors(
            hubs,
            event_id,
            await browser_of(hubs.a, hubs.cast.anna_id, "Anna", opened),
            await browser_of(hubs.b, hubs.mina_id, "Mina", opened),
        )
        await doors.grants(AttendeeSharing.ALL_WITH_CONSENT, HostEditing.DETAILS)
        yield doors
