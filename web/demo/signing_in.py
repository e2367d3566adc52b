"""The people of the city's teams may sign in: by a letter, which the demo's outbox shows."""

from auth import accounts
from auth.desk import Desk
from domain.errors import Taken
from web.demo.known import Known
from web.demo.voices import VOICES
from web.demo.writing import email_of


async def let_in(desk: Desk, known: Known) -> None:
    """Whoever has an account by now, or another address, keeps it as it is."""
    for voice in VOICES:
        organization_id = known.organizations[voice.slug]
        for someone in voice.people:
            if someone.role is None:
                continue
            person_id = known.people[organization_id, someone.name]
            async with desk.database.writing() as db:
                if (await accounts.ways_in(db, person_id)).addresses:
                    continue
                await accounts.open_account(desk, db, person_id)
                try:
                    await accounts.confirm_address(desk, db, person_id, email_of(voice, someone))
                except Taken:
                    continue  # somebody of another name has taken it for theirs
