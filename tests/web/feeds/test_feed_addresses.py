"""Feeds of any filter: what their addresses may say, and what is refused, with the way out."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.events import AttendanceMode, EventStatus
from domain.places import Place
from domain.sharing import Visibility
from resolvers import organizations
from tests.cast import STARTS, publish, start_group
from tests.web.visiting import Visit
from web.feeds import filters
from web.feeds.list_routes import FORMATS

ENDINGS = [form.ending for form in FORMATS]
REFUSED = [
    ("colour=red", "'colour': there is no such parameter here. There are: search, "),
    ("publicationStatuses=DRAFT", "'publicationStatuses': there is no such parameter"),
    ("<script>=1", "'<script>': there is no such parameter"),
    ("caf%C3%A9=1", "'caf\\xe9': there is no such parameter"),
    ("causes=food&causes=housing", "causes: it is there twice. Write it once."),
    ("causes=food,,housing", "causes: write the values with a comma between them"),
    ("causes=", "causes: write the values with a comma between them"),
    (f"causes={','.join('abcdefghijklmnopqrstu')}", "causes: At most 20 causes."),
    (f"statuses={'SCHEDULED,' * 50}CANCELLED", "statuses: at most 50 values."),
    ("statuses=cancelled", "statuses: 'cancelled' is none of TENTATIVE, SCHEDULED"),
    ("attendanceModes=BOTH", "attendanceModes: 'BOTH' is none of IN_PERSON"),
    ("hostRoles=GUEST", "hostRoles: 'GUEST' is none of HOST"),
    ("organizations=pantry", "organizations: 'pantry' is none. An id begins with org_"),
    ("languages=english!", "languages: 'english!' is no language tag"),
    ("lang=english!", "lang: 'english!' is no language tag"),
    ("search=%20", "search: write 1 to 400 characters"),
    (f"search={'a' * 401}", "search: write 1 to 400 characters"),
    ("from=tomorrow", "from: 'tomorrow' is no moment. Write it in UTC"),
    ("from=2027-03-01T00:00:00", "from: '2027-03-01T00:00:00' is no moment"),
    ("from=2027-03-01T00:00:00+01:00", "is no moment. Write it in UTC"),
    ("to=9999-12-31T23:59:59-12:00", "to: the calendar does not reach that far."),
    ("from=2027-03-02T00:00:00Z&to=2027-03-01T00:00:00Z", "to: a window ends after it begins."),
    ("near=here", "near: write degrees north and east"),
    ("near=91,0", "near: A latitude is a number from -90 to 90"),
    ("near=1,2&within=501", "within: A radius is more than 0 and at most 500 km."),
    ("near=1,2&within=far", "within: write a number of kilometres"),
    ("within=5", "within: say near what"),
    ("accessible=yes", "accessible: write true or false."),
    ("updatedSince=1", "updatedSince: '1' is no moment."),
    ("after=%00", "after: that is no place in the list."),
    ("after=soup", "after: not a cursor."),
]


async def titles(visit: Visit, query: str) -> set[str]:
    answer = await visit.get(f"/events.csv?{query}")
    assert answer.status_code == 200, answer.text
    return {line.split(",")[1] for line in answer.text.splitlines()[1:]}


async def test_a_feed_is_of_any_filter_that_an_address_can_say(visit: Visit) -> None:
    anna, sam = visit.cast.anna, visit.cast.sam
    drivers = await start_group(visit.context, anna, "drivers")
    april = STARTS + timedelta(days=30)
    far = Place(name="Hall", locality="Chicago", latitude=41.88, longitude=-87.63)
    await publish(visit.context, anna, title="Vans", group_id=drivers, causes=("food", "roads"))
    await publish(visit.context, anna, title="Talk", place=far, languages=("es",))
    await publish(
        visit.context,
        sam,
        title="Supper",
        share_with=(visit.cast.city_table,),
        starts_at=april,
        ends_at=april + timedelta(hours=1),
    )
    await publish(
        visit.context,
        sam,
        title="Call",
        place=None,
        attendance_mode=AttendanceMode.ONLINE,
        online_url="https://meet.example/",
        status=EventStatus.TENTATIVE,
    )
    for query, found in {
        "": {"Vans", "Talk", "Supper", "Call"},
        "search=supper": {"Supper"},
        f"organizations={visit.cast.pantry}": {"Vans", "Talk"},
        f"organizations={visit.cast.pantry},{visit.cast.shelter}&causes=food": {"Vans"},
        f"organizations={visit.cast.pantry}&hostRoles=CO_HOST": set(),
        f"groups={drivers}": {"Vans"},
        f"alliances={visit.cast.city_table}": {"Supper"},
        "causes=housing,Roads": {"Vans"},
        "languages=es,fr": {"Talk"},
        "from=2027-04-01T00:00:00Z": {"Supper"},
        "from=2027-03-01T00:00:00Z&to=2027-04-01T02:00:00%2B02:00": {"Vans", "Talk", "Call"},
        "near=41.9,-87.6": {"Talk"},
        "near=41.9,-87.6&within=400": {"Vans", "Talk", "Supper"},
        "near=41.9,-87.6&within=0.1": set(),
        "statuses=TENTATIVE,POSTPONED": {"Call"},
        "attendanceModes=ONLINE": {"Call"},
        "accessible=true": set(),
        "accessible=false": {"Vans", "Talk", "Supper", "Call"},
        "updatedSince=2027-03-02T00:00:00Z": set(),
        "lang=es": {"Vans", "Talk", "Supper", "Call"},
    }.items():
        assert await titles(visit, query) == found, query


async def test_a_hub_is_a_filter_too(visit: Visit) -> None:
    await publish(visit.context, visit.cast.anna)
    asked = await visit.http.post("/graphql", json={"query": "{ hubs { nodes { id } } }"})
    hub = asked.json()["data"]["hubs"]["nodes"][0]["id"]
    assert await titles(visit, f"hubs={hub}") == {"Food drive"}
    assert await titles(visit, f"hubs={hub.replace('@hub.test', '@other.example')}") == set()


async def test_what_is_not_understood_is_refused(visit: Visit) -> None:
    """And never passed over: a feed of everything would look like the one asked for."""
    for number, (query, said) in enumerate(REFUSED):
        ending = ENDINGS[number % len(ENDINGS)]
        answer = await visit.get(f"/events.{ending}?{query}")
        assert answer.status_code == 400, query
        assert said in answer.text, query
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_mark_is_for_tables_and_a_place_for_the_same_order(visit: Visit) -> None:
    for address, said in {
        "/events.ics?bom=1": "'bom': there is no such parameter",
        "/events.csv?bom=yes": "bom: write 1, or leave it out.",
        f"/organizations/{visit.cast.pantry}.ics?causes=food": "There are: lang, after.",
    }.items():
        answer = await visit.get(address)
        assert (answer.status_code, said in answer.text) == (400, True), address
    for number in range(3):
        await publish(visit.context, visit.cast.anna, title=f"Drive {number}")
    asked = await visit.http.post(
        "/graphql",
        json={"query": "{ events(first: 1, orderBy: UPDATED_AT_DESC) { pageInfo { endCursor } } }"},
    )
    cursor = asked.json()["data"]["events"]["pageInfo"]["endCursor"].rstrip("=")
    assert (await visit.get(f"/events.atom?after={cursor}")).text.count("<entry>") == 2
    other = await visit.get(f"/events.ics?after={cursor}")
    assert other.status_code == 400
    assert "after: this cursor belongs to another list or order" in other.text


@pytest.mark.parametrize("ending", [*ENDINGS, "jsonld"])
async def test_what_is_not_public_has_no_feed(visit: Visit, ending: str) -> None:
    anna = visit.cast.anna
    secret = await start_group(visit.context, anna, "secret", visibility=Visibility.PRIVATE)
    private: organizations.OrganizationChanges = {"visibility": Visibility.PRIVATE}
    await publish(visit.context, visit.cast.lee, title="Story hour")
    await organizations.update(visit.context(visit.cast.lee), visit.cast.library, 1, private)
    for kind, hidden in (
        ("group", secret),
        ("organization", visit.cast.library),
        ("alliance", visit.cast.pantry),  # an id, of another kind
    ):
        unknown = hidden[:-12] + "x" + hidden[-11:]
        answers = [
            await visit.get(f"/{kind}s/{name}.{ending}")
            for name in (hidden, unknown, "soup", "%00", "a/b", "é", "")
        ]
        said = f"There is no such {kind}, or it is not public.\n".encode()
        assert {(each.status_code, each.content) for each in answers} == {(404, said)}
        heads = [dict(each.headers) for each in answers]
        for head in heads:
            del head["x-request-id"]
        assert all(head == heads[0] for head in heads)


@pytest.mark.parametrize("ending", [*ENDINGS, "jsonld"])
async def test_an_unlisted_organization_has_feeds_that_no_search_engine_keeps(
    visit: Visit, ending: str
) -> None:
    unlisted: organizations.OrganizationChanges = {"visibility": Visibility.UNLISTED}
    await organizations.update(visit.context(visit.cast.lee), visit.cast.library, 1, unlisted)
    answer = await visit.get(f"/organizations/{visit.cast.library}.{ending}")
    assert answer.status_code == 200
    assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize("ending", [*ENDINGS, "jsonld"])
async def test_a_feed_is_read_and_not_written_to(visit: Visit, ending: str) -> None:
    await publish(visit.context, visit.cast.anna)
    path = f"/organizations/{visit.cast.pantry}.{ending}"
    whole, head = await visit.get(path), await visit.http.head(path)
    for name in ("etag", "content-type", "content-length", "cache-control", "link"):
        assert head.headers[name] == whole.headers[name]
    refused = await visit.http.post(path)
    assert refused.status_code == 405
    again = await visit.get(path, if_none_match=f'"other", W/{whole.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")


async def test_who_asks_is_nobody_whatever_they_show(visit: Visit) -> None:
    await publish(visit.context, visit.cast.anna)
    plain = await visit.get("/events.ics")
    assert (
        await visit.get("/events.ics", authorization="Bearer nonsense")
    ).content == plain.content


def test_every_parameter_is_in_the_document() -> None:
    page = (Path(__file__).parents[3] / "docs" / "pages.md").read_text("utf-8")
    _, _, table = page.partition("| Parameter | What it says |")
    told = [line.split("`")[1] for line in table.strip().splitlines() if line.startswith("| `")]
    assert told == [*filters.FILTERS, *filters.OF_EVERY_FEED, *filters.OF_TABLES]
