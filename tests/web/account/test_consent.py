"""Somebody is asked to let an app in: what they see, and what comes of their answer."""

import re
from html import unescape

import pytest
from sqlalchemy import delete

from domain.actors import TeamRole
from resolvers import organizations
from resolvers.operating import operator_for
from storage.tables import team_members
from tests.cast import MakeContext
from tests.conftest import Contents
from tests.web.account.apps_of_people import (
    CALLBACK,
    EVERYTHING,
    asking,
    food_map,
    stranger,
    told,
)
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter
from tests.web.pages.reading import read

CONSENT = "/oauth/consent"


def words(browser: Browser) -> str:
    assert browser.answer is not None
    return read(browser.answer.text).words


def location(browser: Browser) -> str:
    assert browser.answer is not None
    assert browser.answer.status_code == 303, browser.answer.text
    return browser.answer.headers["location"]


async def kept(contents: Contents) -> dict[str, list[str]]:
    """Every row but how often somebody asked."""
    return {table: rows for table, rows in (await contents()).items() if table != "throttles"}


async def also_of_the_library(counter: Counter, context: MakeContext) -> None:
    library = counter.cast.library
    await organizations.add_team_member(
        context(operator_for(library)), library, counter.cast.anna_id, TeamRole.EVENT_MANAGER
    )


# ── what is said ─────────────────────────────────────────────────────────────────────────────────


async def test_anna_reads_who_asks_for_whom_and_for_what(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    page = await counter.anna.open(asking(app, "openid events:read events:write offline_access"))
    assert page.status_code == 200
    said = words(counter.anna)
    assert "Let Food Map act for you?" in said
    assert "Whose app Harbor Shelter" in said
    assert "Sends you to map.example" in said
    assert "Who you are Anna It acts" in said
    assert "It acts for River City Pantry, within what you may do there as owner." in said
    assert "What it may see Confirm who you are" in said
    assert (
        "What it may change In your name, and as far as you may yourself. Create and change" in said
    )
    assert "When you are away Stay connected when you are away Until you end it" in said
    assert "What it does not get Your password and your passkeys" in said
    assert "Nobody this hub knows" not in said
    assert "/account/connected" in counter.anna.links


async def test_an_app_that_registered_itself_is_set_apart_with_a_warning(counter: Counter) -> None:
    app = await stranger(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    said = words(counter.anna)
    assert (
        "Nobody this hub knows vouches for this app. It registered itself on 1 March 2027" in said
    )
    assert "Whose app Nobody this hub knows" in said


async def test_an_app_with_a_name_of_markup_is_shown_as_text(counter: Counter) -> None:
    name = '<script>alert(1)</script>"><b>'
    app = await food_map(counter.desk, counter.cast, name=name)
    page = await counter.anna.open(asking(app))
    assert "<script>" not in page.text
    assert name in words(counter.anna)


@pytest.mark.parametrize(
    ("scope", "kept"),
    [
        ("events:read", "The right to change anything."),
        ("events:write", "The right to accept agreements for your organization."),
        ("events:write", "Phone numbers and email addresses, yours among them."),
    ],
)
async def test_what_it_does_not_get_follows_from_what_it_asks(
    counter: Counter, scope: str, kept: str
) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app, scope))
    assert kept in words(counter.anna)
    await counter.anna.open(asking(app, EVERYTHING))
    assert kept not in words(counter.anna)


async def test_an_app_of_this_device_is_called_one(counter: Counter) -> None:
    uris = ("http://127.0.0.1/back", "org.map.app:/back")
    app = await food_map(counter.desk, counter.cast, redirect_uris=uris)
    await counter.anna.open(asking(app, redirect_uri="http://127.0.0.1:5123/back"))
    assert "Sends you to a program on this device (127.0.0.1)" in words(counter.anna)
    await counter.anna.open(asking(app, redirect_uri=uris[1]))
    assert "Sends you to a program on this device (org.map.app)" in words(counter.anna)


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


