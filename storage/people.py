"""People, as rows. They belong to no organization by themselves."""

from datetime import datetime

from sqlalchemy import exists, select

from domain.people import Person
from storage import columns
from storage.engine import Reading, Writing
from storage.tables import persons


async def add(db: Writing, person: Person, at: datetime) -> None:
    await db.execute(
        persons.insert().values(
            id=person.id,
            display_name=person.display_name,
            preferred_language=person.preferred_language,
            created_at=at,
            **columns.of_contact(person.contact),
        )
    )


async def is_known(db: Reading, person_id: str) -> bool:
    return bool(await db.scalar(select(exists().where(persons.c.id == person_id))))
