"""The apps a person has let in, and letting them in no longer."""

import pytest
from sqlalchemy import delete, select

from auth import consents
from auth.authenticate import viewer_of
from domain.errors import NotFound, Unauthenticated
from storage import authorizations
from storage.credential_tables import grants
from storage.tables import audit_entries, team_members
from tests.auth.letting_in import Doorstep, error_of
from tests.auth.people import bearer
from tests.conftest import Contents
from tests.outside import StandingClock


async def test_apps_are_shown_as_they_were_let_in(doorstep: Doorstep, clock: StandingClock) -> None:
    first = clock.now()
    await doorstep.allowed(scope="openid events:read")
    clock.forward(hours=1)
    await doorstep.allowed(doorstep.phone, scope="events:read")
    clock.forward(hours=1)
    tokens = await doorstep.tokens(scope="openid events:write")
    shown = await consents.of_person(doorstep.office.desk, doorstep.anna)
    assert [one.client.name for one in shown] == ["Shelter website", "Shelter on the phone"]
    website = shown[0]
    assert website.client.organization_name == "Shelter"
    assert (website.organization.organization_id, website.organization.name) == (
        doorstep.pantry,
        "Pantry",
    )
    assert website.scopes == ("openid", "events:read", "events:write")
    assert (website.since, website.last_used_at) == (first, clock.now())
    assert len(website.grant_ids) == 2
    assert shown[1].last_used_at is None
    assert tokens["scope"] == "openid events:write"
    assert await consents.of_person(doorstep.office.desk, doorstep.sam) == []


async def test_what_is_over_is_not_shown(doorstep: Doorstep, clock: StandingClock) -> None:
    await doorstep.allowed()
    await doorstep.allowed(doorstep.phone)
    await doorstep.office.desk.revoke("app_website")
    shown = await consents.of_person(doorstep.office.desk, doorstep.anna)
    assert [one.client.id for one in shown] == ["app_phone"]
    clock.forward(days=180)
    assert await consents.of_person(doorstep.office.desk, doorstep.anna) == []


async def test_ending_one_ends_all_it_holds_at_once(doorstep: Doorstep) -> None:
    office = doorstep.office
    first, second = await doorstep.tokens(), await doorstep.tokens()
    code = await doorstep.code()
    others = await doorstep.tokens(doorstep.phone)
    sams = await doorstep.tokens(by=doorstep.sam, team=office.town.shelter)
    await consents.end(office.desk, doorstep.anna, "app_website", doorstep.pantry)
    for tokens in (first, second):
        with pytest.raises(Unauthenticated):
            await viewer_of(
                bearer(tokens["access_token"]), office.service.verifier, office.town.database
            )
        assert error_of(await doorstep.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert error_of(await doorstep.redeem(code)) == (400, "invalid_grant")
    for tokens in (others, sams):
        await viewer_of(
            bearer(tokens["access_token"]), office.service.verifier, office.town.database
        )
    shown = await consents.of_person(office.desk, doorstep.anna)
    assert [one.client.id for one in shown] == ["app_phone"]
    async with office.town.database.reading() as db:
        why = select(grants.c.revoked_why).where(grants.c.revoked_at.is_not(None))
        assert set(await db.scalars(why)) == {"PERSON"}
        noted = select(audit_entries.c.person_id).where(audit_entries.c.action == "consent.ended")
        assert list(await db.scalars(noted)) == [doorstep.anna.person_id]


async def test_what_is_not_connected_is_not_ended(doorstep: Doorstep, contents: Contents) -> None:
    await doorstep.allowed()
    before = await contents()
    for session, client, team in (
        (doorstep.sam, "app_website", doorstep.pantry),
        (doorstep.anna, "app_phone", doorstep.pantry),
        (doorstep.anna, "app_website", doorstep.office.town.shelter),
    ):
        with pytest.raises(NotFound):
            await consents.end(doorstep.office.desk, session, client, team)
    assert await contents() == before


async def test_whoever_leaves_and_comes_back_lets_apps_in_anew(
    doorstep: Doorstep, clock: StandingClock
) -> None:
    """What leaving a team calls, in its own transaction."""
    tokens = await doorstep.tokens()
    async with doorstep.office.town.database.writing() as db:
        ended = await authorizations.end_of_person(
            db,
            doorstep.anna.person_id,
            "ORGANIZATION",
            clock.now(),
            organization_id=doorstep.pantry,
        )
    assert len(ended) == 1
    assert error_of(await doorstep.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_an_app_is_not_shown_for_a_team_that_was_left(doorstep: Doorstep) -> None:
    await doorstep.allowed()
    async with doorstep.office.town.database.writing() as db:
        await db.execute(delete(team_members))
    assert await consents.of_person(doorstep.office.desk, doorstep.anna) == []
