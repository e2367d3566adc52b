"""People who sign in through their organization's own provider."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from auth import providers
from domain.actors import TeamRole
from storage import teams
from storage.account_tables import (
    accounts,
    ceremonies,
    sessions,
    sign_in_providers,
)
from storage.engine import Database
from tests.auth.lying_provider import ANNA_THERE, Provider
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.conftest import Counter
from tests.web.account.providers.pantry import (
    MINE,
    Pantry,
    changed,
    connect,
    identities,
    is_signed_in,
    leave,
    session_of,
    set_up,
    signed_in,
    whose,
)

PASSING = {"ceremonies", "throttles"}
AGAIN = "/account/providers?again=yes"


# ── in and out ───────────────────────────────────────────────────────────────────────────────────


async def test_anna_signs_in_and_goes_where_she_wanted(pantry: Pantry) -> None:
    browser = pantry.counter.browser
    answer = await pantry.sign_in(browser, "/account/sign-in?next=/account/sessions")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/sessions")
    assert await whose(browser) == "Anna"
    async with pantry.counter.desk.database.reading(fresh=True) as db:
        methods = await db.scalars(select(sessions.c.methods).order_by(sessions.c.id.desc()))
        assert methods.first() == ["fed"]


async def test_what_goes_out_is_what_was_registered_and_a_proof_key(pantry: Pantry) -> None:
    page = await pantry.go(pantry.counter.browser)
    (there,) = (link for link in pantry.counter.browser.links if "authorize" in link)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    assert asked["redirect_uri"] == f"http://hub.test{pantry.callback}"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid email"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert not {"prompt", "max_age"} & asked.keys()
    refreshed = re.search('http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert refreshed is not None
    assert refreshed[1].replace("&amp;", "&") == there


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "/\\evil.example", "https://evil.example"]
)
async def test_nobody_is_sent_elsewhere_afterwards(pantry: Pantry, elsewhere: str) -> None:
    answer = await pantry.sign_in(pantry.counter.browser, next=elsewhere)
    assert answer.headers["location"] == "/account"


async def test_the_session_that_was_there_ends(pantry: Pantry) -> None:
    """Signing in makes a new one: nobody can be given a session beforehand."""
    browser = pantry.counter.browser
    await pantry.go(browser)
    sam = await signed_in(pantry.counter, pantry.counter.cast.sam_id, "Sam")
    given = session_of(sam)
    browser.http.cookies.set("convoke", given, domain="hub.test")
    await pantry.come_back(browser, await pantry.let_in(browser))
    assert session_of(browser) != given
    assert await whose(browser) == "Anna"
    assert await whose(sam) is None


async def test_an_answer_is_good_once(pantry: Pantry) -> None:
    browser = pantry.counter.browser
    await pantry.go(browser)
    back = await pantry.let_in(browser)
    answers = await asyncio.gather(*(pantry.come_back(browser, back) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [303] + [403] * 19


async def test_an_answer_is_good_in_the_browser_that_asked(
    pantry: Pantry, contents: Contents
) -> None:
    """Or somebody could have Sam sign in as somebody else without his knowing."""
    await pantry.go(pantry.counter.browser)
    back = await pantry.let_in(pantry.counter.browser)
    before, other = await contents(), await pantry.counter.new_browser()
    assert (await pantry.come_back(other, back)).status_code == 403
    assert not is_signed_in(other)
    assert await changed(contents, before) <= PASSING


async def test_an_answer_that_comes_late_is_refused(pantry: Pantry, clock: StandingClock) -> None:
    await pantry.go(pantry.counter.browser)
    back = await pantry.let_in(pantry.counter.browser)
    clock.forward(minutes=11)
    assert (await pantry.come_back(pantry.counter.browser, back)).status_code == 403
    assert not is_signed_in(pantry.counter.browser)


async def test_an_answer_of_one_is_not_taken_for_anothers(
    pantry: Pantry, contents: Contents
) -> None:
    """A mix-up: each provider has its own way back."""
    other = await set_up(pantry.counter, pantry.there, client_id="another app")
    await pantry.go(pantry.counter.browser)
    back = await pantry.let_in(pantry.counter.browser)
    before = await contents()
    answer = await pantry.come_back(
        pantry.counter.browser, back.replace(pantry.provider.id, other.provider.id)
    )
    assert answer.status_code == 403
    assert not is_signed_in(pantry.counter.browser)
    assert await changed(contents, before) <= PASSING


async def test_what_the_provider_refuses_is_said_plainly(pantry: Pantry) -> None:
    pantry.there.back = lambda back: back.update(
        error="access_denied", error_description="<b>No</b>\u202e lunch"
    )
    answer = await pantry.sign_in(pantry.counter.browser)
    assert answer.status_code == 400
    assert "You, or the provider, said no" in answer.text
    assert "&lt;b&gt;No&lt;/b&gt; lunch" in answer.text


async def test_a_provider_that_promises_no_name_need_not_give_it(
    counter: Counter, there: Provider
) -> None:
    there.names_itself = False
    pantry = await set_up(counter, there)
    await pantry.connect(counter.cast.anna_id)
    await pantry.sign_in(counter.browser)
    assert await whose(counter.browser) == "Anna"


async def test_a_closed_account_stays_closed(pantry: Pantry, database: Database) -> None:
    async with database.writing() as db:
        await db.execute(update(accounts).values(closed_at=pantry.counter.desk.clock.now()))
    assert (await pantry.sign_in(pantry.counter.browser)).status_code == 403
    assert not is_signed_in(pantry.counter.browser)


async def test_too_many_tries_from_one_place_wait(pantry: Pantry) -> None:
    answers = [(await pantry.go(pantry.counter.browser)).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


# ── whom a provider may vouch for ────────────────────────────────────────────────────────────────


async def test_an_address_links_nobody(
    pantry: Pantry, contents: Contents, database: Database
) -> None:
    """The provider says anna@pantry.example of a stranger; Anna's account has that address."""
    pantry.there.subject = "somebody else"
    before = await contents()
    answer = await pantry.sign_in(pantry.counter.browser)
    answer = await pantry.counter.browser.open(answer.headers["location"])
    assert answer.status_code == 403
    assert "No account here is connected with this sign-in yet" in answer.text
    assert "anna@pantry.example" in answer.text
    assert not is_signed_in(pantry.counter.browser)
    assert await changed(contents, before) <= PASSING
    assert await identities(database) == {(ANNA_THERE, pantry.counter.cast.anna_id)}


