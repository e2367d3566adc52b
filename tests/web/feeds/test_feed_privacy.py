"""What is not for everybody is in no feed, in no format, by no address."""

from collections.abc import AsyncIterator

import pytest

from domain.alliances import SharingPolicy
from domain.sharing import Visibility
from resolvers import alliances
from resolvers.alliances import NewAlliance
from resolvers.operating import operator_for
from tests.cast import publish, start_group
from tests.web.visiting import Visit

SHARED = (Visibility.UNLISTED, Visibility.ALLIANCE)  # what else may be shared with an alliance
ENDINGS = ("ics", "atom", "csv", "jsonld")


async def everything(visit: Visit, *paths: str) -> AsyncIterator[tuple[str, str]]:
    for path in paths:
        for ending in ENDINGS:
            if path == "/events" and ending == "jsonld":
                continue
            answer = await visit.get(f"{path}.{ending}")
            assert answer.status_code == 200, answer.text
            yield f"{path}.{ending}", answer.text


async def test_no_feed_has_what_is_not_public(visit: Visit) -> None:
    anna, table = visit.cast.anna, visit.cast.city_table
    drivers = await start_group(visit.context, anna, "drivers")
    await publish(visit.context, anna, title="Open to all", group_id=drivers, share_with=(table,))
    for visibility in Visibility:
        if visibility is not Visibility.PUBLIC:
            await publish(
                visit.context,
                anna,
                title=f"Hidden {visibility}",
                visibility=visibility,
                group_id=drivers,
                share_with=(table,) if visibility in SHARED else (),
            )
    await publish(
        visit.context,
        anna,
        title="Hidden draft",
        publish=False,
        group_id=drivers,
        share_with=(table,),
    )
    paths = (
        "/events",
        f"/organizations/{visit.cast.pantry}",
        f"/groups/{drivers}",
        f"/alliances/{table}",
    )
    async for path, text in everything(visit, *paths):
        assert "Open to all" in text, path
        assert "Hidden" not in text, path


async def test_no_feed_names_a_quiet_group_or_alliance(visit: Visit) -> None:
    anna = visit.cast.anna
    quiet = await alliances.create(
        visit.context(operator_for(visit.cast.pantry)),
        NewAlliance(
            convener_id=visit.cast.pantry,
            slug="quiet-table",
            name="Quiet Table",
            purpose="To talk.",
            visibility=Visibility.PRIVATE,
            sharing=SharingPolicy(default_event_visibility=Visibility.PUBLIC),
        ),
    )
    group = await start_group(visit.context, anna, "quiet", visibility=Visibility.PRIVATE)
    await publish(
        visit.context,
        anna,
        title="Open to all",
        share_with=(quiet,),
        group_id=group,
        visibility=Visibility.PUBLIC,
    )
    async for path, text in everything(visit, "/events", f"/organizations/{visit.cast.pantry}"):
        assert "Open to all" in text, path
        assert "Quiet" not in text, path


@pytest.mark.parametrize("ending", ENDINGS)
async def test_no_feed_tells_how_to_reach_a_person(visit: Visit, ending: str) -> None:
    await publish(visit.context, visit.cast.anna)
    text = (await visit.get(f"/organizations/{visit.cast.pantry}.{ending}")).text
    assert "Food drive" in text
    for hidden in ("anna@", "mailto:", "ORGANIZER", "ATTENDEE", "Anna"):
        assert hidden not in text
