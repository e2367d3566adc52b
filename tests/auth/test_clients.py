"""The operator's desk: apps registered, given new secrets, revoked and listed."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from auth.clients import SECRET_PREFIX, Apps
from auth.desk import digest_of
from auth.scopes import DEFAULT
from domain.errors import Invalid, NotFound, Problem
from storage.credential_tables import client_secrets, clients, grants
from storage.tables import audit_entries
from tests.auth.people import Town
from tests.outside import StandingClock


async def rows(town: Town, table: Table) -> list[dict[str, Any]]:
    async with town.database.reading() as db:
        return [dict(row) for row in (await db.execute(select(table))).mappings()]


async def refused(town: Town, wish: Awaitable[object], problem: type[Problem]) -> str:
    """The message; and nothing was written."""
    tables = (clients, client_secrets, grants, audit_entries)
    before = [await rows(town, table) for table in tables]
    with pytest.raises(problem) as caught:
        await wish
    assert [await rows(town, table) for table in tables] == before
    return caught.value.message


async def test_an_app_is_registered_with_one_secret_of_which_a_digest_is_kept(
    town: Town, desk: Apps
) -> None:
    made = await desk.register("pantry", "  Pantry\n website ", ["events:write", "events:read"])
    assert made.client.name == "Pantry website"
    assert made.client.organization_id == town.pantry
    assert made.client.scopes == ("events:read", "events:write")
    assert made.client.id.replace("_", "").replace("-", "").isalnum()
    assert made.secret.startswith(SECRET_PREFIX)
    assert len(made.secret) == len(SECRET_PREFIX) + 43
    (secret,) = await rows(town, client_secrets)
    assert (secret["digest"], secret["expires_at"]) == (digest_of(made.secret), None)
    for table in (clients, client_secrets, grants, audit_entries):
        assert made.secret[len(SECRET_PREFIX) :] not in str(await rows(town, table))


async def test_without_scopes_an_app_may_read(desk: Apps) -> None:
    assert (await desk.register("pantry", "Reader")).client.scopes == DEFAULT


async def test_two_apps_may_bear_one_name_and_are_two(desk: Apps) -> None:
    one, two = await desk.register("pantry", "App"), await desk.register("pantry", "App")
    assert one.client.id != two.client.id
    assert one.secret != two.secret


@pytest.mark.parametrize(
    ("organization", "name", "scopes", "problem", "says"),
    [
        ("nowhere", "App", DEFAULT, NotFound, "nowhere"),
        ("pantry", "  ", DEFAULT, Invalid, "name"),
        ("pantry", "App", ["events:all"], Invalid, "events:all"),
        ("pantry", "App", [], Invalid, "at least one"),
        ("pantry", "App", ["events:read", "alliances:agree"], Invalid, "alliances:agree"),
        ("pantry", "App", ["organization:admin"], Invalid, "without a person"),
        ("pantry", "App", ["attendance:read"], Invalid, "attendance:read"),
        ("pantry", "App", ["federation:sync"], Invalid, "federation:sync"),
        ("pantry", "App", ["openid"], Invalid, "openid"),
    ],
)
async def test_what_cannot_be_registered_is_refused_by_name(
    town: Town,
    desk: Apps,
    organization: str,
    name: str,
    scopes: list[str],
    problem: type[Problem],
    says: str,
) -> None:
    assert says in await refused(town, desk.register(organization, name, scopes), problem)


async def test_everything_the_operator_does_is_in_the_audit_without_any_secret(
    town: Town, desk: Apps, clock: StandingClock
) -> None:
    made = await desk.register("pantry", "App", ["events:read"])
    new = await desk.rotate(made.client.id, timedelta(hours=1))
    for _ in range(2):
        await desk.revoke(made.client.id)
    entries = await rows(town, audit_entries)
    assert [entry["action"] for entry in entries] == [
        "client.register",
        "client.rotate",
        "client.revoke",
    ]
    for entry in entries:
        assert entry["organization_id"] == town.pantry
        assert entry["client_id"] == made.client.id
        assert entry["request_id"] == "req_of_the_operator"
        assert entry["at"] == clock.now()
        assert made.secret not in str(entry)
        assert new.secret not in str(entry)


async def test_a_new_secret_leaves_the_old_one_for_the_overlap(
    town: Town, desk: Apps, clock: StandingClock
) -> None:
    made = await desk.register("pantry", "App")
    new = await desk.rotate(made.client.id, timedelta(hours=3))
    assert new.secret != made.secret
    ends = {row["digest"]: row["expires_at"] for row in await rows(town, client_secrets)}
    assert ends == {
        digest_of(made.secret): clock.now() + timedelta(hours=3),
        digest_of(new.secret): None,
    }


async def test_changing_again_does_not_lengthen_the_life_of_an_old_secret(
    town: Town, desk: Apps, clock: StandingClock
) -> None:
    made = await desk.register("pantry", "App")
    start = clock.now()
    second = await desk.rotate(made.client.id, timedelta(hours=1))
    clock.forward(minutes=30)
    third = await desk.rotate(made.client.id, timedelta(hours=10))
    ends = {row["digest"]: row["expires_at"] for row in await rows(town, client_secrets)}
    assert ends == {
        digest_of(made.secret): start + timedelta(hours=1),
        digest_of(second.secret): clock.now() + timedelta(hours=10),
        digest_of(third.secret): None,
    }
    clock.forward(hours=20)
    await desk.rotate(made.client.id, timedelta(0))
    assert len(await rows(town, client_secrets)) == 2, "those that ended are forgotten"


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=31)])
async def test_an_overlap_without_sense_is_refused(
    town: Town, desk: Apps, overlap: timedelta
) -> None:
    made = await desk.register("pantry", "App")
    assert "720 hours" in await refused(town, desk.rotate(made.client.id, overlap), Invalid)


async def test_a_revoked_app_has_no_secret_and_gets_no_new_one(town: Town, desk: Apps) -> None:
    made = await desk.register("pantry", "App")
    other = await desk.register("pantry", "Other")
    revoked = await desk.revoke(made.client.id)
    assert revoked.revoked_at is not None
    assert await desk.revoke(made.client.id) == revoked
    assert [row["client_id"] for row in await rows(town, client_secrets)] == [other.client.id]
    assert "register another" in await refused(town, desk.rotate(made.client.id), Invalid)


async def test_an_unknown_app_is_said_to_be_unknown(town: Town, desk: Apps) -> None:
    for wish in (desk.rotate("app_x"), desk.revoke("app_x")):
        assert "app_x" in await refused(town, wish, NotFound)


async def test_a_secret_changed_and_an_app_revoked_at_once_leave_it_revoked(
    town: Town, desk: Apps
) -> None:
    made = await desk.register("pantry", "App")
    await asyncio.gather(
        *(desk.rotate(made.client.id) for _ in range(5)),
        desk.revoke(made.client.id),
        *(desk.rotate(made.client.id) for _ in range(5)),
        return_exceptions=True,
    )
    assert await rows(town, client_secrets) == []
    (client,) = await desk.list_of("pantry")
    assert client.revoked_at is not None


async def test_the_list_is_of_one_organization_or_of_all_the_newest_first(
    town: Town, desk: Apps, clock: StandingClock
) -> None:
    names = []
    for slug in ("pantry", "shelter", "pantry"):
        clock.forward(minutes=1)
        names.append((await desk.register(slug, f"App of {slug}")).client.id)
    assert [client.id for client in await desk.list_of()] == names[::-1]
    assert [client.id for client in await desk.list_of("pantry")] == [names[2], names[0]]
    with pytest.raises(NotFound):
        await desk.list_of("nowhere")
