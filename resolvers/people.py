"""People of this hub. Only its operator makes them, until they can sign in themselves."""

from dataclasses import dataclass

from domain import people, policy
from domain.errors import NotFound
from domain.ids import Kind
from domain.people import Contact, Person
from resolvers.audit import note
from resolvers.context import Context
from resolvers.reading.sources import PERSON
from storage import people as stored
from storage.engine import Reading
from storage.visibility import parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    display_name: str
    preferred_language: str | None = None
    contact: Contact | None = None


async def create(ctx: Context, new: NewPerson) -> str:
    """The person's id."""
    policy.require_operator(ctx.viewer)
    person = people.checked(
        Person(
            id=ctx.names.new(Kind.PERSON),
            display_name=new.display_name,
            preferred_language=new.preferred_language,
            contact=new.contact,
        )
    )
    async with ctx.writing() as db:
        await stored.add(db, person, ctx.clock.now())
        await note(ctx, db, "person.created", person.id)
    return person.id


async def require(db: Reading, person_id: str) -> None:
    """For the use cases in which the operator names a person."""
    if not await stored.is_known(db, person_id):
        raise NotFound("There is no such person.", ("person",))


async def require_seen(ctx: Context, db: Reading, person_id: str) -> None:
    """For the use cases in which somebody names a person: one whom they may know."""
    row, rows = PERSON.rows(ctx.eyes)
    found = await db.execute(rows.where(row.c.id == person_id), parameters(ctx.viewer))
    if found.one_or_none() is None:
        raise NotFound("There is no such person, or you do not know them.", ("person",))
