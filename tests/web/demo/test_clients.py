"""Each organization's app: its secret is kept, and made anew only where it no longer works."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from auth.scopes import FOR_MACHINES
from tests.web.demo.conftest import URL, Merrow
from web.demo import clients
from web.demo.clients import App
from web.demo.coalition import PACTS
from web.demo.voices import VOICES


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "demo.json"


async def of_organizations(merrow: Merrow) -> int:
    """How many apps there are, without what comes with every hub."""
    return sum(bool(one.organization_id) for one in await merrow.desk.list_of())


def content(file: Path) -> bytes:
    return file.read_bytes()


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def spoil(file: Path, damage: str) -> None:
    if damage:
        file.write_text(damage)
    else:
        file.unlink()


async def registered(merrow: Merrow, file: Path) -> dict[str, App]:
    found = await clients.apps(merrow.desk, merrow.known, file)
    clients.write(file, [clients.of_hub(URL, merrow.known, found)])
    return {app.slug: app for app in found}


async def gets_a_token(merrow: Merrow, client_id: str, secret: str) -> bool:
    answer = await merrow.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, secret)
    )
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


async def test_the_file_says_everything_that_a_partner_needs(merrow: Merrow, file: Path) -> None:
    await registered(merrow, file)
    assert mode(file) == 0o600
    said = json.loads(content(file))
    assert list(said) == ["hubs"]
    (hub,) = said["hubs"]
    assert list(hub) == ["url", "organizations", "alliances"]
    assert hub["url"] == URL
    assert [one["slug"] for one in hub["organizations"]] == [voice.slug for voice in VOICES]
    for one in hub["organizations"]:
        assert list(one) == ["slug", "id", "clientId", "clientSecret", "scopes"]
        assert one["id"] == merrow.known.organizations[one["slug"]]
        assert one["scopes"] == list(FOR_MACHINES)
        assert await gets_a_token(merrow, one["clientId"], one["clientSecret"])
    assert hub["alliances"] == [
        {
            "slug": pact.slug,
            "id": merrow.known.alliances[pact.slug],
            "members": sorted([pact.convener, *pact.members]),
        }
        for pact in PACTS
    ]


async def test_a_second_start_keeps_every_secret(merrow: Merrow, file: Path) -> None:
    await registered(merrow, file)
    before = content(file)
    merrow.clock.forward(days=3)
    await registered(merrow, file)
    assert content(file) == before
    assert await of_organizations(merrow) == len(VOICES)


@pytest.mark.parametrize(
    "damage", ["", "null", "{", '{"hubs": 7}', '{"hubs": [{"organizations": [1]}]}']
)
async def test_where_the_file_was_lost_the_apps_get_new_secrets(
    merrow: Merrow, file: Path, damage: str
) -> None:
    before = await registered(merrow, file)
    spoil(file, damage)
    after = await registered(merrow, file)
    lantern, again = before["lantern-house"], after["lantern-house"]
    assert (again.client_id, again.secret != lantern.secret) == (lantern.client_id, True)
    assert await gets_a_token(merrow, again.client_id, again.secret)
    assert not await gets_a_token(merrow, lantern.client_id, lantern.secret)
    assert await of_organizations(merrow) == len(VOICES)


async def test_a_secret_that_was_changed_behind_the_file_is_changed_once_more(
    merrow: Merrow, file: Path
) -> None:
    before = (await registered(merrow, file))["silver-tide"]
    await merrow.desk.rotate(before.client_id, timedelta(0))
    merrow.clock.forward(seconds=1)
    after = await registered(merrow, file)
    assert after["silver-tide"].client_id == before.client_id
    assert await gets_a_token(merrow, before.client_id, after["silver-tide"].secret)


async def test_an_app_that_was_revoked_is_followed_by_another(merrow: Merrow, file: Path) -> None:
    before = (await registered(merrow, file))["radio-maree"]
    await merrow.desk.revoke(before.client_id)
    after = (await registered(merrow, file))["radio-maree"]
    assert after.client_id != before.client_id
    assert await gets_a_token(merrow, after.client_id, after.secret)


async def test_an_app_that_somebody_registered_beside_it_is_left_alone(
    merrow: Merrow, file: Path
) -> None:
    theirs = await merrow.desk.register("radio-maree", "Our site")
    await registered(merrow, file)
    assert await gets_a_token(merrow, theirs.client.id, theirs.secret)
