"""A field that the token may not read is refused by name; the rest of the answer stands."""

from tests import cast
from tests.cast import MakeContext
from tests.journeys.conftest import RiverCity


async def test_the_field_is_refused_by_name_and_the_rest_is_answered(
    river_city: RiverCity, context: MakeContext
) -> None:
    await cast.publish(context, river_city.cast.pantry_app)
    token = await river_city.token("shelter", "organizations:read")
    answer = await river_city.ask(
        "{ organizations { nodes { slug } } events { nodes { title } } }", token
    )
    slugs = [node["slug"] for node in answer["data"]["organizations"]["nodes"]]
    assert slugs == ["harbor-shelter", "northside-library", "river-city-pantry"]
    assert answer["data"]["events"] == {"nodes": []}
    (error,) = answer["errors"]
    assert error["path"] == ["events"]
    assert error["extensions"]["code"] == "INSUFFICIENT_SCOPE"
    assert error["extensions"]["requiredScopes"] == [["events:read"]]
    assert error["extensions"]["missingScopes"] == ["events:read"]


async def test_contacts_need_their_own_scope_inside_a_thing_that_may_be_read(
    river_city: RiverCity,
) -> None:
    query = '{ organization(slug: "harbor-shelter") { name contact { email } } }'
    without = await river_city.token("shelter", "organizations:read")
    answer = await river_city.ask(query, without)
    assert answer["data"]["organization"] == {"name": "Harbor Shelter", "contact": None}
    assert answer["errors"][0]["extensions"]["missingScopes"] == ["contacts:read"]
    with_it = await river_city.token("shelter", "organizations:read", "contacts:read")
    shown = await river_city.data(query, with_it)
    assert shown["organization"]["contact"] == {"email": "sam@harbor-shelter.example"}


async def test_allies_know_each_others_contacts_and_strangers_do_not(
    river_city: RiverCity,
) -> None:
    query = '{ organization(slug: "harbor-shelter") { contact { email } } }'
    ally = await river_city.token("pantry", "organizations:read", "contacts:read")
    stranger = await river_city.token("library", "organizations:read", "contacts:read")
    assert (await river_city.data(query, ally))["organization"]["contact"] is not None
    assert (await river_city.data(query, stranger))["organization"]["contact"] is None


async def test_what_is_public_needs_no_token_and_a_mutation_does(river_city: RiverCity) -> None:
    shown = await river_city.data("{ organizations { totalCount } }")
    assert shown == {"organizations": {"totalCount": 3}}
    answer = await river_city.ask(
        """mutation ($pantry: ID!) { createEvent(input: {organization: $pantry, title: "Mine",
            startsAt: "2027-03-06T14:00:00Z", timeZone: "Europe/Berlin"}) {
            userErrors { code } } }""",
        pantry=river_city.cast.pantry,
    )
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await river_city.data("{ events { totalCount } }") == {"events": {"totalCount": 0}}


async def test_writing_a_draft_takes_less_than_publishing(river_city: RiverCity) -> None:
    token = await river_city.token("pantry", "events:read", "events:write")
    query = """mutation ($pantry: ID!, $publish: Boolean!) {
        createEvent(input: {organization: $pantry, title: "Soup night", publish: $publish,
            startsAt: "2027-03-06T18:00:00-05:00", timeZone: "America/Chicago"}) {
            event { publicationStatus startsAt } userErrors { code message } } }"""
    pantry = river_city.cast.pantry
    refused = await river_city.ask(query, token, pantry=pantry, publish=True)
    assert refused["data"] is None
    assert refused["errors"][0]["extensions"]["missingScopes"] == ["events:publish"]
    drafted = await river_city.data(query, token, pantry=pantry, publish=False)
    assert drafted["createEvent"] == {
        "event": {"publicationStatus": "DRAFT", "startsAt": "2027-03-06T17:00:00-06:00"},
        "userErrors": [],
    }
