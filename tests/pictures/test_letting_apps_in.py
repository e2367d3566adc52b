"""The pages on which people let apps in, and see what they let in."""

from playwright.async_api import Page

from domain.actors import TeamRole
from resolvers import organizations
from resolvers.operating import operator_for
from tests.pictures.looking import Studio, press
from tests.web.account.apps_of_people import EVERYTHING, asking, food_map, stranger


async def test_an_app_of_an_organization_asks(studio: Studio) -> None:
    app = await food_map(studio.counter.desk, studio.counter.cast)
    path = asking(app, "openid events:read events:write offline_access")
    await studio.pictures("consent", path, studio.counter.anna)


async def test_an_app_that_nobody_vouches_for_asks(studio: Studio) -> None:
    app = await stranger(studio.counter.desk, studio.counter.cast)
    await studio.pictures("consent-stranger", asking(app), studio.counter.anna)


async def test_an_app_asks_for_everything_from_somebody_in_two_teams(studio: Studio) -> None:
    library, anna = studio.counter.cast.library, studio.counter.cast.anna_id
    await organizations.add_team_member(
        studio.context(operator_for(library)), library, anna, TeamRole.EVENT_MANAGER
    )
    app = await food_map(studio.counter.desk, studio.counter.cast)
    await studio.pictures("consent-everything", asking(app, EVERYTHING), studio.counter.anna)


async def test_an_answer_that_lacks_something(studio: Studio) -> None:
    app = await food_map(studio.counter.desk, studio.counter.cast)

    async def steps(page: Page) -> None:
        await page.uncheck("input[type=checkbox]:enabled")
        await press(page, "Allow")

    path = asking(app, "events:read")
    await studio.pictures("consent-lacking", path, studio.counter.anna, steps)


async def test_an_app_that_asks_wrongly(studio: Studio) -> None:
    app = await food_map(studio.counter.desk, studio.counter.cast)
    path = asking(app, redirect_uri="https://evil.example/")
    await studio.pictures("problem", path, studio.counter.anna)


async def test_a_device(studio: Studio) -> None:
    app = await food_map(studio.counter.desk, studio.counter.cast)
    asked = {"client_id": app.id, "scope": "events:read offline_access"}
    answer = await studio.counter.browser.http.post("/oauth/device_authorization", data=asked)
    code = answer.json()["user_code"]

    async def wrong(page: Page) -> None:
        await page.fill("#user_code", "BBBB BBBB")
        await press(page, "Go on")

    async def typed(page: Page) -> None:
        await page.fill("#user_code", code)
        await press(page, "Go on")

    async def allowed(page: Page) -> None:
        await typed(page)
        await press(page, "Allow")

    anna = studio.counter.anna
    await studio.pictures("device", "/device", anna)
    await studio.pictures("device-wrong", "/device", anna, wrong)
    await studio.pictures("device-answer", "/device", anna, typed)
    await studio.pictures("device-done", "/device", anna, allowed)


async def test_connected_apps(studio: Studio) -> None:
    anna = studio.counter.anna
    await studio.pictures("connected-none", "/account/connected", anna)
    app = await food_map(studio.counter.desk, studio.counter.cast)
    other = await stranger(studio.counter.desk, studio.counter.cast)
    for path in (asking(app, "openid events:read events:write offline_access"), asking(other)):
        await anna.open(path)
        await anna.send(anna.form("/oauth/consent"), answer="allow")
    await studio.pictures("connected", "/account/connected", anna)
