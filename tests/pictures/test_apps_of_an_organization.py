"""The pages on which people look after the apps of their organization."""

from playwright.async_api import Page

from tests.pictures.looking import Studio, press

PANTRY = "/account/apps/river-city-pantry"


async def website_feed(studio: Studio) -> str:
    """Where the page of a machine of the Pantry's is."""
    anna, path = studio.counter.anna, f"{PANTRY}/register/machine"
    await anna.open(path)
    await anna.send(anna.form(path), name="Website feed")
    await anna.open(PANTRY)
    return next(link for link in anna.links if "/app/" in link)


async def test_the_apps(studio: Studio) -> None:
    anna = studio.counter.anna
    await studio.pictures("apps-none", PANTRY, anna)
    gone = await website_feed(studio)
    await anna.open(f"{gone}/revoke")
    await anna.send(anna.form(f"{gone}/revoke"))
    path = await website_feed(studio)
    await studio.pictures("apps", PANTRY, anna)
    await studio.pictures("apps-app", path, anna)
    await studio.pictures("apps-new-secret", f"{path}/secret", anna)
    await studio.pictures("apps-revoke", f"{path}/revoke", anna)


async def test_an_app_that_signs(studio: Studio) -> None:
    async def steps(page: Page) -> None:
        await page.fill("#name", "Sync")
        await page.click("summary")
        await page.fill("#jwks", "no json")
        await press(page, "Register")

    path = f"{PANTRY}/register/machine"
    await studio.pictures("apps-register-lacking", path, studio.counter.anna, steps)


async def test_registering(studio: Studio) -> None:
    anna = studio.counter.anna

    async def steps(page: Page) -> None:
        await page.fill("#name", "Website feed")
        await press(page, "Register")

    await studio.pictures("apps-choose", f"{PANTRY}/register", anna)
    await studio.pictures("apps-register-website", f"{PANTRY}/register/website", anna)
    await studio.pictures("apps-told", f"{PANTRY}/register/machine", anna, steps)
