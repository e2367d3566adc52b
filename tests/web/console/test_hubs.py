"""Other hubs in the console of the organization that runs this one: how well it goes, stopping, going
on, ending."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select

from storage.peer_tables import peerings
from tests.conftest import Contents
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter
from tests.web.console.conftest import PANTRY, SHELTER, Staff
from tests.web.every_page.works_with import SHELTERS, works_with
from web.app import create_app

HERE = f"{PANTRY}/hubs"


@pytest.fixture
async def operator(counter: Counter, staff: Staff) -> AsyncIterator[Browser]:
    """Anna, where the Pantry runs the hub, which works with another one."""
    await works_with(staff.database, staff.clock.now(), "Shelters' <b>hub</b>")
    settings = replace(counter.service.settings, operated_by="river-city-pantry")
    app = create_app(replace(counter.service, settings=settings))
    transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as http:
        browser = Browser(http)
        await sign_in(counter.desk, browser, counter.cast.anna_id, "Anna")
        yield browser


async def status(staff: Staff) -> tuple[str, str | None]:
    async with staff.database.reading() as db:
        row = (await db.execute(select(peerings.c.status, peerings.c.suspended_why))).one()
    return row.status, row.suspended_why


async def test_how_well_it_goes_is_told_in_words(operator: Browser, staff: Staff) -> None:
    page = await operator.open(HERE)
    assert page.status_code == 200, page.text
    assert "Shelters&#39; &lt;b&gt;hub&lt;/b&gt;" in page.text
    assert "Nothing was read there yet." in page.text
    assert "It did not answer in time." in page.text
    assert f"{HERE}/new" in operator.links
    # Others are told that it is there, and offered nothing.
    page = await staff.sam.open(f"{SHELTER}/hubs")
    assert page.status_code == 200
    assert "suspendPeering" not in page.text


async def test_it_is_stopped_with_a_reason_goes_on_and_ends(
    operator: Browser, staff: Staff, contents: Contents
) -> None:
    at = f"{HERE}/{SHELTERS}"
    await operator.open(f"{at}/suspendPeering")
    form = operator.form(f"{at}/suspendPeering")
    before = await contents()
    refused = await operator.send(form, reason="")
    assert refused.status_code == 422
    assert await contents() == before
    assert (await operator.send(form, reason="Too many odd changes.")).status_code == 303
    assert await status(staff) == ("SUSPENDED", "Too many odd changes.")
    await operator.open(f"{at}/resumePeering")
    form = operator.form(f"{at}/resumePeering")
    for _ in range(2):
        assert (await operator.send(form)).status_code == 303
    assert (await status(staff))[0] == "ACTIVE"
    page = await operator.open(f"{at}/endPeering")
    assert "ends at once" in page.text
    assert (await operator.send(operator.form(f"{at}/endPeering"))).status_code == 303
    assert (await status(staff))[0] == "ENDED"


async def test_who_does_not_run_the_hub_stops_nothing(
    operator: Browser, staff: Staff, contents: Contents
) -> None:
    """Sam's organization has a console of its own there; what it sends is refused."""
    here = f"{SHELTER}/hubs/{SHELTERS}/endPeering"
    ada = await staff.somebody("Ada", staff.cast.shelter, "OWNER")
    await ada.open(here)
    form = ada.form(here)
    await operator.open(HERE)
    before = await contents()
    assert (await ada.send(form)).status_code == 422
    assert (await operator.open(f"{HERE}/{SHELTERS}/burn")).status_code == 404
    assert (await operator.open(f"{HERE}/{staff.cast.pantry}/endPeering")).status_code == 404
    assert await contents() == before
