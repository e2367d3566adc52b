"""The names things bear in other systems; one organization uses each name for one thing."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from domain.errors import Taken
from domain.identifiers import Identifier
from domain.words import say
from storage.engine import Writing
from storage.tables import identifiers


async def add(
    db: Writing, organization_id: str, subject_id: str, given: Sequence[Identifier]
) -> None:
    """`Taken` where the organization already knows something else by one of the names."""
    await add_many(db, organization_id, [(subject_id, one) for one in given])


async def add_many(
    db: Writing, organization_id: str, given: Sequence[tuple[str, Identifier]]
) -> None:
    """The same for many things at once, each by its id."""
    if not given:
        return
    adding = insert(identifiers).values(
        [
            {
                "organization_id": organization_id,
                "system": one.system,
                "value": one.value,
                "subject_id": subject_id,
            }
            for subject_id, one in given
        ]
    )
    added = await db.execute(
        adding.on_conflict_do_nothing().returning(identifiers.c.system, identifiers.c.value)
    )
    missing = {one for _, one in given} - {Identifier(row.system, row.value) for row in added}
    if missing:
        name = min(missing)
        raise Taken(
            say(
                "%(system)s:%(name)s already names something of this organization; update "
                "that instead, or leave the identifier out.",
                system=name.system,
                name=name.value,
            ),
            ("identifiers",),
        )
