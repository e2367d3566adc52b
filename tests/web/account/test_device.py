"""Somebody answers for a device that shows a code."""

from typing import Any

import pytest

from tests.conftest import Contents
from tests.web.account.apps_of_people import food_map, stranger, told
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter
from tests.web.pages.reading import read

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class Kiosk:
    """A screen at the Shelter's door, which shows a code."""

    def __init__(self, counter: Counter, client_id: str, begun: dict[str, Any]) -> None:
        self.counter, self.client_id = counter, client_id
        self.user_code: str = begun["user_code"]
        self.link: str = begun["verification_uri_complete"]
        self._device_code: str = begun["device_code"]

    @classmethod
    async def begun(
        cls, counter: Counter, scope: str = "events:read offline_access", unknown: bool = False
    ) -> "Kiosk":
        app = await (stranger if unknown else food_map)(counter.desk, counter.cast)
        asked = {"client_id": app.id, "scope": scope}
        answer = await counter.browser.http.post("/oauth/device_authorization", data=asked)
        assert answer.status_code == 200, answer.text
        return cls(counter, app.id, answer.json())

    async def asks(self) -> dict[str, Any]:
        """What it is told by now."""
        self.counter.desk.clock.forward(seconds=6)  # type: ignore[attr-defined]
        asked = {
            "grant_type": GRANT,
            "client_id": self.client_id,
            "device_code": self._device_code,
        }
        answer = await self.counter.browser.http.post("/oauth/token", data=asked)
        told: dict[str, Any] = answer.json()
        return told


def words(browser: Browser) -> str:
    assert browser.answer is not None
    return read(browser.answer.text).words


async def to_the_question(browser: Browser, typed: str) -> None:
    await browser.open("/device")
    await browser.send(browser.form("/device"), user_code=typed)


@pytest.mark.parametrize("typed", ["{0}", "{1} {2}", " {3}. "])
async def test_anna_types_the_code_and_reads_what_asks(counter: Counter, typed: str) -> None:
    kiosk = await Kiosk.begun(counter)
    left, _, right = kiosk.user_code.partition("-")
    typed = typed.format(kiosk.user_code, left, right, (left + right).lower())
    await to_the_question(counter.anna, typed)
    said = words(counter.anna)
    assert "Let Food Map act for you?" in said
    assert f"Then it shows this code: {kiosk.user_code}" in said
    assert "Did somebody send you the code, or read it to you?" in said
    assert "Whose app Harbor Shelter" in said
    assert "See the events your organization may see" in said


async def test_an_app_that_nobody_vouches_for_is_set_apart(counter: Counter) -> None:
    kiosk = await Kiosk.begun(counter, unknown=True)
    await to_the_question(counter.anna, kiosk.user_code)
    assert "Nobody this hub knows vouches for this app." in words(counter.anna)


async def test_what_anna_allows_the_device_gets(counter: Counter) -> None:
    kiosk = await Kiosk.begun(counter)
    assert (await kiosk.asks())["error"] == "authorization_pending"
    await to_the_question(counter.anna, kiosk.user_code)
    done = await counter.anna.send(counter.anna.form("/device/answer"), answer="allow")
    assert (done.status_code, done.headers["location"]) == (303, "/device/done")
    await counter.anna.open("/device/done")
    assert "Go back to your device" in words(counter.anna)
    token = await kiosk.asks()
    assert token["scope"] == "offline_access events:read"
    assert token.keys() >= {"access_token", "refresh_token"}
    await counter.anna.open("/account/connected")
    assert "Food Map" in words(counter.anna)


async def test_what_anna_does_not_allow_the_device_does_not_get(counter: Counter) -> None:
    kiosk = await Kiosk.begun(counter)
    await to_the_question(counter.anna, kiosk.user_code)
    done = await counter.anna.send(counter.anna.form("/device/answer"), answer="deny")
    assert (done.status_code, done.headers["location"]) == (303, "/device/denied")
    await counter.anna.open("/device/denied")
    assert "The device gets nothing." in words(counter.anna)
    assert (await kiosk.asks())["error"] == "access_denied"


