"""The Pantry cooks and the Shelter sings, both for City Table. At each door lies a sheet of paper: it
is printed, ticked and written on with a pen, and typed in again. What the alliance is told of it
afterwards is what the two sheets say, with nobody counted twice."""

import asyncio
import csv
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import Viewer
from resolvers import rsvps
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import outgoing_mail
from tests.cast import MakeContext, publish
from tests.journeys.conftest import RiverCity
from tests.outside import StandingClock
from web.commands import main

ANSWER = """mutation ($input: RsvpInput!) {
  rsvp(input: $input) { userErrors { code message } } }"""
FIGURES = """eventsHeld coHostedEvents peopleConnected newConnections
  crossOrganizationConnections firstTimers returnRate turnout coverage"""
OF_ALLIANCE = f"""query ($id: ID!, $from: Date!, $to: Date!) {{
  alliance(id: $id) {{ impact(from: $from, to: $to) {{ {FIGURES} }} }} }}"""
OF_ORGANIZATION = f"""query ($id: ID!, $from: Date!, $to: Date!) {{
  organization(id: $id) {{ impact(from: $from, to: $to) {{ {FIGURES} }} }} }}"""
LINK = re.compile(r"(/rsvp/confirm)\?token=(\S+)")
A_DAY = timedelta(days=1)

Run = Callable[..., Any]


@pytest.fixture
def run(
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """./convoke with these words, by the operator of this hub: what it prints."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CONVOKE_DATA", str(tmp_path / "data"))

    def convoke(*words: str) -> str:
        with pytest.raises(SystemExit) as leaving:
            main(words)
        out, err = capsys.readouterr()
        assert (leaving.value.code, err) == (0, "")
        return out

    async def elsewhere(*words: str) -> str:
        return await asyncio.to_thread(convoke, *words)  # a command has a loop of its own

    return elsewhere


async def signs_up(city: RiverCity, database: Database, event_id: str, name: str, at: str) -> None:
    """A guest without an account, who follows the link in the letter that is sent."""
    given = {"event": event_id, "guestName": name, "guestEmail": at}
    data = await city.data(ANSWER, input=given)
    assert data["rsvp"]["userErrors"] == []
    letters = select(outgoing_mail.c.text).where(outgoing_mail.c.to == at)
    async with database.reading() as db:
        (letter,) = [text for text in await db.scalars(letters) if LINK.search(text)][-1:]
    link = LINK.search(letter)
    assert link is not None
    answer = await city.http.post(link[1], data={"token": link[2]})
    assert answer.status_code in {200, 303}, answer.text


def with_a_pen(printed: str, ticks: Mapping[str, str], *walked_in: tuple[str, str]) -> str:
    """The sheet as it comes back: a mark before the names, and more names on its empty lines."""
    lines = list(csv.reader(StringIO(printed.removeprefix("\ufeff"))))
    names = {line[1] for line in lines[2:] if line[1]}
    assert names == set(ticks)
    for line in lines[2:]:
        line[0] = ticks.get(line[1], "")
    empty = [line for line in lines[2:] if not any(line)]
    assert len(empty) >= len(walked_in)
    for line, (name, party) in zip(empty, walked_in, strict=False):
        line[:3] = ["x", name, party]
    out = StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue()


async def test_people_connected_are_those_who_stand_on_the_sheets(
    river_city: RiverCity,
    context: MakeContext,
    database: Database,
    clock: StandingClock,
    run: Run,
    tmp_path: Path,
) -> None:
    cast = river_city.cast
    # Commands go by the clock on the wall, so this evening is tonight.
    clock.at = now = datetime.now(UTC)

    async def evening(viewer: Viewer, title: str, starts: datetime) -> str:
        times = {"starts_at": starts, "ends_at": starts + timedelta(minutes=30)}
        return await publish(
            context, viewer, title=title, share_with=(cast.city_table,), time_zone="UTC", **times
        )

    soup = await evening(cast.anna, "Soup for all", now + timedelta(minutes=10))
    songs = await evening(cast.shelter_app, "Songs at the Shelter", now + timedelta(minutes=50))

    # Two with an account and three with an address come to both. The second time Mei's telephone
    # writes her address with a capital letter.
    for event_id, mei in ((soup, "mei@home.example"), (songs, "Mei@home.example")):
        for person in (cast.lee, cast.sam):
            await rsvps.answer(context(person), NewRsvp(event_id=event_id))
        for name, address in (
            ("Mei", mei), ("Ana", "ana@home.example"), ("Noor", "noor@home.example")
        ):  # fmt: skip
            await signs_up(river_city, database, event_id, name, address)
    await signs_up(river_city, database, soup, "Kim", "kim@home.example")

    # Kim stayed at home. Rosa walked in, and Old Tom did with two whose names nobody wrote down.
    here: dict[str, str] = dict.fromkeys(("Lee", "Sam", "Mei", "Ana", "Noor"), "x")
    sheet = with_a_pen(
        await run("attendees", "sheet", soup), here | {"Kim": "no"}, ("Old Tom", "3"), ("Rosa", "")
    )
    (tmp_path / "soup.csv").write_text(sheet, encoding="utf-8")
    assert await run("attendees", "check-in", str(tmp_path / "soup.csv")) == (
        "6 checked in, 2 walked in, 0 as before.\n"
    )
    # At the Shelter's door as well there was an Old Tom. Nothing says that he is the same one.
    sheet = with_a_pen(
        await run("attendees", "sheet", songs), here, ("Old Tom", "1"), ("Iris", ""), ("Jo", "")
    )
    (tmp_path / "songs.csv").write_text(sheet, encoding="utf-8")
    assert await run("attendees", "check-in", str(tmp_path / "songs.csv")) == (
        "5 checked in, 3 walked in, 0 as before.\n"
    )
    # Somebody types the same sheet in again: it says what it said.
    assert await run("attendees", "check-in", str(tmp_path / "songs.csv")) == (
        "0 checked in, 0 walked in, 8 as before.\n"
    )

    clock.at = now + timedelta(hours=2)
    days = {"from": f"{(now - A_DAY).date()}", "to": f"{(now + A_DAY).date()}"}
    pantry, shelter = await river_city.token("pantry"), await river_city.token("shelter")

    async def impact(token: str, query: str, of: str) -> dict[str, Any]:
        data = await river_city.data(query, token, id=of, **days)
        (thing,) = data.values()
        found: dict[str, Any] = thing["impact"]
        return found

    # Each host is told exactly: seven and eight names, and every two of them met.
    of_soup = await impact(pantry, OF_ORGANIZATION, cast.pantry)
    assert (of_soup["peopleConnected"], of_soup["newConnections"]) == (7, 21)
    assert of_soup["turnout"] == round(7 / 8, 4)  # Kim
    of_songs = await impact(shelter, OF_ORGANIZATION, cast.shelter)
    assert (of_songs["peopleConnected"], of_songs["newConnections"]) == (8, 28)
    assert of_songs["turnout"] == 1

    # Five were at both, so the alliance connected ten people and not fifteen; their ten pairs were
    # no longer new at the Shelter, which leaves 39. Members are told in steps of five.
    for member in (pantry, shelter):
        assert await impact(member, OF_ALLIANCE, cast.city_table) == {
            "eventsHeld": 2,
            "coHostedEvents": 0,
            "peopleConnected": 10,
            "newConnections": 35,
            # Iris, Jo and that Old Tom came first through the Shelter, the five through the Pantry.
            "crossOrganizationConnections": 15,
            "firstTimers": 10,
            "returnRate": 0.5,
            "turnout": 1.0,
            "coverage": 1.0,
        }
