"""A database belongs to one hub, whose name stands in every id."""

import pytest

from domain.errors import Invalid
from domain.hubs import LocalHub
from resolvers.hubs import HubMismatch, ensure_local_hub
from storage import hubs
from storage.engine import Database
from tests.outside import SeededChance, StandingClock

CLOCK, CHANCE = StandingClock(), SeededChance("hubs")


async def start(database: Database, address: str, name: str = "City hub") -> LocalHub:
    return await ensure_local_hub(database, address, name, CLOCK, CHANCE)


async def kept(database: Database) -> LocalHub | None:
    async with database.reading() as db:
        return await hubs.local(db)


async def test_the_first_start_makes_the_hub_and_the_next_finds_it(database: Database) -> None:
    first = await start(database, "https://City.example/")
    assert (first.authority, first.url) == ("city.example", "https://city.example")
    assert first.id.startswith("hub_")
    assert first.id.endswith("@city.example")
    assert await start(database, "https://City.example/") == first
    assert await kept(database) == first


async def test_it_may_change_its_name_and_become_safe(database: Database) -> None:
    first = await start(database, "http://city.example")
    now = await start(database, "https://city.example", "River City")
    assert now == LocalHub(first.id, "city.example", "https://city.example", "River City")
    assert await kept(database) == now


async def test_the_data_of_another_hub_is_refused_with_the_way_out(database: Database) -> None:
    first = await start(database, "http://localhost:8000")
    with pytest.raises(HubMismatch) as refusal:
        await start(database, "http://localhost:9000")
    assert "belongs to the hub localhost:8000" in refusal.value.message
    assert "Set CONVOKE_BASE_URL to http://localhost:8000" in refusal.value.message
    assert await kept(database) == first


@pytest.mark.parametrize("address", ["city.example", "ftp://city.example", "https://a@b/", ""])
async def test_what_is_no_address_makes_no_hub(database: Database, address: str) -> None:
    with pytest.raises(Invalid):
        await start(database, address)
    assert await kept(database) is None
