"""What a person chooses to be written: a letter each week, for each organization by itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from auth.desk import Desk
from domain import mail_wishes
from domain.mail_wishes import Stop
from storage import digests
from storage import mail_wishes as stored
from storage.engine import Reading
from storage.sessions import Session

MOST = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """`is_stopped`: no letters about it, by a link in one of them."""

    organization_id: str
    name: str
    is_chosen: bool
    is_stopped: bool


async def of_person(desk: Desk, session: Session) -> tuple[str | None, Sequence[Choice]]:
    """Where they are written to, and the organizations that they have to do with."""
    async with desk.database.reading(fresh=True) as db:
        address = await digests.address_of(db, session.person_id)
        stopped = await _stopped(db, address)
        found = await digests.choices(db, session.person_id, MOST)
    return address, [
        Choice(each.organization_id, each.name, each.is_chosen, each.organization_id in stopped)
        for each in found
    ]


async def choose(desk: Desk, session: Session, organization_ids: Collection[str]) -> None:
    """These, of those that they have to do with. What was stopped before and is chosen now comes
    again."""
    async with desk.database.writing() as db:
        known = await digests.choices(db, session.person_id, MOST)
        wanted = {each.organization_id for each in known} & set(organization_ids)
        before = {each.organization_id for each in known if each.is_chosen}
        await digests.choose(db, session.person_id, wanted, desk.clock.now())
        key, address = await stored.key(db), await digests.address_of(db, session.person_id)
        if key is not None and address is not None:
            reader = mail_wishes.reader_of(key, address)
            for each in sorted(wanted):
                await stored.allow(db, Stop(reader, each))
        if wanted != before:
            await desk.note(db, "mail.chosen", person_id=session.person_id)


async def _stopped(db: Reading, address: str | None) -> set[str]:
    key = await stored.key(db)
    if key is None or address is None:
        return set()
    found = await stored.refused(db, [mail_wishes.reader_of(key, address)])
    return {each.organization_id for each in found}
