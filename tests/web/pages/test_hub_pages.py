"""The pages of the hub as a whole: what is here, what is near, who is on it, and what is found."""

from domain.places import Place
from domain.sharing import Visibility
from resolvers import organizations
from resolvers.operating import operator_for
from resolvers.organizations import NewOrganization
from tests.cast import STARTS, publish, start_group
from tests.web.pages.reading import read
from tests.web.visiting import Visit


async def test_the_first_page_says_what_is_on_this_week_and_who_is_here(visit: Visit) -> None:
    await publish(visit.context, visit.cast.anna, title="Food drive")
    later = STARTS.replace(month=5)
    await publish(visit.context, visit.cast.anna, title="In May", starts_at=later, ends_at=None)
    await publish(
        visit.context, visit.cast.anna, title="Board meeting", visibility=Visibility.PRIVATE
    )
    page = read(await visit.page("/"))
    said = "This week Saturday, 6 March 2027 09:00 to 12:00 Food drive Town Hall"
    assert said in page.words
    assert "In May" not in page.words
    assert "Board meeting" not in page.words
    assert "Alliances City Table" in page.words
    for name in ("Harbor Shelter", "Northside Library", "River City Pantry"):
        assert name in page.words
    for address in ("/events", "/search", "/events?view=map", "/events.ics", "/console"):
        assert address in page.links


async def test_a_new_hub_says_that_nothing_is_there_yet(visit: Visit) -> None:
    page = read(await visit.page("/"))
    assert "Nothing in the next seven days." in page.words


async def test_what_is_near_is_shown_and_what_is_far_is_not(visit: Visit) -> None:
    anna = visit.cast.anna
    await publish(visit.context, anna, title="Here")
    far = Place(name="Gary", locality="Gary", latitude=41.6, longitude=-87.3)
    await publish(visit.context, anna, title="Yonder", place=far)
    near = read(await visit.page("/events?near=39.17,-86.53&within=10"))
    assert "Events near you" in near.words
    assert "Here" in near.words
    assert "Yonder" not in near.words
    assert near.metas["robots"] == "noindex"  # where somebody is
    assert "/events.ics?near=39.17,-86.53&within=10" in near.links
    assert "/events?near=39.17,-86.53&within=10&view=week#dates" in near.links
    wide = read(await visit.page("/events?near=39.17,-86.53&within=500"))
    assert "Yonder" in wide.words


async def test_a_place_that_is_none_is_refused_with_the_way_out(visit: Visit) -> None:
    answer = await visit.get("/events?near=here")
    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"
    assert "write degrees north and east with a comma between them" in read(answer.text).words


async def test_organizations_are_listed_by_name_page_by_page(visit: Visit) -> None:
    for number in range(60):
        ctx = visit.context(operator_for())
        new = NewOrganization(slug=f"o{number:02}", name=f"Org {number:02}", time_zone="UTC")
        await organizations.create(ctx, new)
    first = read(await visit.page("/organizations"))
    assert "63 in all." in first.words
    (further,) = [link for link in first.links if "after=" in link]
    rest = read(await visit.page(f"/organizations{further}"))
    assert "River City Pantry" in rest.words
    assert "River City Pantry" not in first.words
    assert "From the start" in rest.words


async def test_alliances_are_listed_with_what_they_are_for(visit: Visit) -> None:
    page = read(await visit.page("/alliances"))
    assert "City Table Nobody in River City goes to bed hungry." in page.words
    assert "Convened by River City Pantry" in page.words


async def test_somebody_finds_an_event_a_group_an_organization_and_an_alliance(
    visit: Visit,
) -> None:
    anna = visit.cast.anna
    event_id = await publish(visit.context, anna, title="City supper")
    await start_group(visit.context, anna, "city-drivers", purpose="To drive in the city.")
    page = read(await visit.page("/search?q=city"))
    assert "City supper Event Saturday, 6 March 2027, 09:00 to 12:00" in page.words
    assert "City Table Alliance" in page.words
    assert "River City Pantry Organization" in page.words
    assert "Group of River City Pantry" in page.words
    assert f"http://hub.test/events/{event_id}" in page.links
    assert page.metas["robots"] == "noindex"
    assert "/events.ics?search=city" in page.links


async def test_a_search_that_finds_nothing_says_what_to_do(visit: Visit) -> None:
    await publish(visit.context, visit.cast.anna)
    page = read(await visit.page("/search?q=%3Cb%3Equux"))
    assert "Nothing was found for “<b>quux”. Try fewer words" in page.words
    empty = read(await visit.page("/search?q=%20"))
    assert "Nothing was found" not in empty.words
    assert (await visit.get("/search?q=" + "x" * 3_000)).status_code == 200


async def test_nobody_finds_what_is_hidden(visit: Visit) -> None:
    await publish(
        visit.context, visit.cast.anna, title="Secret supper", visibility=Visibility.PRIVATE
    )
    assert "Nothing was found" in read(await visit.page("/search?q=secret")).words
