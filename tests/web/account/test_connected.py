"""The apps that somebody let in, as they see them, and as they end them."""

from domain.actors import TeamRole
from resolvers import organizations
from resolvers.operating import operator_for
from tests.cast import MakeContext
from tests.conftest import Contents
from tests.web.account.apps_of_people import asking, food_map, stranger
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter
from tests.web.pages.reading import read

CONNECTED = "/account/connected"


async def let_in(browser: Browser, address: str, **chosen: str) -> None:
    await browser.open(address)
    sent = await browser.send(browser.form("/oauth/consent"), answer="allow", **chosen)
    assert "code=" in sent.headers["location"]


async def words(browser: Browser) -> str:
    page = await browser.open(CONNECTED)
    assert page.status_code == 200, page.text
    return read(page.text).words


async def test_nothing_is_connected_at_first(counter: Counter) -> None:
    assert "No app acts for you." in await words(counter.anna)


async def test_anna_sees_what_she_let_in_and_whose_it_is(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    other = await stranger(counter.desk, counter.cast)
    await let_in(counter.anna, asking(app, "openid events:read events:write"))
    await let_in(counter.anna, asking(other))
    said = await words(counter.anna)
    assert (
        "Food Map Whose app Harbor Shelter Acts for River City Pantry May Confirm who you are See "
        "the events your organization may see Create and change events Used Let in on 1 March "
        "2027, never used"
    ) in said
    assert "Free Calendar Plus Whose app Nobody this hub knows Acts for" in said


async def test_what_anna_ends_is_gone_and_asks_again(counter: Counter) -> None:
    app = await food_map(counter.desk, counter.cast)
    await let_in(counter.anna, asking(app))
    await counter.anna.open(CONNECTED)
    ended = await counter.anna.send(counter.anna.form(CONNECTED))
    assert (ended.status_code, ended.headers["location"]) == (303, CONNECTED)
    assert "No app acts for you." in await words(counter.anna)
    asked = await counter.anna.open(asking(app))
    assert asked.status_code == 200


async def test_for_one_organization_it_ends_and_for_the_other_it_stays(
    counter: Counter, context: MakeContext
) -> None:
    library = counter.cast.library
    await organizations.add_team_member(
        context(operator_for(library)), library, counter.cast.anna_id, TeamRole.EDITOR
    )
    app = await food_map(counter.desk, counter.cast)
    for organization in (library, counter.cast.pantry):
        await let_in(counter.anna, asking(app, prompt="consent"), organization=organization)
    await counter.anna.open(CONNECTED)
    form = counter.anna.form(CONNECTED)
    form.fields["organization"] = library
    await counter.anna.send(form)
    said = await words(counter.anna)
    assert "Acts for River City Pantry" in said
    assert "Northside Library" not in said


async def test_nobody_ends_what_somebody_else_let_in(counter: Counter, contents: Contents) -> None:
    app = await food_map(counter.desk, counter.cast)
    await let_in(counter.anna, asking(app))
    await counter.anna.open(CONNECTED)
    taken = counter.anna.form(CONNECTED)
    sam = await counter.new_browser()
    await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    assert "No app acts for you." in await words(sam)
    taken.fields["form_token"] = sam.form("/account/sign-out").fields["form_token"]
    before = await contents()
    refused = await sam.send(taken)
    assert refused.status_code == 404
    assert await contents() == before


async def test_a_forged_form_ends_nothing(counter: Counter, contents: Contents) -> None:
    app = await food_map(counter.desk, counter.cast)
    await let_in(counter.anna, asking(app))
    await counter.anna.open(CONNECTED)
    before = await contents()
    refused = await counter.anna.send(counter.anna.form(CONNECTED), form_token="forged")
    assert refused.status_code == 403
    assert await contents() == before


async def test_nobody_signed_in_signs_in_first(counter: Counter) -> None:
    page = await counter.browser.open(CONNECTED)
    assert page.headers["location"] == "/account/sign-in?next=%2Faccount%2Fconnected"
