"""Somebody's own page: their name, their language, their teams."""

import pytest
from sqlalchemy import insert, select, update

from domain.ids import Kind
from storage.tables import persons, team_members
from tests.conftest import Contents
from tests.web.account.conftest import Counter

HOME = "/account"


async def test_it_says_what_one_is_and_leads_on(counter: Counter) -> None:
    page = await counter.anna.open(HOME)
    assert "River City Pantry" in page.text
    assert "Harbor Shelter" not in page.text
    assert "Your role: owner." in page.text
    assert {
        "/account/security",
        "/account/sessions",
        "/account/connected",
        "/account/team/river-city-pantry",
        "/account/apps/river-city-pantry",
    } <= set(counter.anna.links)


async def test_an_editor_is_led_to_no_apps(counter: Counter) -> None:
    async with counter.desk.database.writing() as db:
        await db.execute(
            insert(team_members).values(
                id=counter.desk.names.new(Kind.TEAM_MEMBER),
                organization_id=counter.cast.library,
                person_id=counter.cast.anna_id,
                role="EDITOR",
                since=counter.desk.clock.now(),
            )
        )
    await counter.anna.open(HOME)
    assert "/account/team/northside-library" in counter.anna.links
    assert "/account/apps/northside-library" not in counter.anna.links


async def test_name_and_language_are_changed(counter: Counter) -> None:
    await counter.anna.open(HOME)
    answer = await counter.anna.send(
        counter.anna.form(f"{HOME}/profile"),
        displayName="  Anna   Okafor ",
        preferredLanguage="ar",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)
    page = await counter.anna.open(HOME)
    assert '<h1 dir="auto">Anna Okafor</h1>' in page.text
    assert '<option value="ar" lang="ar" selected>' in page.text
    async with counter.desk.database.reading() as db:
        found = await db.execute(
            select(persons.c.display_name, persons.c.preferred_language).where(
                persons.c.id == counter.cast.anna_id
            )
        )
        assert tuple(found.one()) == ("Anna Okafor", "ar")


async def test_a_language_of_few_is_kept(counter: Counter) -> None:
    async with counter.desk.database.writing() as db:
        await db.execute(update(persons).values(preferred_language="gsw-CH"))
    page = await counter.anna.open(HOME)
    assert '<option value="gsw-CH" lang="gsw-CH" selected>' in page.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"displayName": " "}, "write something here"),
        ({"displayName": "x" * 400}, "Shorten it"),
        ({"preferredLanguage": "<b>"}, "is no language tag"),
    ],
)
async def test_what_makes_no_sense_is_told_beside_its_field(
    counter: Counter, contents: Contents, fields: dict[str, str], said: str
) -> None:
    await counter.anna.open(HOME)
    before = await contents()
    answer = await counter.anna.send(counter.anna.form(f"{HOME}/profile"), **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert await contents() == before


async def test_a_name_is_shown_as_text(counter: Counter) -> None:
    await counter.anna.open(HOME)
    await counter.anna.send(
        counter.anna.form(f"{HOME}/profile"), displayName="<img src=x onerror=alert(1)>"
    )
    page = await counter.anna.open(HOME)
    assert "<img" not in page.text
