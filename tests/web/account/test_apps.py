"""The apps of an organization, as those who look after its team see and change them."""

import base64
import re

import pytest

from tests.conftest import Contents
from tests.web.account.browsing import Browser, Form, sign_in
from tests.web.account.conftest import Counter
from tests.web.pages.reading import read

PANTRY = "/account/apps/river-city-pantry"
KEY = (
    '{"keys": [{"kty": "EC", "crv": "P-256", "kid": "one", '
    '"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", '
    '"y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'
)


async def words(browser: Browser, path: str) -> str:
    page = await browser.open(path)
    assert page.status_code == 200, page.text
    return read(page.text).words


def said(browser: Browser) -> str:
    assert browser.answer is not None
    return read(browser.answer.text).words


def secret_in(browser: Browser) -> str:
    assert browser.answer is not None
    found = re.search(r"cvk_secret_[A-Za-z0-9_-]+", browser.answer.text)
    assert found is not None, browser.answer.text
    return found[0]


def client_in(browser: Browser) -> str:
    assert browser.answer is not None
    found = re.search(r"app_[A-Z0-9]{26}", browser.answer.text)
    assert found is not None, browser.answer.text
    return found[0]


async def the_form(browser: Browser, path: str) -> Form:
    await browser.open(path)
    return browser.form(path)


async def website_feed(counter: Counter, **typed: str) -> tuple[str, str]:
    """A machine of the Pantry's: its id, and its secret."""
    form = await the_form(counter.anna, f"{PANTRY}/register/machine")
    await counter.anna.send(form, name="Website feed", **typed)
    return client_in(counter.anna), secret_in(counter.anna)


async def gets_a_token(counter: Counter, client_id: str, secret: str) -> bool:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    answer = await counter.browser.http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"authorization": f"Basic {basic}"},
    )
    assert answer.status_code in {200, 401}, answer.text
    return answer.status_code == 200


# ── registering ──────────────────────────────────────────────────────────────────────────────────


async def test_anna_comes_to_the_apps_of_her_one_organization(counter: Counter) -> None:
    page = await counter.anna.open("/account/apps")
    assert (page.status_code, page.headers["location"]) == (303, PANTRY)
    assert "In use None yet." in await words(counter.anna, PANTRY)
    assert f"{PANTRY}/register" in counter.anna.links


async def test_the_kinds_are_told_in_plain_words(counter: Counter) -> None:
    told = await words(counter.anna, f"{PANTRY}/register")
    for heading in (
        "A machine",
        "A website that people sign in to",
        "An app on phones or computers",
        "A screen, or a program in a terminal",
    ):
        assert heading in told
    assert {link for link in counter.anna.links if "/register/" in link} == {
        f"{PANTRY}/register/{kind}" for kind in ("machine", "website", "app", "device")
    }


async def test_a_machine_gets_a_secret_that_works_and_is_shown_once(counter: Counter) -> None:
    client_id, secret = await website_feed(counter)
    assert "Website feed is registered The secret is shown this once." in said(counter.anna)
    assert counter.anna.answer is not None
    assert counter.anna.answer.headers["cache-control"] == "no-store"
    assert await gets_a_token(counter, client_id, secret)
    assert "Website feed A machine, last used within the last hour" in await words(
        counter.anna, PANTRY
    )
    one = await words(counter.anna, f"{PANTRY}/app/{client_id}")
    assert "May See the organizations your organization may see organizations:read" in one
    assert "Registered on 1 March 2027 by somebody of the team" in one
    assert secret not in counter.anna.answer.text


async def test_a_website_has_addresses_and_a_secret(counter: Counter) -> None:
    path = f"{PANTRY}/register/website"
    form = await the_form(counter.anna, path)
    uris = "https://pantry.example/callback\r\n  https://pantry.example/other\r\n"
    await counter.anna.send(form, name="Members' area", redirect_uris=uris)
    client_id = client_in(counter.anna)
    assert secret_in(counter.anna)
    assert "/.well-known/openid-configuration" in said(counter.anna)
    one = await words(counter.anna, f"{PANTRY}/app/{client_id}")
    assert "An app of people: it acts for whoever lets it in" in one
    assert (
        "Sends people back to https://pantry.example/callback https://pantry.example/other"
    ) in one


