"""From a header to a viewer, as they stand at this very moment."""

import pytest
from sqlalchemy import delete, update
from starlette.datastructures import Headers

from auth.authenticate import viewer_of
from domain.actors import NOBODY, TeamRole, Viewer
from domain.alliances import AllianceStatus
from domain.errors import Unauthenticated
from domain.sharing import MembershipStatus
from storage import credentials
from storage.credential_tables import clients, grants
from storage.tables import alliance_members, alliances, team_members
from tests.auth.people import Office, bearer
from tests.outside import StandingClock


async def viewer(office: Office, token: str) -> Viewer:
    return await viewer_of(bearer(token), office.service.verifier, office.town.database)


async def refused(office: Office, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await viewer(office, token)
    return caught.value.message


async def person_token(office: Office, person: str, organization: str, *scopes: str) -> str:
    """As a sign-in will make it: the person consented, the app holds the token."""
    client_id = office.app.client.id
    grant_id = await office.town.consent(client_id, organization, person, *scopes)
    return office.service.mint.token(
        client_id=client_id,
        organization_id=organization,
        grant_id=grant_id,
        scopes=scopes,
        person_id=person,
    )


async def test_without_credentials_it_is_nobody(office: Office) -> None:
    verifier, database = office.service.verifier, office.town.database
    assert await viewer_of({}, verifier, database) == NOBODY
    assert await viewer_of(Headers(), verifier, database) == NOBODY


async def test_an_app_speaks_for_its_organization_without_a_role(office: Office) -> None:
    together = await office.town.alliance(office.town.pantry, office.town.shelter)
    assert await viewer(office, await office.token("events:read")) == Viewer(
        organization_id=office.town.pantry,
        client_id=office.app.client.id,
        scopes=frozenset({"events:read"}),
        alliance_ids=frozenset({together}),
    )


async def test_a_person_comes_with_role_alliances_and_groups(office: Office) -> None:
    town = office.town
    anna = await town.person("Anna", team=town.pantry)
    together = await town.alliance(town.pantry, town.shelter)
    cooks = await town.group(town.pantry, **{anna: MembershipStatus.ACTIVE})
    await town.group(town.pantry, **{anna: MembershipStatus.REQUESTED})
    token = await person_token(office, anna, town.pantry, "events:read", "alliances:agree")
    assert await viewer(office, token) == Viewer(
        organization_id=town.pantry,
        person_id=anna,
        role=TeamRole.EDITOR,
        client_id=office.app.client.id,
        scopes=frozenset({"events:read", "alliances:agree"}),
        alliance_ids=frozenset({together}),
        group_ids=frozenset({cooks}),
    )


@pytest.mark.parametrize("status", list(AllianceStatus))
async def test_an_alliance_counts_until_it_is_dissolved(
    office: Office, status: AllianceStatus
) -> None:
    together = await office.town.alliance(office.town.pantry, status=status)
    expected = frozenset() if status is AllianceStatus.DISSOLVED else frozenset({together})
    assert (await viewer(office, await office.token())).alliance_ids == expected


@pytest.mark.parametrize("status", list(MembershipStatus))
async def test_only_an_active_membership_counts(office: Office, status: MembershipStatus) -> None:
    together = await office.town.alliance(office.town.pantry, membership=status)
    expected = frozenset({together}) if status is MembershipStatus.ACTIVE else frozenset()
    assert (await viewer(office, await office.token())).alliance_ids == expected


async def test_leaving_an_alliance_bites_at_once(office: Office) -> None:
    together = await office.town.alliance(office.town.pantry)
    token = await office.token()
    assert (await viewer(office, token)).alliance_ids == {together}
    async with office.town.database.writing() as db:
        await db.execute(update(alliance_members).values(status=MembershipStatus.LEFT.value))
    assert (await viewer(office, token)).alliance_ids == frozenset()
    async with office.town.database.writing() as db:
        await db.execute(update(alliance_members).values(status=MembershipStatus.ACTIVE.value))
        await db.execute(update(alliances).values(status=AllianceStatus.DISSOLVED.value))
    assert (await viewer(office, token)).alliance_ids == frozenset()


async def test_a_revoked_app_is_out_at_once(office: Office) -> None:
    token = await office.token()
    await viewer(office, token)
    await office.desk.revoke(office.app.client.id)
    assert "revoked" in await refused(office, token)


async def test_a_person_who_left_the_team_is_out_at_once(office: Office) -> None:
    anna = await office.town.person("Anna", team=office.town.pantry)
    token = await person_token(office, anna, office.town.pantry, "events:read")
    await viewer(office, token)
    async with office.town.database.writing() as db:
        await db.execute(delete(team_members))
    assert "revoked" in await refused(office, token)


async def test_nobody_speaks_for_a_team_they_were_never_in(office: Office) -> None:
    sam = await office.town.person("Sam", team=office.town.shelter)
    token = await person_token(office, sam, office.town.pantry, "events:read")
    assert "revoked" in await refused(office, token)


async def test_a_grant_taken_back_ends_its_tokens_and_no_others(office: Office) -> None:
    anna = await office.town.person("Anna", team=office.town.pantry)
    hers = await person_token(office, anna, office.town.pantry, "events:read")
    machines = await office.token()
    async with office.town.database.writing() as db:
        await db.execute(
            update(grants).where(grants.c.person_id == anna).values(revoked_at=office.town.now)
        )
    assert "revoked" in await refused(office, hers)
    assert (await viewer(office, machines)).person_id is None


async def test_a_token_may_be_refused_before_its_time(office: Office, clock: StandingClock) -> None:
    denied, other = await office.token(), await office.token()
    jti = office.service.verifier.verified(denied).jti
    until = clock.now().replace(minute=5)
    for _ in range(2):  # twice is as good as once
        async with office.town.database.writing() as db:
            await credentials.deny_token(db, jti, until)
    assert "revoked" in await refused(office, denied)
    await viewer(office, other)


async def test_a_scope_taken_from_the_app_is_gone_at_once(office: Office) -> None:
    token = await office.token("events:read events:write")
    async with office.town.database.writing() as db:
        await db.execute(update(grants).values(scopes=["events:read"]))
    assert (await viewer(office, token)).scopes == {"events:read"}


async def test_a_grant_is_for_one_app_one_organization_and_one_person(office: Office) -> None:
    """A token of ours that mixes them was never issued; it counts for nothing."""
    anna = await office.town.person("Anna", team=office.town.pantry)
    other = await office.desk.register("shelter", "Shelter app")
    mine = office.service.verifier.verified(await office.token())
    good = {
        "client_id": mine.client_id,
        "organization_id": mine.organization_id,
        "grant_id": mine.grant_id,
        "scopes": ["events:read"],
    }
    mint = office.service.mint
    await viewer(office, mint.token(**good))  # type: ignore[arg-type]
    for wrong in (
        {"client_id": other.client.id},
        {"organization_id": office.town.shelter},
        {"grant_id": "grant_other"},
        {"person_id": anna},
    ):
        token = mint.token(**good | wrong)  # type: ignore[arg-type]
        assert "revoked" in await refused(office, token)


@pytest.mark.parametrize("credentials", ["Basic YTpi", "Bearer", "Bearer ", "token", "", " "])
async def test_bad_credentials_are_never_nobody(office: Office, credentials: str) -> None:
    headers = {"authorization": credentials}
    with pytest.raises(Unauthenticated, match="Bearer"):
        await viewer_of(headers, office.service.verifier, office.town.database)


async def test_the_name_of_the_scheme_may_be_written_in_any_case(office: Office) -> None:
    headers = Headers({"Authorization": f"bEARER  {await office.token()}"})
    found = await viewer_of(headers, office.service.verifier, office.town.database)
    assert found.client_id == office.app.client.id


async def test_two_authorization_headers_are_refused(office: Office) -> None:
    token = (await office.token()).encode()
    every = Headers(raw=[(b"authorization", b"Bearer " + token)] * 2)
    with pytest.raises(Unauthenticated, match="one Authorization"):
        await viewer_of(every, office.service.verifier, office.town.database)


async def test_a_key_another_process_brought_in_is_learned(
    office: Office, clock: StandingClock
) -> None:
    """Turned twice behind our back: the key that signs now was not yet the next one here."""
    from auth.service import TokenService
    from tests.auth.conftest import SECRET
    from tests.outside import SeededChance

    elsewhere = await TokenService.opened(
        base_url="http://hub.test",
        hub_name="",
        database=office.town.database,
        secret=SECRET,
        clock=clock,
        chance=SeededChance("elsewhere"),
    )
    for _ in range(2):
        await elsewhere.ring.turn()
    await elsewhere.ring.look()
    mine = office.service.verifier.verified(await office.token())
    token = elsewhere.mint.token(
        client_id=mine.client_id,
        organization_id=mine.organization_id,
        grant_id=mine.grant_id,
        scopes=["events:read"],
    )
    assert "not signed" in await refused(office, token), "we looked a moment ago"
    clock.forward(seconds=5)
    assert (await viewer(office, token)).client_id == mine.client_id


async def test_a_client_cannot_be_revived_by_its_grant(office: Office) -> None:
    token = await office.token()
    async with office.town.database.writing() as db:
        await db.execute(update(clients).values(revoked_at=office.town.now))
    assert "revoked" in await refused(office, token)
