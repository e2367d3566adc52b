"""The pages of organizations, groups and alliances; and the one for what is not there."""

import asyncio

import pytest

from domain.events import EventStatus
from domain.hubs import LocalHub
from domain.sharing import Visibility
from resolvers import organizations
from schema.documents import Prepared
from schema.run import Answer, Operations
from storage.engine import Database
from tests.cast import Cast, MakeContext, publish, start_group
from tests.locks import locked, until_waiting
from tests.outside import SeededChance, StandingClock
from tests.web.pages.reading import read
from tests.web.visiting import Visit, visiting

KINDS = ("events", "organizations", "groups", "alliances")


async def test_an_organization_shows_its_dates_its_groups_and_its_alliances(visit: Visit) -> None:
    anna = visit.cast.anna
    await start_group(visit.context, anna, "drivers", purpose="To drive.")
    off = await publish(visit.context, anna, title="Bread day", status=EventStatus.CANCELLED)
    await publish(visit.context, anna, title="Board meeting", visibility=Visibility.PRIVATE)
    await publish(visit.context, visit.cast.sam, title="Shelter supper")
    page = read(await visit.page(f"/organizations/{visit.cast.pantry}"))
    assert page.words.startswith("River City Pantry · River City")
    said = (
        "Saturday, 6 March 2027 09:00 to 12:00 Bread day Cancelled. Town Hall · River City Pantry"
    )
    assert said in page.words
    assert f"http://hub.test/events/{off}" in page.links
    assert "Groups Drivers To drive." in page.words
    assert "City Table convener" in page.words
    assert "Board meeting" not in page.words
    assert "Shelter supper" not in page.words


async def test_a_group_shows_whose_it_is_and_its_dates(visit: Visit) -> None:
    anna = visit.cast.anna
    drivers = await start_group(visit.context, anna, "drivers", purpose="To drive.")
    vans = await start_group(visit.context, anna, "vans", parent_id=drivers)
    await publish(visit.context, anna, title="Van wash", group_id=drivers)
    page = read(await visit.page(f"/groups/{drivers}"))
    assert "of River City Pantry" in page.words
    assert "Van wash" in page.words
    assert "Groups in it Vans" in page.words
    part = read(await visit.page(f"/groups/{vans}"))
    assert "Part of Drivers" in part.words
    assert "No dates to come, for now." in part.words


async def test_an_alliance_shows_its_members_and_what_they_share(visit: Visit) -> None:
    table = visit.cast.city_table
    await publish(visit.context, visit.cast.sam, title="Supper for all", share_with=(table,))
    await publish(visit.context, visit.cast.sam, title="Supper of our own")
    page = read(await visit.page(f"/alliances/{table}"))
    assert "Nobody in River City goes to bed hungry." in page.words
    assert "Convened by River City Pantry" in page.words
    assert "Who is in it River City Pantry convener Harbor Shelter" in page.words
    assert "Members decide Its convener decides." in page.words
    assert "Co-hosts learn how many come, and not who." in page.words
    assert "Supper for all" in page.words
    assert "Supper of our own" not in page.words
    assert f"http://hub.test/organizations/{visit.cast.shelter}" in page.links


