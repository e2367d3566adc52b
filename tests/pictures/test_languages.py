"""The pages in languages that go the other way, or have long words."""

import pytest

from tests.pictures.looking import Studio
from tests.pictures.test_public_pages import busy

PUBLIC = {
    "home": "/",
    "events": "/events",
    "events-month": "/events?view=month&on=2027-03-06",
    "events-map": "/events?view=map",
    "organizations": "/organizations",
    "organization": "/organizations/{organization}",
    "alliance": "/alliances/{alliance}",
    "search": "/search?q=food",
    "sign-in": "/account/sign-in",
}
OWN = {
    "account": "/account",
    "security": "/account/security",
    "sessions": "/account/sessions",
    "team": "/account/team/river-city-pantry",
    "apps": "/account/apps/river-city-pantry/register/app",
}


@pytest.mark.parametrize("tag", ["ar", "de"])
async def test_what_anybody_may_see(studio: Studio, tag: str) -> None:
    event_id = await busy(studio)
    cast = studio.counter.cast
    for name, path in {**PUBLIC, "event": f"/events/{event_id}"}.items():
        asked = path.format(organization=cast.pantry, alliance=cast.city_table)
        asked += f"{'&' if '?' in asked else '?'}lang={tag}"
        await studio.pictures(f"{name}-{tag}", asked, studio.counter.browser)


@pytest.mark.parametrize("tag", ["ar", "de"])
async def test_what_is_somebodys_own(studio: Studio, tag: str) -> None:
    for name, path in OWN.items():
        await studio.pictures(f"{name}-{tag}", f"{path}?lang={tag}", studio.counter.anna)
