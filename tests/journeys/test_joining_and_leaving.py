"""The Library comes into City Table, by its own answer and under its charter, shares an event, and
leaves: asked as its users ask it, in GraphQL."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert

from domain.actors import Viewer
from domain.ids import Names
from domain.rsvps import RsvpStatus
from domain.sharing import Visibility
from resolvers import memberships
from resolvers.memberships import ToDelete
from storage import consents
from storage.engine import Database
from storage.tables import event_hosts, occurrences, rsvps
from tests.cast import Cast, MakeContext, publish
from tests.conftest import Contents
from tests.outside import SeededChance, StandingClock
from tests.resolvers.coalition import SCOPES, Coalition, coalition_of

STANDING = "membership { id status nextActions isFinal missingAgreements { title } }"
ERRORS = "userErrors { code field message }"
PUBLISH = f"""mutation ($table: ID!) {{ publishAgreement(input: {{
    alliance: $table, title: "Charter", body: "Be kind." }}) {{
    agreement {{ id title versionNumber required }} {ERRORS} }} }}"""
INVITE = f"""mutation ($table: ID!, $library: ID!) {{
    done: inviteToAlliance(alliance: $table, organization: $library, message: "Come in.") {{
    {STANDING} {ERRORS} }} }}"""
ASK = f"""mutation ($table: ID!, $library: ID!) {{
    done: requestToJoinAlliance(alliance: $table, organization: $library) {{
    {STANDING} {ERRORS} }} }}"""
RESPOND = f"""mutation ($membership: ID!, $accept: Boolean!) {{
    done: respondToAllianceMembership(membership: $membership, accept: $accept) {{
    {STANDING} {ERRORS} }} }}"""
AGREE = f"""mutation ($charter: ID!, $library: ID!) {{
    done: acceptAgreement(agreement: $charter, organization: $library) {{
    {STANDING} {ERRORS} }} }}"""
SUSPEND = f"""mutation ($membership: ID!) {{
    done: suspendAllianceMember(membership: $membership, reason: "No news.") {{
    {STANDING} {ERRORS} }} }}"""
REINSTATE = f"""mutation ($membership: ID!) {{
    done: reinstateAllianceMember(membership: $membership) {{ {STANDING} {ERRORS} }} }}"""
REMOVE = f"""mutation ($membership: ID!) {{
    done: removeAllianceMember(membership: $membership, reason: "For good.") {{
    {STANDING} {ERRORS} }} }}"""
LEAVE = f"""mutation ($membership: ID!) {{ done: leaveAlliance(membership: $membership,
    reason: "We have enough to do.") {{ {STANDING} {ERRORS} }} }}"""
TABLE = """{ alliance(slug: "city-table") { status members { totalCount nodes {
    organization { name } role status message nextActions isFinal missingAgreements { title } } }
    agreements { title acceptances {
    totalCount nodes { organization { name } versionNumber } } } } }"""


@pytest.fixture
async def coalition(context: MakeContext, cast: Cast, database: Database) -> Coalition:
    return await coalition_of(context, cast, database)


def standing(done: Mapping[str, Any]) -> tuple[str, list[str], bool, list[str]]:
    found = done["done"]
    assert found["userErrors"] == []
    told = found["membership"]
    missing = [one["title"] for one in told["missingAgreements"]]
    return told["status"], told["nextActions"], told["isFinal"], missing


async def test_from_invitation_to_departure(coalition: Coalition) -> None:
    anna, lee, cast = coalition.anna, coalition.lee, coalition.cast
    ids = {"table": cast.city_table, "library": cast.library}
    published = (await coalition.do(anna, PUBLISH, table=cast.city_table))["publishAgreement"]
    assert published["userErrors"] == []
    charter = published["agreement"]["id"]
    assert published["agreement"]["versionNumber"] == 1

    invited = await coalition.do(anna, INVITE, **ids)
    membership = invited["done"]["membership"]["id"]
    respond = ["respondToAllianceMembership"]
    assert standing(invited) == ("INVITED", respond, False, ["Charter"])
    accepted = await coalition.do(lee, RESPOND, membership=membership, accept=True)
    pending = ["acceptAgreement", "leaveAlliance"]
    assert standing(accepted) == ("PENDING_AGREEMENT", pending, False, ["Charter"])
    agreed = await coalition.do(lee, AGREE, charter=charter, library=cast.library)
    assert standing(agreed) == ("ACTIVE", ["leaveAlliance"], False, [])

    told = (await coalition.ask(lee, TABLE))["alliance"]
    assert told["members"]["totalCount"] == 3
    library = next(
        one for one in told["members"]["nodes"] if "Library" in one["organization"]["name"]
    )
    assert (library["role"], library["message"]) == ("MEMBER", "Come in.")
    stranger = Viewer("org_stranger", client_id="app", scopes=SCOPES)
    # What was said with the invitation is not for everybody who may know of the member.
    public = (await coalition.ask(stranger, TABLE))["alliance"]
    assert public["members"]["totalCount"] == 3
    assert {one["message"] for one in public["members"]["nodes"]} == {None}
    assert told["agreements"][0]["acceptances"] == {
        "totalCount": 1,
        "nodes": [{"organization": {"name": "Northside Library"}, "versionNumber": 1}],
    }

    aside = await coalition.do(anna, SUSPEND, membership=membership)
    assert standing(aside)[:2] == (
        "SUSPENDED",
        ["reinstateAllianceMember", "removeAllianceMember"],
    )
    back = await coalition.do(anna, REINSTATE, membership=membership)
    assert standing(back)[0] == "ACTIVE"
    gone = await coalition.do(lee, LEAVE, membership=membership)
    assert standing(gone) == ("LEFT", [], True, [])
    assert (await coalition.ask(lee, TABLE))["alliance"]["members"]["totalCount"] == 2


async def test_refusals_are_data_with_the_way_out(coalition: Coalition, contents: Contents) -> None:
    lee, cast = coalition.lee, coalition.cast
    shelter = (await coalition.of(cast.shelter)).id
    before = await contents()
    ids = {"table": cast.city_table, "library": cast.library}
    for viewer, mutation, variables, code, field, says in (
        (lee, ASK, ids, "FORBIDDEN", ["alliance"], "inviteToAlliance"),
        (lee, INVITE, ids, "FORBIDDEN", ["alliance"], "convener"),
        (lee, LEAVE, {"membership": shelter}, "FORBIDDEN", ["membership"], "owners and admins"),
        (lee, LEAVE, {"membership": "alm_1"}, "NOT_FOUND", ["membership"], "no such membership"),
        (
            coalition.dana,
            RESPOND,
            {"membership": shelter, "accept": False},
            "INVALID_TRANSITION",
            ["membership"],
            "leaveAlliance",
        ),
        (coalition.dana, REMOVE, {"membership": shelter}, "FORBIDDEN", ["membership"], "convener"),
        (
            lee,
            AGREE,
            {"charter": "agr_1", "library": cast.library},
            "NOT_FOUND",
            ["agreement"],
            "no such agreement",
        ),
    ):
        done = (await coalition.do(viewer, mutation, **variables))["done"]
        assert done["membership"] is None
        (refusal,) = done["userErrors"]
        assert (refusal["code"], refusal["field"]) == (code, field)
        assert says in refusal["message"]
    assert await contents() == before


async def test_who_leaves_learns_what_each_side_holds_of_people_who_came(
    coalition: Coalition,
    context: MakeContext,
    database: Database,
    clock: StandingClock,
    chance: SeededChance,
) -> None:
    cast = coalition.cast
    invitation = await coalition.invite_library()
    await memberships.respond(context(coalition.lee), invitation, True)
    shared = {"visibility": Visibility.ALLIANCE, "share_with": (cast.city_table,)}
    supper = await publish(context, coalition.anna, title="Supper", **shared)
    alone = await publish(context, coalition.anna, title="Inventory")
    names = Names("hub.test", clock, chance)
    answers = {}
    async with database.writing() as db:
        for number, event in enumerate((supper, alone)):
            date = await db.scalar(
                occurrences.select()
                .with_only_columns(occurrences.c.id)
                .where(occurrences.c.event_id == event)
            )
            host = {"event_id": event, "organization_id": cast.library, "role": "CO_HOST"}
            times = event_hosts.select().where(event_hosts.c.event_id == event)
            kept = (await db.execute(times)).mappings().one()
            unkept = {"id", "organization_id", "role"}
            copied = {name: value for name, value in kept.items() if name not in unkept}
            await db.execute(
                insert(event_hosts).values(**copied | host, id=f"evh_{number}@hub.test")
            )
            answers[event] = f"rsv_{number}@hub.test"
            await db.execute(
                insert(rsvps).values(
                    id=answers[event],
                    event_id=event,
                    occurrence_id=date,
                    guest_name="Kim",
                    status=RsvpStatus.ACCEPTED,
                    additional_guests=0,
                    created_at=clock.now(),
                    updated_at=clock.now(),
                )
            )
            await consents.agree(db, names, answers[event], {cast.library: "Yes."}, clock.now())
    async with database.reading() as db:
        both = [
            await memberships.data_to_delete(db, one, cast.city_table)
            for one in (cast.library, cast.pantry)
        ]
        assert await memberships.data_to_delete(db, cast.shelter, cast.city_table) == []
    assert both == [[ToDelete(answers[supper], supper, cast.library)]] * 2
