"""The hub itself: which one this database belongs to."""

from dataclasses import replace
from typing import ClassVar

from domain.errors import Problem
from domain.hubs import LocalHub, authority_of
from domain.ids import Kind, Names
from domain.outside import Chance, Clock
from storage import hubs
from storage.engine import Database


class HubMismatch(Problem):
    """The database belongs to a hub with another address."""

    code: ClassVar[str] = "HUB_MISMATCH"


async def ensure_local_hub(
    database: Database, base_url: str, name: str, clock: Clock, chance: Chance
) -> LocalHub:
    """The hub of this database, made at the first start. Its authority stands in every id it
    ever gave, so it cannot be moved to another; its name, and http or https, may change."""
    authority = authority_of(base_url)
    url = f"{base_url.partition(':')[0].lower()}://{authority}"
    async with database.writing() as db:
        found = await hubs.local(db)
        if found is None:
            new = Names(authority, clock, chance).new(Kind.HUB)
            await hubs.add_local(db, LocalHub(new, authority, url, name), clock.now())
            found = await hubs.local(db)
    if found is None:
        raise HubMismatch(
            f"{authority} is known here as another hub. Give this hub an address of its own.",
            ("base_url",),
        )
    if found.authority != authority:
        raise HubMismatch(
            f"This data belongs to the hub {found.authority}, not to {authority}: its name stands "
            f"in every id. Set CONVOKE_BASE_URL to {found.url}, or use another data directory.",
            ("base_url",),
        )
    if (found.url, found.name) != (url, name):
        async with database.writing() as db:
            await hubs.rename_local(db, url, name)
    return replace(found, url=url, name=name)
