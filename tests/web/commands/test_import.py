"""./convoke import ics, as somebody at a terminal uses it: from a file, and from an address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.errors import Problem
from federation.client import OutgoingClient, OutgoingSettings
from storage.engine import Database
from storage.tables import events, import_sources
from tests.web.commands.conftest import Terminal
from web.commands._calendar_file import Asked
from web.commands._import_report import Done, shown
from web.commands.import_ import imported

CALENDAR = Path(__file__).parents[2] / "data" / "import_pantry.ics"
FILE = str(CALENDAR)
PANTRY = ("--organization", "pantry")


def count_events(terminal: Terminal) -> int:
    async def counted() -> int:
        database = Database(terminal.url)
        async with database.reading() as db:
            count = (await db.execute(select(func.count()).select_from(events))).scalar_one()
        await database.close()
        return int(count)

    return asyncio.run(counted())


def test_a_file_is_taken_in_and_what_was_left_out_is_listed(town: Terminal) -> None:
    said = town.done("import", "ics", FILE, *PANTRY)
    first, *rest = said.splitlines()
    assert first == "import_pantry.ics for pantry: 7 events in it; 6 created, 1 left out."
    assert [word in "\n".join(rest) for word in ("undated@", "NO_START", "DTSTART")] == [True] * 3
    assert count_events(town) == 4  # two entries are dates of another
    assert town.audit()[-4:] == [("event.created", "operator")] * 4


def test_programs_read_every_entry_and_problem(town: Terminal) -> None:
    told = town.json("import", "ics", FILE, *PANTRY)
    assert {**told, "entries": None, "problems": None} == {
        "source": "import_pantry.ics",
        "organization": "pantry",
        "dryRun": False,
        "asBefore": False,
        "events": 7,
        "counts": {
            "CREATE": 6,
            "UPDATE": 0,
            "KEEP": 0,
            "UNCHANGED": 0,
            "VANISHED": 0,
            "DROPPED": 1,
        },
        "entries": None,
        "problems": None,
    }
    assert [entry["outcome"] for entry in told["entries"]] == ["CREATE"] * 6 + ["DROPPED"]
    drive = told["entries"][0]
    assert (drive["uid"], drive["title"]) == ("drive@pantry.example", "Food drive")
    assert drive["event"].startswith("evt_")
    (problem,) = [one for one in told["problems"] if one["dropped"]]
    assert (problem["item"], problem["reason"]) == ("undated@pantry.example", "NO_START")


def test_a_preview_writes_nothing(town: Terminal) -> None:
    said = town.done("import", "ics", FILE, *PANTRY, "--dry-run")
    assert "7 events in it; 6 would be created, 1 would be left out." in said
    assert "Nothing was written" in said
    assert count_events(town) == 0
    assert {action for action, _ in town.audit()} == {"organization.created"}


def test_the_same_file_again_is_nothing_to_do(town: Terminal, tmp_path: Path) -> None:
    whole = tmp_path / "pantry.ics"
    begin, end = CALENDAR.read_text().split("BEGIN:VEVENT\nUID:undated")
    whole.write_text(begin + end.partition("END:VEVENT\n")[2])
    town.done("import", "ics", str(whole), *PANTRY)
    assert town.done("import", "ics", str(whole), *PANTRY) == (
        "pantry.ics is what it was at the last run: nothing to do (6 events unchanged).\n"
    )
    again = town.json("import", "ics", str(whole), *PANTRY)
    assert (again["asBefore"], again["counts"]["UNCHANGED"]) == (True, 6)


def test_long_lists_are_cut_and_said_to_be(town: Terminal, tmp_path: Path) -> None:
    undated = "".join(
        f"BEGIN:VEVENT\nUID:{n}\nSUMMARY:Someday {n}\nEND:VEVENT\n" for n in range(23)
    )
    someday = tmp_path / "someday.ics"
    someday.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{undated}END:VCALENDAR\n")
    said = town.done("import", "ics", str(someday), *PANTRY)
    assert "23 events in it; 23 left out." in said
    assert said.count("NO_START") == 20
    assert said.endswith("… and 3 more; --json lists all.\n")
    # What was left out is told again, though the file is the same.
    assert len(town.json("import", "ics", str(someday), *PANTRY)["problems"]) == 23


def test_events_are_shared_with_an_alliance_and_seen_by_whom_one_wishes(town: Terminal) -> None:
    made = ("--name", "City Table", "--purpose", "Eat.", "--convener", "pantry")
    town.done("alliance", "create", "city-table", *made, "--member", "shelter")
    wishes = ("--share-with", "city-table", "--visibility", "ALLIANCE")
    told = town.json("import", "ics", FILE, *PANTRY, *wishes)
    assert told["counts"]["CREATE"] == 6
    code, _, err = town.run("import", "ics", FILE, "--organization", "library", *wishes)
    assert (code, "no active member" in err) == (1, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((FILE, "--organization", "nowhere"), "no organization nowhere"),
        ((FILE, *PANTRY, "--group", "cooks"), "Pantry has no group cooks"),
        ((FILE, *PANTRY, "--share-with", "nobody"), "no alliance nobody"),
        ((FILE, *PANTRY, "--time-zone", "Mars/Base"), "no IANA time zone"),
        (("nowhere.ics", *PANTRY), "nowhere.ics cannot be read: No such file or directory."),
        ((str(CALENDAR.parent), *PANTRY), "cannot be read: Is a directory."),
        ((__file__, *PANTRY), "calendar"),
        (("import.ics", *PANTRY, "--position", "here"), "a latitude and a longitude"),
        (("import.ics", *PANTRY, "--position", "91,0"), "from -90 to 90"),
        (("ftp://pantry.example/x.ics", *PANTRY), "begins with https://"),
        (("https://anna:secret@pantry.example/x.ics", *PANTRY), "may not hold a name and password"),
        (("webcal://[pantry/x.ics", *PANTRY), "no web address"),
        (("http://pantry.example/x.ics", *PANTRY, "--dry-run"), "must begin with https://"),
        (("https://127.0.0.1/x.ics", *PANTRY, "--dry-run"), "not a server on the public internet"),
    ],
)
def test_what_cannot_be_done_is_one_plain_line(
    town: Terminal, given: tuple[str, ...], said: str
) -> None:
    code, out, err = town.run("import", "ics", *given)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert said in err
    assert count_events(town) == 0


# ── from an address ──────────────────────────────────────────────────────────────────────────


@dataclass
class Website:
    """The Pantry's own, which keeps a calendar and knows what it gave out before."""

    calendar: bytes
    asked: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/moved.ics"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readline()).split()[1]
        headers: dict[str, str] = {}
        while (line := (await reader.readline()).decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        etag = f'"{len(self.calendar)}"'
        if path == b"/moved.ics":
            head, body = "301 Moved Permanently\r\nLocation: /events.ics", b""
        elif headers.get("if-none-match") == etag:
            head, body = "304 Not Modified", b""
        else:
            head, body = f"200 OK\r\nETag: {etag}\r\nContent-Type: text/calendar", self.calendar
        if path != b"/moved.ics":
            self.asked.append(headers)
            self.answers.append(int(head[:3]))
        top = f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(top.encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def opened(site: Website) -> AsyncIterator[Website]:
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
    async with server:
        site.port = server.sockets[0].getsockname()[1]
        yield site


async def take_in(site: Website, *, preview: bool = False, share: tuple[str, ...] = ()) -> Done:
    asked = Asked(site.address, "pantry", share, None, None, None, preview)
    return await imported(None, asked, OutgoingClient(OutgoingSettings(allow_loopback=True)))


def whole() -> Website:
    calendar = CALENDAR.read_bytes()
    return Website(calendar.partition(b"BEGIN:VEVENT\nUID:undated")[0] + b"END:VCALENDAR\n")


def in_the_background(site: Website, work: Any) -> Any:
    async def done() -> Any:
        async with opened(site):
            return await work()

    return asyncio.run(done())


def test_an_address_is_asked_for_changes_only(town: Terminal) -> None:
    site = whole()

    async def days() -> list[Any]:
        first = shown(await take_in(site))
        second = shown(await take_in(site))
        site.calendar = site.calendar.replace(b"SUMMARY:Food drive", b"SUMMARY:Grand food drive")
        return [first, second, shown(await take_in(site))]

    first, second, third = in_the_background(site, days)
    assert site.answers == [200, 304, 200]  # a redirect is followed
    assert "if-none-match" not in site.asked[0]
    assert (first["source"], first["counts"]["CREATE"]) == (site.address, 6)
    assert (second["asBefore"], second["counts"]["UNCHANGED"]) == (True, 6)
    assert third["counts"]["UPDATE"] == 1
    assert count_events(town) == 4


def test_with_other_wishes_the_whole_calendar_is_fetched_again(town: Terminal) -> None:
    made = ("--name", "City Table", "--purpose", "Eat.", "--convener", "pantry")
    town.done("alliance", "create", "city-table", *made, "--member", "shelter")
    site = whole()

    async def days() -> Any:
        await take_in(site)
        return shown(await take_in(site, share=("city-table",)))

    assert in_the_background(site, days)["counts"]["UPDATE"] == 3  # the board meeting is private
    assert site.answers == [200, 200]


def test_after_four_times_in_an_hour_one_is_told_when_the_next_may_be(town: Terminal) -> None:
    site = whole()

    async def hour() -> str:
        for _ in range(4):
            await take_in(site)
        for preview in (False, True):
            with pytest.raises(Problem, match=r"The next time may be at ..:.. UTC") as refusal:
                await take_in(site, preview=preview)
        return refusal.value.code

    assert in_the_background(site, hour) == "RATE_LIMITED"
    assert len(site.asked) == 4


def test_a_preview_of_an_address_writes_nothing(town: Terminal) -> None:
    site = whole()

    async def look() -> Any:
        return shown(await take_in(site, preview=True))

    assert in_the_background(site, look)["counts"]["CREATE"] == 6
    assert count_events(town) == 0

    async def sources() -> list[str]:
        database = Database(town.url)
        async with database.reading() as db:
            found = list(await db.scalars(select(import_sources.c.location)))
        await database.close()
        return found

    assert asyncio.run(sources()) == []