async def test_a_link_with_the_code_in_it_asks_all_the_same(
    counter: Counter, contents: Contents
) -> None:
    kiosk = await Kiosk.begun(counter)
    before = await contents()
    await counter.anna.open(kiosk.link)
    assert counter.anna.form("/device").fields["user_code"] == kiosk.user_code
    assert "Food Map" not in words(counter.anna)
    assert await contents() == before


async def test_a_wrong_code_is_said_beside_the_field_and_above(
    counter: Counter, contents: Contents
) -> None:
    await Kiosk.begun(counter)
    before = await contents()
    await to_the_question(counter.anna, "BBBB-BBBB")
    assert counter.anna.answer is not None
    assert counter.anna.answer.status_code == 400
    assert 'href="#user_code"' in counter.anna.answer.text
    assert words(counter.anna).count("No device waits with this code.") == 2
    assert counter.anna.form("/device").fields["user_code"] == "BBBB-BBBB"
    after = await contents()
    assert after["device_codes"] == before["device_codes"]
    assert after["grants"] == before["grants"]


async def test_a_code_is_answered_once(counter: Counter) -> None:
    kiosk = await Kiosk.begun(counter)
    await to_the_question(counter.anna, kiosk.user_code)
    form = counter.anna.form("/device/answer")
    await counter.anna.send(form, answer="deny")
    again = await counter.anna.send(form, answer="allow")
    assert again.status_code == 400
    assert "No device waits with this code." in words(counter.anna)
    assert (await kiosk.asks())["error"] == "access_denied"


async def test_with_nothing_ticked_nothing_is_allowed(counter: Counter) -> None:
    kiosk = await Kiosk.begun(counter)
    await to_the_question(counter.anna, kiosk.user_code)
    form = counter.anna.form("/device/answer")
    del form.fields["scope:events:read"]
    page = await counter.anna.send(form, answer="allow")
    assert page.status_code == 400
    assert "Tick at least one thing that it may do" in words(counter.anna)
    assert (await kiosk.asks())["error"] == "authorization_pending"


async def test_somebody_signed_out_comes_back_with_the_code(counter: Counter) -> None:
    kiosk = await Kiosk.begun(counter)
    await counter.browser.open(kiosk.link)
    assert counter.browser.answer is not None
    _, query = told(counter.browser.answer.headers["location"])
    assert query["next"] == f"/device?user_code={kiosk.user_code}"
    await sign_in(counter.desk, counter.browser, counter.cast.anna_id, "Anna")
    await counter.browser.open(query["next"])
    assert counter.browser.form("/device").fields["user_code"] == kiosk.user_code


async def test_what_binds_the_organization_takes_a_fresh_sign_in(counter: Counter) -> None:
    counter.desk.clock.forward(minutes=11)  # type: ignore[attr-defined]
    kiosk = await Kiosk.begun(counter, "alliances:agree")
    await to_the_question(counter.anna, kiosk.user_code)
    assert counter.anna.answer is not None
    _, query = told(counter.anna.answer.headers["location"])
    assert (query["again"], query["next"]) == ("yes", f"/device?user_code={kiosk.user_code}")
    await sign_in(counter.desk, counter.anna, counter.cast.anna_id, "Anna")
    await to_the_question(counter.anna, kiosk.user_code)
    assert "This binds your organization" in words(counter.anna)


@pytest.mark.parametrize("action", ["/device", "/device/answer"])
async def test_the_answer_is_taken_from_the_page_alone(counter: Counter, action: str) -> None:
    kiosk = await Kiosk.begun(counter)
    await to_the_question(counter.anna, kiosk.user_code)
    form = counter.anna.form("/device/answer")
    form.action = action
    refused = await counter.anna.send(form, answer="allow", form_token="forged")
    assert refused.status_code == 403
    assert (await kiosk.asks())["error"] == "authorization_pending"
