"""An organization's own sign-in, as its team sets it up."""

import pytest

from auth.provider_outgoing import ProviderProblem
from domain.actors import TeamRole
from storage import teams
from storage.account_tables import sign_in_providers
from storage.engine import Database
from tests.auth.lying_provider import CLIENT_ID, SECRET, Provider
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter
from tests.web.account.providers.pantry import Pantry, set_up, whose

PAGE = "/account/team/river-city-pantry/providers"


def typed(there: Provider, **changed: str) -> dict[str, str]:
    return {
        "name": "Pantry login",
        "issuer": there.url,
        "clientId": CLIENT_ID,
        "clientSecret": SECRET,
        **changed,
    }


async def in_the_team(
    counter: Counter, database: Database, clock: StandingClock, role: TeamRole
) -> Browser:
    """Sam, who comes to help the Pantry."""
    async with database.writing() as db:
        await teams.give_role(
            db, "tmb_of_sam", counter.cast.pantry, counter.cast.sam_id, role, clock.now()
        )
    browser = await counter.new_browser()
    await sign_in(counter.desk, browser, counter.cast.sam_id, "Sam")
    return browser


async def test_anna_sets_it_up_and_is_told_where_it_sends_people(
    counter: Counter, there: Provider, database: Database
) -> None:
    await counter.anna.open(PAGE)
    answer = await counter.anna.send(counter.anna.form(PAGE), **typed(there))
    assert answer.status_code == 303, answer.text
    page = await counter.anna.open(PAGE)
    assert "http://hub.test/account/providers/idp_" in page.text
    assert SECRET not in page.text
    async with database.reading(fresh=True) as db:
        (row,) = (await db.execute(sign_in_providers.select())).mappings().all()
    assert SECRET.encode() not in row["sealed_client_secret"]
    assert "Pantry login" in (await counter.browser.open("/account/sign-in")).text


async def test_an_admin_removes_it(
    pantry: Pantry, database: Database, clock: StandingClock
) -> None:
    sam = await in_the_team(pantry.counter, database, clock, TeamRole.ADMIN)
    await sam.open(PAGE)
    (remove,) = (link for link in sam.links if link.endswith("/remove"))
    await sam.open(remove)
    assert (await sam.send(sam.form(remove))).headers["location"] == PAGE
    async with database.reading(fresh=True) as db:
        (row,) = (await db.execute(sign_in_providers.select())).mappings().all()
    assert row["removed_at"] is not None
    assert row["sealed_client_secret"] is None


@pytest.mark.parametrize("role", [TeamRole.EDITOR, TeamRole.EVENT_MANAGER, TeamRole.VIEWER])
async def test_the_rest_of_the_team_does_not_look_after_it(
    pantry: Pantry, database: Database, clock: StandingClock, contents: Contents, role: TeamRole
) -> None:
    sam = await in_the_team(pantry.counter, database, clock, role)
    await sam.open("/account")
    form = sam.form("/account/sign-out")
    before = await contents()
    for path in (PAGE, f"{PAGE}/{pantry.provider.id}/remove"):
        assert (await sam.open(path)).status_code == 403
        form.action = path
        assert (await sam.send(form, **typed(pantry.there))).status_code == 403
    assert await contents() == before


async def test_other_organizations_learn_nothing_of_it(pantry: Pantry, contents: Contents) -> None:
    lee = await pantry.counter.new_browser()
    await sign_in(pantry.counter.desk, lee, pantry.counter.cast.lee_id, "Lee")
    await lee.open("/account")
    form = lee.form("/account/sign-out")
    before = await contents()
    unknown = (await lee.open("/account/team/no-such-team/providers")).text
    for path in (PAGE, f"{PAGE}/{pantry.provider.id}/remove"):
        answer = await lee.open(path)
        assert (answer.status_code, answer.text) == (404, unknown)
        form.action = path
        assert (await lee.send(form, **typed(pantry.there))).status_code == 404
    own = PAGE.replace("river-city-pantry", "northside-library")
    form.action = f"{own}/{pantry.provider.id}/remove"
    assert (await lee.open(form.action)).status_code == 404
    assert (await lee.send(form)).status_code == 404
    assert await contents() == before


async def test_a_change_takes_a_fresh_session(
    pantry: Pantry, clock: StandingClock, database: Database
) -> None:
    clock.forward(minutes=11)
    await pantry.counter.anna.open(PAGE)
    form = pantry.counter.anna.form(PAGE)
    answer = await pantry.counter.anna.send(form, **typed(pantry.there, clientId="another"))
    assert answer.headers["location"].endswith("again=yes")
    async with database.reading(fresh=True) as db:
        assert len((await db.execute(sign_in_providers.select())).all()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", " "),
        ("name", "x" * 61),
        ("issuer", "pantry.example"),
        ("issuer", "http://pantry.example"),
        ("issuer", "https://pantry.example?x"),
        ("issuer", "https://pantry.example#x"),
        ("issuer", "https://anna@pantry.example"),
        ("issuer", "https://10.0.0.1"),
        ("clientId", ""),
        ("clientSecret", "tab\there"),
    ],
)
async def test_what_makes_no_sense_is_said_beside_its_field(
    counter: Counter, there: Provider, database: Database, name: str, value: str
) -> None:
    await counter.anna.open(PAGE)
    answer = await counter.anna.send(counter.anna.form(PAGE), **typed(there, **{name: value}))
    assert answer.status_code == 400
    assert 'class="problem"' in answer.text
    assert SECRET not in answer.text
    async with database.reading(fresh=True) as db:
        assert (await db.execute(sign_in_providers.select())).all() == []


async def test_there_are_not_too_many(pantry: Pantry) -> None:
    for number in range(9):
        await set_up(pantry.counter, pantry.there, client_id=f"app {number}")
    with pytest.raises(Exception, match="at most 10"):
        await set_up(pantry.counter, pantry.there, client_id="one more")


async def test_a_secret_is_shown_as_the_provider_wants_it(
    counter: Counter, there: Provider
) -> None:
    """In the body, where it says so; and a public client has none."""
    there.metadata = lambda said: said.update(
        token_endpoint_auth_methods_supported=["client_secret_post"]
    )
    pantry = await set_up(counter, there)
    await pantry.connect(counter.cast.anna_id)
    await pantry.sign_in(counter.browser)
    assert await whose(counter.browser) == "Anna"
    assert there.shown == "in the body"
    there.metadata = lambda said: said.update(token_endpoint_auth_methods_supported=["none"])
    with pytest.raises(ProviderProblem):
        await set_up(counter, there, client_id="another")
    await set_up(counter, there, client_id="another", secret=None)