async def test_allowing_sends_the_browser_to_the_app_with_a_code(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    await counter.anna.send(counter.anna.form(CONSENT), answer="allow")
    where, answer = told(location(counter.anna))
    assert where == CALLBACK
    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("s-1", "http://hub.test")


async def test_what_is_unticked_is_not_given(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app, "openid events:read events:write"))
    form = counter.anna.form(CONSENT)
    del form.fields["scope:events:write"]
    await counter.anna.send(form, answer="allow")
    await counter.anna.open("/account/connected")
    said = words(counter.anna)
    assert "May Confirm who you are See the events your organization may see Used" in said


async def test_not_now_tells_the_app_so(counter: Counter, contents: Contents) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    before = await kept(contents)
    await counter.anna.send(counter.anna.form(CONSENT), answer="deny")
    where, answer = told(location(counter.anna))
    assert (where, answer["error"], answer["state"]) == (CALLBACK, "access_denied", "s-1")
    assert await kept(contents) == before


async def test_with_nothing_ticked_the_page_says_what_is_missing(
    counter: Counter, contents: Contents
) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app, "events:read offline_access"))
    before = await kept(contents)
    form = counter.anna.form(CONSENT)
    del form.fields["scope:events:read"]
    page = await counter.anna.send(form, answer="allow")
    assert page.status_code == 400
    assert 'href="#scope"' in page.text
    assert words(counter.anna).count("Tick at least one thing that it may do") == 2
    assert counter.anna.form(CONSENT).fields.keys() >= {"scope:offline_access"}
    assert await kept(contents) == before


async def test_whoever_is_in_two_teams_chooses_one(
    counter: Counter, context: MakeContext, contents: Contents
) -> None:
    await also_of_the_library(counter, context)
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    assert "Northside Library You are event manager there" in words(counter.anna)
    form = counter.anna.form(CONSENT)
    assert "organization" not in form.fields
    before = await kept(contents)
    page = await counter.anna.send(form, answer="allow")
    assert page.status_code == 400
    assert words(counter.anna).count("Choose the organization it is to act for.") == 2
    assert await kept(contents) == before
    form = counter.anna.form(CONSENT)
    await counter.anna.send(form, answer="allow", organization=counter.cast.library)
    assert "code" in told(location(counter.anna))[1]
    await counter.anna.open("/account/connected")
    assert "Acts for Northside Library" in words(counter.anna)


async def test_an_organization_of_others_cannot_be_chosen(
    counter: Counter, contents: Contents
) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    before = await kept(contents)
    form = counter.anna.form(CONSENT)
    page = await counter.anna.send(form, answer="allow", organization=counter.cast.shelter)
    assert page.status_code == 400
    assert await kept(contents) == before


async def test_a_scope_that_was_not_asked_for_cannot_be_ticked(
    counter: Counter, contents: Contents
) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    before = await kept(contents)
    form = counter.anna.form(CONSENT)
    page = await counter.anna.send(form, answer="allow", **{"scope:events:write": "yes"})
    assert page.status_code == 400
    assert await kept(contents) == before


async def test_whoever_is_in_no_team_is_told_and_can_only_go_back(
    counter: Counter,
) -> None:
    nobodys = await counter.new_browser()
    async with counter.desk.database.writing() as db:
        await db.execute(
            delete(team_members).where(team_members.c.person_id == counter.cast.sam_id)
        )
    await sign_in(counter.desk, nobodys, counter.cast.sam_id, "Sam")
    app = await food_map(counter.desk, counter.cast)
    page = await nobodys.open(asking(app))
    assert "there is nobody for whom this app could act" in words(nobodys)
    assert 'value="allow"' not in page.text
    await nobodys.send(nobodys.form(CONSENT), answer="deny")
    assert told(location(nobodys))[1]["error"] == "access_denied"


# ── who is asked, and when ───────────────────────────────────────────────────────────────────────