@pytest.mark.parametrize(
    ("kind", "typed"), [("app", {"redirect_uris": "org.pantry.app:/back"}), ("device", {})]
)
async def test_what_runs_on_devices_of_people_has_no_secret(
    counter: Counter, kind: str, typed: dict[str, str]
) -> None:
    form = await the_form(counter.anna, f"{PANTRY}/register/{kind}")
    await counter.anna.send(form, name="Door", **typed)
    client_id = client_in(counter.anna)
    assert counter.anna.answer is not None
    assert "cvk_secret_" not in counter.anna.answer.text
    one = await words(counter.anna, f"{PANTRY}/app/{client_id}")
    assert "It cannot: it runs where nothing can be kept secret" in one
    assert f"{PANTRY}/app/{client_id}/secret" not in counter.anna.links


async def test_a_machine_with_keys_of_its_own_has_no_secret_and_may_change_them(
    counter: Counter,
) -> None:
    form = await the_form(counter.anna, f"{PANTRY}/register/machine")
    await counter.anna.send(form, name="Sync", jwks=KEY)
    client_id = client_in(counter.anna)
    assert counter.anna.answer is not None
    assert "cvk_secret_" not in counter.anna.answer.text
    path = f"{PANTRY}/app/{client_id}/keys"
    form = await the_form(counter.anna, path)
    wrong = await counter.anna.send(form, jwks="no json")
    assert wrong.status_code == 400
    assert said(counter.anna).count("This is no JSON.") == 2
    done = await counter.anna.send(counter.anna.form(path), jwks=KEY.replace('"one"', '"two"'))
    assert (done.status_code, done.headers["location"]) == (303, f"{PANTRY}/app/{client_id}")


