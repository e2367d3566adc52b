"""What somebody sees in a frame on another site."""

import pytest

from domain.sharing import Visibility
from resolvers import organizations
from tests.web.embed.shown import something_on
from tests.web.pages.reading import read
from tests.web.visiting import Visit

VIEWS = ("list", "week", "month", "map")


@pytest.mark.parametrize("view", VIEWS)
async def test_the_dates_are_those_of_the_hubs_own_page(visit: Visit, view: str) -> None:
    paths = await something_on(visit.context, visit.cast)
    for path in paths.all:
        words = f"?view={view}&on=2027-03-06"
        own = read(await visit.page(f"{path.removeprefix('/embed')}{words}"))
        framed = read(await visit.page(f"{path}{words}"))
        events = {link for link in own.links if link.startswith("http://hub.test/events/")}
        assert len(events) == 3, path
        assert {link for link in framed.links if "/events/" in link} == events, path
        assert "Staff meeting" not in framed.words, path


@pytest.mark.parametrize("view", VIEWS)
async def test_nothing_of_the_hubs_own_is_around_them(visit: Visit, view: str) -> None:
    paths = await something_on(visit.context, visit.cast)
    for path in paths.all:
        answer = await visit.get(f"{path}?view={view}&on=2027-03-06")
        page = read(answer.text)
        assert "Sign in" not in page.words
        assert "GraphQL" not in page.words
        assert not {"header", "footer", "form", "script"} & {tag for tag, _, _ in page.attributes}
        assert page.loaded, path
        assert all(each.startswith("/static/pages.css") for each in page.loaded), path
        assert len(answer.content) < 12_000, path


@pytest.mark.parametrize("view", VIEWS)
async def test_links_open_beside_the_page_and_turning_stays_in_it(visit: Visit, view: str) -> None:
    paths = await something_on(visit.context, visit.cast)
    for path in paths.all:
        page = read(await visit.page(f"{path}?view={view}&on=2027-03-06"))
        assert ("base", "target", "_blank") in page.attributes
        turning = {link for link, given in page.links.items() if given.get("target") == "_self"}
        assert {link for link in page.links if link.startswith("/embed/")} == turning
        assert bool(turning) == (view in ("week", "month")), path


async def test_the_words_are_those_of_the_language_and_its_direction(visit: Visit) -> None:
    paths = await something_on(visit.context, visit.cast)
    answer = await visit.get(f"{paths.organization}?lang=ar")
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert "حملة الغذاء" in answer.text
    assert answer.headers["content-language"] == "ar"
    wished = await visit.get(paths.organization, accept_language="de")
    assert '<html lang="de" dir="ltr">' in wished.text
    assert wished.headers["vary"] == "Accept-Language"


async def test_its_author_may_narrow_what_is_shown(visit: Visit) -> None:
    paths = await something_on(visit.context, visit.cast)
    for path in paths.all:
        words = read(await visit.page(f"{path}?causes=food")).words
        assert "Food drive" in words
        assert "onerror" not in words
    far = read(await visit.page(f"{paths.hub}?near=52.5,13.4&within=50")).words
    assert "No dates to come, for now." in far
    only = await visit.page(f"{paths.hub}?organizations={visit.cast.library}")
    assert "Food drive" not in only
    month = read(await visit.page(f"{paths.hub}?causes=food&view=month&on=2027-03-06"))
    assert "/embed/events?causes=food&view=month&on=2027-04-01#dates" in month.links


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("causes=food&utm_source=x", "utm_source"),
        ("view=agenda", "view"),
        ("near=here", "near"),
        ("within=5", "within"),
        ("organizations=x", "organizations"),
    ],
)
async def test_a_word_that_is_not_understood_is_refused_by_name(
    visit: Visit, words: str, named: str
) -> None:
    """It must not quietly become everything there is."""
    paths = await something_on(visit.context, visit.cast)
    for path in paths.all:
        for address in (f"{path}?{words}", f"{path}.json?{words}"):
            answer = await visit.get(address)
            assert answer.status_code == 400, address
            assert named in answer.text, address
            assert "Food drive" not in answer.text, address
            assert answer.headers["cache-control"] == "no-store", address


async def test_what_is_hidden_and_what_never_was_are_the_same(visit: Visit) -> None:
    paths = await something_on(visit.context, visit.cast)
    hidden: organizations.OrganizationChanges = {"visibility": Visibility.ORGANIZATION}
    await organizations.update(visit.context(visit.cast.anna), visit.cast.pantry, 1, hidden)
    for ending in ("", ".json", "?view=map"):
        seen = [
            await visit.get(path + ending)
            for path in (
                paths.organization,
                paths.group,
                paths.alliance,
                "/embed/organizations/none",
                "/embed/organizations/org_01JD8F3Z9V5X8Y7W6T4S2R1QPN@hub.test",
            )
        ]
        if ending == ".json":
            assert {answer.content for answer in seen} == {
                b"There is no such thing to show, or it is not public.\n"
            }
        else:
            assert len({answer.content for answer in seen}) == 1
            policies = {answer.headers["content-security-policy"] for answer in seen}
            assert ["frame-ancestors 'none'" in each for each in policies] == [True]
        assert {answer.status_code for answer in seen} == {404}
    assert "Food drive" not in await visit.page("/embed/events")


async def test_who_has_the_page_is_not_sent_it_again(visit: Visit) -> None:
    paths = await something_on(visit.context, visit.cast)
    for path in (paths.organization, f"{paths.organization}.json", "/static/convoke-events.js"):
        first = await visit.get(path)
        assert first.headers["cache-control"].startswith("public, max-age=")
        again = await visit.get(path, if_none_match=first.headers["etag"])
        assert again.status_code == 304
        assert again.content == b""