async def test_who_has_left_the_team_is_not_let_in(
    pantry: Pantry, contents: Contents, database: Database
) -> None:
    await leave(database, pantry.counter.cast.anna_id)
    before = await contents()
    answer = await pantry.sign_in(pantry.counter.browser)
    assert answer.status_code == 403
    assert "is not in it" in answer.text.replace("\n", " ")
    assert not is_signed_in(pantry.counter.browser)
    assert await changed(contents, before) <= PASSING


async def test_a_provider_that_was_removed_lets_nobody_in(
    pantry: Pantry, contents: Contents, database: Database
) -> None:
    await pantry.go(pantry.counter.browser)
    back = await pantry.let_in(pantry.counter.browser)
    late = await pantry.counter.new_browser()
    await late.open("/account/sign-in")
    form = late.form(f"/account/providers/{pantry.provider.id}")
    await providers.remove_as_operator(pantry.counter.desk, pantry.provider.id)
    before = await contents()
    assert (await pantry.come_back(pantry.counter.browser, back)).status_code == 400
    assert (await late.send(form)).status_code == 400
    assert not is_signed_in(pantry.counter.browser)
    assert await changed(contents, before) <= PASSING
    assert pantry.provider.name not in (await late.open("/account/sign-in")).text
    assert await identities(database) == {(ANNA_THERE, pantry.counter.cast.anna_id)}


async def test_set_up_anew_it_opens_an_account_once_its_person_connects_it(pantry: Pantry) -> None:
    await providers.remove_as_operator(pantry.counter.desk, pantry.provider.id)
    anew = await set_up(pantry.counter, pantry.there)
    browser, anna = pantry.counter.browser, pantry.counter.anna
    answer = await anew.sign_in(browser)
    assert answer.headers["location"].startswith("/account/providers/waiting")
    await connect(anew, anna)
    await anew.sign_in(browser)
    assert await whose(browser) == "Anna"