async def test_every_address_that_the_contract_gives_leads_to_its_page(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    group_id = await start_group(visit.context, visit.cast.anna, "drivers")
    asked = await visit.http.post(
        "/graphql",
        json={
            "query": "query($e: ID!, $g: ID!, $o: ID!, $a: ID!) { event(id: $e) { url links "
            "{ page ics jsonLd } } group(id: $g) { url } organization(id: $o) { url } "
            "alliance(id: $a) { url } }",
            "variables": {
                "e": event_id,
                "g": group_id,
                "o": visit.cast.pantry,
                "a": visit.cast.city_table,
            },
        },
    )
    data = asked.json()["data"]
    links = data["event"].pop("links")
    addresses = [*(each["url"] for each in data.values()), *links.values()]
    assert len(addresses) == 7
    for address in addresses:
        assert (await visit.get(address)).status_code == 200, address


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_hidden_unknown_or_no_id_is_the_same_page(visit: Visit, kind: str) -> None:
    hidden = {
        "events": await publish(
            visit.context, visit.cast.anna, visibility=Visibility.PRIVATE, title="Secret"
        ),
        "groups": await start_group(
            visit.context, visit.cast.anna, "secret", visibility=Visibility.PRIVATE
        ),
        "organizations": await hidden_library(visit),
        "alliances": visit.cast.pantry,  # an id, of another kind
    }[kind]
    unknown = hidden[:-12] + "x" + hidden[-11:]
    answers = [
        await visit.get(f"/{kind}/{name}")
        for name in (hidden, unknown, "soup", "%00", "a/b", "é", "")
    ]
    heads = [dict(answer.headers) for answer in answers]
    for head in heads:
        del head["x-request-id"]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert all(head == heads[0] for head in heads)
    page = read(answers[0].text)
    assert "Nothing here" in page.words
    assert page.metas["robots"] == "noindex"
    assert "Secret" not in answers[0].text


async def hidden_library(visit: Visit) -> str:
    ctx = visit.context(visit.cast.lee)
    private: organizations.OrganizationChanges = {"visibility": Visibility.PRIVATE}
    await organizations.update(ctx, visit.cast.library, 1, private)
    return visit.cast.library


async def test_a_page_shows_the_public_side_also_to_whoever_has_a_token(visit: Visit) -> None:
    """It may be kept by caches between, so it is the same for everybody; a bad token is no
    reason to show nothing."""
    event_id = await publish(visit.context, visit.cast.anna)
    path = f"/events/{event_id}"
    plain = await visit.get(path)
    assert (await visit.get(path, authorization="Bearer nonsense")).content == plain.content


@pytest.mark.parametrize("suffix", ["", ".ics", ".jsonld"])
async def test_asking_for_the_head_alone_gives_the_same_head(visit: Visit, suffix: str) -> None:
    path = f"/events/{await publish(visit.context, visit.cast.anna)}{suffix}"
    whole, head = await visit.get(path), await visit.http.head(path)
    assert head.status_code == 200
    for name in ("etag", "content-type", "content-length", "cache-control"):
        assert head.headers[name] == whole.headers[name]


async def test_a_page_is_read_and_not_written_to(visit: Visit) -> None:
    answer = await visit.http.post(f"/organizations/{visit.cast.pantry}")
    assert answer.status_code == 405
    assert answer.headers["allow"] in ("GET, HEAD", "HEAD, GET")


async def test_many_visitors_at_once_are_all_shown_the_page(visit: Visit) -> None:
    path = f"/organizations/{visit.cast.pantry}"
    answers = await asyncio.gather(*(visit.get(path) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


async def test_what_a_hidden_organization_holds_is_hidden_with_it(visit: Visit) -> None:
    """Its address was given out; the organization went private since."""
    event_id = await publish(visit.context, visit.cast.lee, title="Story hour")
    paths = [f"/events/{event_id}{suffix}" for suffix in ("", ".ics", ".jsonld")]
    assert {(await visit.get(path)).status_code for path in paths} == {200}
    await hidden_library(visit)
    assert {(await visit.get(path)).status_code for path in paths} == {404}


async def test_a_hub_that_is_too_busy_says_so_on_a_page(
    cast: Cast,
    context: MakeContext,
    database: Database,
    hub: LocalHub,
    clock: StandingClock,
    chance: SeededChance,
) -> None:
    event_id = await publish(context, cast.anna)
    one_at_a_time = {
        "CONVOKE_LIMIT_RUNNING_PER_ADDRESS": "1",
        "CONVOKE_LIMIT_WAITING_PER_PROCESSOR": "0",
    }
    async with visiting(cast, context, database, hub, clock, chance, **one_at_a_time) as visit:
        async with locked(database) as holder:
            first = asyncio.create_task(visit.get(f"/events/{event_id}"))
            await until_waiting(holder, 1)
            answer = await visit.get(f"/events/{event_id}")
            calendar = await visit.get(f"/events/{event_id}.ics")
        assert (await first).status_code == 200
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["cache-control"] == "no-store"
    assert "Try again in a moment." in read(answer.text).words
    assert calendar.status_code == 503


async def test_a_page_is_one_operation(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    group_id = await start_group(visit.context, visit.cast.anna, "drivers")
    asked: list[str | None] = []
    run = Operations.run

    async def counted(
        self: Operations, prepared: Prepared, context: object, request_id: str
    ) -> Answer:
        asked.append(prepared.name)
        return await run(self, prepared, context, request_id)

    monkeypatch.setattr(Operations, "run", counted)
    for path in (
        f"/events/{event_id}",
        f"/events/{event_id}.ics",
        f"/events/{event_id}.jsonld",
        f"/organizations/{visit.cast.pantry}",
        f"/groups/{group_id}",
        f"/alliances/{visit.cast.city_table}",
    ):
        asked.clear()
        assert (await visit.get(path)).status_code == 200
        assert len(asked) == 1, path