@pytest.mark.parametrize(
    ("kind", "typed", "field", "told"),
    [
        ("machine", {"name": " "}, "name", ""),
        ("machine", {"name": "Pan\u202etry"}, "name", "U+202E"),
        ("website", {"name": "Area"}, "redirect_uris", "Name at least one address"),
        (
            "website",
            {"name": "Area", "redirect_uris": "http://pantry.example/"},
            "redirect_uris",
            "begins with https://",
        ),
        ("machine", {"name": "Sync", "jwks": "{}"}, "jwks", "1 to 20 keys"),
        ("machine", {"name": "Sync", "scope:alliances:agree": "yes"}, "scope", "without a person"),
        (
            "app",
            {"name": "A", "redirect_uris": "https://a.example/", "scope:organization:admin": ""},
            "scope",
            "organization:admin",
        ),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field_and_above(
    counter: Counter,
    contents: Contents,
    kind: str,
    typed: dict[str, str],
    field: str,
    told: str,
) -> None:
    form = await the_form(counter.anna, f"{PANTRY}/register/{kind}")
    before = await contents()
    page = await counter.anna.send(form, **typed)
    assert page.status_code == 400
    assert f'href="#{field}"' in page.text
    assert f'id="{field}"' in page.text
    assert f'id="{field}-problem"' in page.text
    assert told in said(counter.anna)
    assert await contents() == before


async def test_what_was_typed_is_kept(counter: Counter) -> None:
    path = f"{PANTRY}/register/website"
    form = await the_form(counter.anna, path)
    page = await counter.anna.send(form, name="Area", redirect_uris="nowhere at all")
    assert counter.anna.form(path).fields["name"] == "Area"
    assert ">nowhere at all</textarea>" in page.text


# ── a new secret, and the end ────────────────────────────────────────────────────────────────────


async def test_with_a_new_secret_the_old_one_goes_on_for_a_day(counter: Counter) -> None:
    client_id, old = await website_feed(counter)
    form = await the_form(counter.anna, f"{PANTRY}/app/{client_id}/secret")
    assert form.fields["overlap"] == "1"
    await counter.anna.send(form)
    new = secret_in(counter.anna)
    assert new != old
    assert "The old secret goes on until 2 March 2027" in said(counter.anna)
    assert await gets_a_token(counter, client_id, new)
    assert await gets_a_token(counter, client_id, old)
    counter.desk.clock.forward(hours=25)  # type: ignore[attr-defined]
    assert not await gets_a_token(counter, client_id, old)
    assert await gets_a_token(counter, client_id, new)


async def test_a_secret_that_leaked_ends_at_once(counter: Counter) -> None:
    client_id, old = await website_feed(counter)
    form = await the_form(counter.anna, f"{PANTRY}/app/{client_id}/secret")
    await counter.anna.send(form, overlap="0")
    assert "The old secret has ended." in said(counter.anna)
    assert not await gets_a_token(counter, client_id, old)


async def test_an_overlap_that_was_not_offered_is_refused(
    counter: Counter, contents: Contents
) -> None:
    client_id, _ = await website_feed(counter)
    form = await the_form(counter.anna, f"{PANTRY}/app/{client_id}/secret")
    before = await contents()
    page = await counter.anna.send(form, overlap="4000")
    assert page.status_code == 400
    assert await contents() == before


async def test_revoking_is_asked_once_more_and_ends_it(counter: Counter) -> None:
    client_id, secret = await website_feed(counter)
    form = await the_form(counter.anna, f"{PANTRY}/app/{client_id}/revoke")
    assert "Revoke Website feed? It stops at once" in said(counter.anna)
    assert await gets_a_token(counter, client_id, secret)
    done = await counter.anna.send(form)
    assert (done.status_code, done.headers["location"]) == (303, PANTRY)
    assert not await gets_a_token(counter, client_id, secret)
    told = await words(counter.anna, PANTRY)
    assert "In use None yet." in told
    assert "Website feed Revoked on 1 March 2027" in told


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


async def test_to_whoever_is_not_in_the_team_there_is_nothing(counter: Counter) -> None:
    client_id, _ = await website_feed(counter)
    sam = await counter.new_browser()
    await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    shelter = "/account/apps/harbor-shelter"
    for path in (
        PANTRY,
        f"{PANTRY}/register",
        f"{PANTRY}/register/machine",
        f"{PANTRY}/app/{client_id}",
        f"{PANTRY}/app/{client_id}/secret",
        f"{PANTRY}/app/{client_id}/revoke",
        "/account/apps/nobody",
    ):
        assert (await sam.open(path)).status_code == 404, path
    # An editor of the Shelter: in its team, and not one who looks after its apps.
    for path in (shelter, f"{shelter}/app/{client_id}"):
        assert (await sam.open(path)).status_code == 403, path
    assert "You look after the apps of no organization." in await words(sam, "/account/apps")


async def test_an_editor_registers_nothing(counter: Counter, contents: Contents) -> None:
    form = await the_form(counter.anna, f"{PANTRY}/register/machine")
    sam = await counter.new_browser()
    await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    await sam.open("/account/connected")
    form.fields["form_token"] = sam.form("/account/sign-out").fields["form_token"]
    before = await contents()
    for slug, status in (("harbor-shelter", 403), ("river-city-pantry", 404)):
        form.action = f"/account/apps/{slug}/register/machine"
        page = await sam.send(form, name="Mine")
        assert page.status_code == status
    assert await contents() == before


async def test_another_team_changes_nothing_of_an_app(counter: Counter, contents: Contents) -> None:
    client_id, secret = await website_feed(counter)
    lee = await counter.new_browser()
    await sign_in(counter.desk, lee, counter.cast.lee_id, "Lee")
    await lee.open("/account/connected")
    token = lee.form("/account/sign-out").fields["form_token"]
    before = await contents()
    for change in ("secret", "keys", "revoke"):
        path = f"/account/apps/northside-library/app/{client_id}/{change}"
        form = Form(path, "post", {"form_token": token, "overlap": "0", "jwks": KEY})
        assert (await lee.send(form)).status_code == 404
    assert await contents() == before
    assert await gets_a_token(counter, client_id, secret)


@pytest.mark.parametrize("path", ["register/machine", "app/{0}/secret", "app/{0}/revoke"])
async def test_a_change_takes_a_fresh_sign_in(
    counter: Counter, contents: Contents, path: str
) -> None:
    client_id, _ = await website_feed(counter)
    path = f"{PANTRY}/{path.format(client_id)}"
    form = await the_form(counter.anna, path)
    counter.desk.clock.forward(minutes=11)  # type: ignore[attr-defined]
    await counter.anna.http.get("/account/connected")  # the session is seen, and noted as such
    before = await contents()
    for page in (await counter.anna.open(path), await counter.anna.send(form, name="Late")):
        assert page.status_code == 303
        assert page.headers["location"].startswith("/account/sign-in?next=%2Faccount%2Fapps%2F")
        assert page.headers["location"].endswith("&again=yes")
    assert await contents() == before


@pytest.mark.parametrize("path", ["register/machine", "app/{0}/secret", "app/{0}/revoke"])
async def test_a_forged_form_changes_nothing(
    counter: Counter, contents: Contents, path: str
) -> None:
    client_id, _ = await website_feed(counter)
    form = await the_form(counter.anna, f"{PANTRY}/{path.format(client_id)}")
    before = await contents()
    refused = await counter.anna.send(form, name="Forged", form_token="forged")
    assert refused.status_code == 403
    assert await contents() == before