# ── once more ────────────────────────────────────────────────────────────────────────────────────


async def test_anna_shows_once_more_who_she_is(pantry: Pantry, clock: StandingClock) -> None:
    anna = pantry.counter.anna
    clock.forward(minutes=30)
    before = session_of(anna)
    await anna.open(MINE)
    asked = await anna.send(anna.form(f"/account/providers/{pantry.provider.id}/disconnect"))
    assert asked.headers["location"].endswith("again=yes")
    answer = await pantry.sign_in(anna, f"{AGAIN}&next={MINE}")
    assert answer.headers["location"] == MINE
    assert session_of(anna) != before
    await anna.open(MINE)
    action = f"/account/providers/{pantry.provider.id}/disconnect"
    answer = await anna.send(anna.form(action))
    assert answer.headers["location"] == MINE


async def test_to_show_it_once_more_the_provider_must_have_asked(
    pantry: Pantry, clock: StandingClock, contents: Contents
) -> None:
    clock.forward(minutes=30)
    lies = [
        lambda said: said.pop("auth_time"),
        lambda said: said.update(auth_time=said["auth_time"] - 120),
        lambda said: said.update(auth_time=said["auth_time"] + 120),
        lambda said: said.update(auth_time=str(said["auth_time"])),
        lambda said: said.update(sub="somebody else"),
    ]
    anna = pantry.counter.anna
    for lie in lies:
        pantry.there.claims = lie
        await pantry.go(anna, AGAIN)
        back = await pantry.let_in(anna)
        before = await contents()
        assert (await pantry.come_back(anna, back)).status_code in {400, 403}
        assert await changed(contents, before) <= PASSING


async def test_somebody_else_does_not_show_that_it_is_anna(
    pantry: Pantry, database: Database, clock: StandingClock, contents: Contents
) -> None:
    counter = pantry.counter
    async with database.writing() as db:
        await teams.give_role(
            db, "tmb_of_sam", counter.cast.pantry, counter.cast.sam_id, TeamRole.EDITOR, clock.now()
        )
    await pantry.connect(counter.cast.sam_id, "sam")
    await pantry.go(counter.anna, AGAIN)
    pantry.there.subject = "sam"
    back = await pantry.let_in(counter.anna)
    before = await contents()
    assert (await pantry.come_back(counter.anna, back)).status_code == 403
    assert await changed(contents, before) <= PASSING
    assert await whose(counter.anna) == "Anna"


async def test_a_provider_that_asked_for_nothing_makes_no_fresh_session(pantry: Pantry) -> None:
    """It may know Anna by a cookie of last week."""
    await pantry.sign_in(pantry.counter.browser)
    team = "/account/team/river-city-pantry/providers"
    answer = await pantry.counter.browser.open(f"{team}/{pantry.provider.id}/remove")
    assert answer.headers["location"].endswith("again=yes")


async def test_one_that_says_it_asked_just_now_makes_a_fresh_one(pantry: Pantry) -> None:
    pantry.there.claims = lambda said: said.update(auth_time=said["iat"] - 5)
    await pantry.sign_in(pantry.counter.browser)
    team = "/account/team/river-city-pantry/providers"
    answer = await pantry.counter.browser.open(f"{team}/{pantry.provider.id}/remove")
    assert answer.status_code == 200


async def test_by_its_address_alone_nothing_is_stored_of_the_way(pantry: Pantry) -> None:
    """Whoever reads the database can finish nothing that was begun."""
    await pantry.go(pantry.counter.browser)
    (there,) = (link for link in pantry.counter.browser.links if "authorize" in link)
    asked = parse_qs(urlsplit(there).query)
    async with pantry.counter.desk.database.reading(fresh=True) as db:
        rows = str((await db.execute(select(sign_in_providers))).all())
        kept = rows + str((await db.execute(select(ceremonies))).all())
    for secret in (asked["state"][0], asked["nonce"][0], "s3cret"):
        assert secret not in kept
