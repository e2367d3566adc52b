"""The names things bear in other systems; one organization uses each name for one thing."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from domain.errors import Taken
from domain.identifiers import Identifier
from storage.engine import Writing
from storage.tables import identifiers


async def add(
    db: Writing, organization_id: str, subject_id: str, given: Sequence[Identifier]
) -> None:
    """`Taken` where the organization already knows something else by one of the names."""
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
            for one in given
        ]
    )
    added = await db.execute(
        adding.on_conflict_do_nothing().returning(identifiers.c.system, identifiers.c.value)
    )
    missing = set(given) - {Identifier(row.system, row.value) for row in added}
    if missing:
        name = min(missing)
        raise Taken(
            f"{name.system}:{name.value} already names something of this organization; "
            "update that instead, or leave the identifier out.",
            ("identifiers",),
        )