async def test_nobody_signed_in_signs_in_first_and_comes_back(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.browser.open(asking(app))
    where, query = told(location(counter.browser))
    assert where.endswith("/account/sign-in")
    assert "again" not in query
    await sign_in(counter.desk, counter.browser, counter.cast.anna_id, "Anna")
    await counter.browser.open(query["next"])
    assert "Let Food Map act for you?" in words(counter.browser)


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "60"}])
async def test_an_app_that_wants_them_to_show_who_they_are_is_content_once_they_did(
    counter: Counter, more: dict[str, str]
) -> None:
    app = await food_map(counter.desk, counter.cast)
    counter.desk.clock.forward(minutes=2)  # type: ignore[attr-defined]
    await counter.anna.open(asking(app, **more))
    where, query = told(location(counter.anna))
    assert (where.endswith("/account/sign-in"), query["again"]) == (True, "yes")
    counter.desk.clock.forward(seconds=5)  # type: ignore[attr-defined]
    await sign_in(counter.desk, counter.anna, counter.cast.anna_id, "Anna")
    counter.desk.clock.forward(seconds=5)  # type: ignore[attr-defined]
    page = await counter.anna.open(query["next"])
    assert page.status_code == 200
    assert "Let Food Map act for you?" in words(counter.anna)


async def test_what_binds_the_organization_takes_a_fresh_sign_in_also_while_the_page_is_open(
    counter: Counter, contents: Contents
) -> None:
    app = await food_map(counter.desk, counter.cast)
    page = await counter.anna.open(asking(app, "alliances:agree"))
    assert page.status_code == 200
    assert "What it may decide This binds your organization" in words(counter.anna)
    before = await kept(contents)
    counter.desk.clock.forward(minutes=11)  # type: ignore[attr-defined]
    await counter.anna.send(counter.anna.form(CONSENT), answer="allow")
    where, query = told(location(counter.anna))
    assert (where.endswith("/account/sign-in"), query["again"]) == (True, "yes")
    assert query["next"].startswith("/oauth/authorize?")
    after = await kept(contents)
    assert (after["grants"], after["authorization_codes"]) == (
        before["grants"],
        before["authorization_codes"],
    )


async def test_nobody_is_asked_where_the_app_wants_that(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.browser.open(asking(app, prompt="none"))
    assert told(location(counter.browser))[1]["error"] == "login_required"
    await counter.anna.open(asking(app, prompt="none"))
    assert told(location(counter.anna))[1]["error"] == "consent_required"
    await counter.anna.open(asking(app))
    await counter.anna.send(counter.anna.form(CONSENT), answer="allow")
    await counter.anna.open(asking(app, prompt="none"))
    assert "code" in told(location(counter.anna))[1]


async def test_an_app_that_was_let_in_is_let_in_again_unless_it_asks_for_more(
    counter: Counter,
) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    await counter.anna.send(counter.anna.form(CONSENT), answer="allow")
    await counter.anna.open(asking(app))
    assert "code" in told(location(counter.anna))[1]
    page = await counter.anna.open(asking(app, "openid events:read events:write"))
    assert page.status_code == 200
    page = await counter.anna.open(asking(app, prompt="consent"))
    assert page.status_code == 200


# ── what does not work ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "app_nobody"},
        {"redirect_uri": "https://map.example/callback/"},
        {"redirect_uri": "https://map.example.evil.example/callback"},
        {"redirect_uri": "https://map.example@evil.example/callback"},
        {"redirect_uri": ""},
    ],
)
async def test_nobody_is_sent_where_the_app_did_not_say_beforehand(
    counter: Counter, wrong: dict[str, str]
) -> None:
    app = await food_map(counter.desk, counter.cast)
    for browser in (counter.browser, counter.anna):
        page = await browser.open(asking(app, **wrong))
        assert page.status_code == 400
        assert "location" not in page.headers
        assert "This did not work" in words(browser)


async def test_what_is_wrong_otherwise_is_told_to_the_app(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app, "everything"))
    where, answer = told(location(counter.anna))
    assert (where, answer["error"], answer["state"]) == (CALLBACK, "invalid_scope", "s-1")


