"""A list's total is that of its own parent, for this viewer, whatever page of it is asked for."""

from typing import Any

from graphql import graphql

from domain.actors import Viewer
from domain.sharing import Visibility
from schema.root import graphql_schema
from tests import cast as people
from tests.cast import Cast, MakeContext

SCOPES = frozenset({"organizations:read", "groups:read", "events:read", "alliances:read"})
LISTS = """{
  organizations { nodes {
    slug groups { totalCount nodes { slug members { totalCount } subgroups { totalCount } } }
    events { totalCount } alliances { totalCount } team { totalCount } } totalCount }
  alliances { nodes { members(first: 1) { totalCount } events(first: 0) { totalCount }
    groups { totalCount } } totalCount }
  events { nodes { title hosts { totalCount } occurrences(from: "2027-03-01T00:00:00Z",
    to: "2027-05-01T00:00:00Z") { totalCount } } totalCount }
}"""


async def asked(context: MakeContext, viewer: Viewer) -> dict[str, Any]:
    answer = await graphql(graphql_schema._schema, LISTS, context_value=context(viewer))
    assert not answer.errors, answer.errors
    assert answer.data is not None
    return answer.data


async def test_each_parent_counts_its_own(context: MakeContext, cast: Cast) -> None:
    await made(context, cast)
    stranger = Viewer(organization_id=cast.library, client_id="app", scopes=SCOPES)
    shown = await asked(context, stranger)
    by_slug = {one["slug"]: one for one in shown["organizations"]["nodes"]}
    totals = {
        slug: (one["groups"]["totalCount"], one["events"]["totalCount"], one["team"]["totalCount"])
        for slug, one in by_slug.items()
    }
    assert totals == {
        "river-city-pantry": (2, 1, 0),
        "harbor-shelter": (1, 1, 0),
        "northside-library": (0, 0, 1),
    }
    assert by_slug["river-city-pantry"]["alliances"] == {"totalCount": 1}
    assert by_slug["northside-library"]["alliances"] == {"totalCount": 0}
    (table,) = shown["alliances"]["nodes"]
    assert table["members"] == {"totalCount": 2}
    assert table["events"] == {"totalCount": 0}
    dates = {e["title"]: e["occurrences"]["totalCount"] for e in shown["events"]["nodes"]}
    assert dates == {"Food drive": 1, "Soup night": 1}
    assert [e["hosts"]["totalCount"] for e in shown["events"]["nodes"]] == [1, 1]


async def test_what_one_may_not_see_is_not_counted(context: MakeContext, cast: Cast) -> None:
    await made(context, cast)
    shelter = Viewer(
        organization_id=cast.shelter,
        client_id="app",
        scopes=SCOPES,
        alliance_ids=frozenset({cast.city_table}),
    )
    shown = await asked(context, shelter)
    by_slug = {one["slug"]: one for one in shown["organizations"]["nodes"]}
    assert by_slug["river-city-pantry"]["events"] == {"totalCount": 2}
    assert by_slug["harbor-shelter"]["team"] == {"totalCount": 1}
    assert by_slug["river-city-pantry"]["team"] == {"totalCount": 0}
    assert shown["alliances"]["nodes"][0]["events"] == {"totalCount": 1}
    assert shown["events"]["totalCount"] == 3


async def made(context: MakeContext, town: Cast) -> None:
    """Two groups, one inside the other, and an event of each visibility that matters here."""
    crew = await people.start_group(context, town.pantry_app, "kitchen-crew")
    await people.start_group(context, town.pantry_app, "night-crew", parent_id=crew)
    await people.start_group(context, town.shelter_app, "door-crew")
    await people.publish(context, town.pantry_app)
    await people.publish(context, town.shelter_app, title="Soup night")
    await people.publish(
        context,
        town.pantry_app,
        title="Planning",
        visibility=Visibility.ALLIANCE,
        share_with=(town.city_table,),
    )