async def test_the_answer_is_taken_from_the_page_alone(
    counter: Counter, contents: Contents
) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    form = counter.anna.form(CONSENT)
    before = await kept(contents)
    refused = await counter.anna.send(form, answer="allow", form_token="forged")
    assert refused.status_code == 403
    await counter.anna.open(asking(app))
    address = f"http://hub.test{counter.anna.form(CONSENT).action}"
    elsewhere = await counter.anna.http.post(
        address,
        data={**counter.anna.form(CONSENT).fields, "answer": "allow"},
        headers={"origin": "https://evil.example"},
    )
    assert elsewhere.status_code == 403
    assert await kept(contents) == before


async def test_an_address_changed_behind_the_page_is_refused(
    counter: Counter, contents: Contents
) -> None:
    """What the form is sent to is asked anew, so that a page cannot be made to mean another."""
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    form = counter.anna.form(CONSENT)
    form.action = form.action.replace("map.example", "evil.example")
    before = await kept(contents)
    page = await counter.anna.send(form, answer="allow")
    assert page.status_code == 400
    assert await kept(contents) == before


async def test_a_page_that_frames_it_shows_nothing(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    page = await counter.anna.open(asking(app))
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("redirect_uri", "allowed"),
    [
        (CALLBACK, "https:"),
        ("http://127.0.0.1:5123/back", "http://127.0.0.1:5123 https:"),
        ("http://[::1]:5123/back", "http: https:"),  # CSP 3 s2.3.1 has no word for it
        ("org.map.app:/back", "org.map.app:"),
    ],
)
async def test_the_form_may_lead_to_the_app(
    counter: Counter, redirect_uri: str, allowed: str
) -> None:
    uris = (CALLBACK, "http://127.0.0.1/back", "http://[::1]/back", "org.map.app:/back")
    app = await food_map(counter.desk, counter.cast, redirect_uris=uris)
    page = await counter.anna.open(asking(app, redirect_uri=redirect_uri))
    found = re.search(r"form-action ([^;]*);", page.headers["content-security-policy"])
    assert found is not None
    assert found[1] == f"'self' {allowed}"


async def test_an_app_may_ask_by_form(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    query = asking(app).partition("?")[2]
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "https://map.example"}
    sent = await counter.anna.http.post("/oauth/authorize", content=query, headers=form)
    assert (sent.status_code, sent.headers["location"]) == (303, asking(app))
    odd = await counter.anna.http.post("/oauth/authorize", content=b"a=b\r\nc", headers=form)
    assert odd.status_code == 403


async def test_somebody_else_signs_in_and_comes_back(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    form = counter.anna.form(CONSENT)
    await counter.anna.send(form, answer="somebody-else")
    where, query = told(location(counter.anna))
    assert where.endswith("/account/sign-in")
    assert query["next"] == asking(app)
    await counter.anna.open(asking(app))
    assert told(location(counter.anna))[0].endswith("/account/sign-in")
    await sign_in(counter.desk, counter.anna, counter.cast.sam_id, "Sam")
    await counter.anna.open(query["next"])
    assert "Who you are Sam" in words(counter.anna)


async def test_after_the_form_of_signing_in_a_page_leads_to_the_app(counter: Counter) -> None:
    """Chromium holds what follows on a form to the policy of the form's page."""
    app = await food_map(counter.desk, counter.cast)
    await counter.anna.open(asking(app))
    await counter.anna.send(counter.anna.form(CONSENT), answer="allow")
    for name, value, status in (
        ("sec-fetch-site", "same-origin", 200),
        ("referer", "http://hub.test/account/sign-in", 200),
        ("sec-fetch-site", "cross-site", 303),
        ("referer", "http://hub.test.evil.example/", 303),
    ):
        page = await counter.anna.http.get(asking(app), headers={name: value})
        assert page.status_code == status, (name, value)
    page = await counter.anna.http.get(asking(app), headers={"sec-fetch-site": "same-origin"})
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', page.text)
    assert found is not None
    where, answer = told(unescape(found[1]))
    assert where == CALLBACK
    assert answer.keys() == {"code", "state", "iss"}
