"""Events for news readers (Atom) and for spreadsheets (CSV)."""

import csv
import io
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, fromstring

import pytest

from domain.events import AttendanceMode, EventStatus
from domain.places import Place
from domain.recurrence import Recurrence
from resolvers import co_hosting, events, publishing
from resolvers.operating import operator_for
from tests.cast import STARTS, publish
from tests.web.visiting import Visit
from web.feeds import lists
from web.feeds.table import HEADINGS

ATOM = "{http://www.w3.org/2005/Atom}"
# RFC 4287 s4.1.1, s4.1.2: what stands once, at the least or at the most.
ONCE = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated", "content")}
KNOWN = {
    "feed": {"author", "entry", "generator", "id", "link", "title", "updated"},
    "entry": {
        *("author", "category", "content", "id", "link", "published"),
        *("summary", "title", "updated"),
    },
}
HOSTILE = [
    '=HYPERLINK("https://evil.example","click")',
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "  =1+1",
    "\uff1d1+1",
    "<script>alert(1)</script>",
    "]]><b>&amp;</b>",
    '","=1+1"\u2028',
    "evil\u202etxt.exe\ufffe",
]


async def news(visit: Visit, path: str) -> Element:
    """The feed, after a look at its bones."""
    answer = await visit.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = fromstring(answer.content)  # noqa: S314 - it is our own
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        kind = element.tag.removeprefix(ATOM)
        names = [each.tag.removeprefix(ATOM) for each in element]
        assert set(names) <= KNOWN[kind]
        assert all(names.count(name) == 1 for name in ONCE[kind])
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "").tzinfo
        assert names.count("author") >= 1
        for author in element.findall(f"{ATOM}author"):
            assert author.findtext(f"{ATOM}name")
        for link in element.findall(f"{ATOM}link"):
            assert link.attrib["href"].startswith("http://hub.test/")
        for words in element.findall(f"{ATOM}content"):
            assert words.attrib["type"] == "text"
            assert len(words) == 0
    ids = [each.text for each in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    return feed


def entries(feed: Element) -> dict[str, Element]:
    return {each.findtext(f"{ATOM}title") or "": each for each in feed.iter(f"{ATOM}entry")}


def links(feed: Element) -> dict[str, str]:
    return {each.attrib["rel"]: each.attrib["href"] for each in feed.findall(f"{ATOM}link")}


async def rows(visit: Visit, path: str) -> list[dict[str, str]]:
    answer = await visit.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    lines = csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline=""), strict=True)
    assert tuple(lines.fieldnames or ()) == HEADINGS
    found = list(lines)
    assert all(None not in each and None not in each.values() for each in found)
    return found


async def test_a_news_reader_shows_what_is_on_and_what_changed_last(visit: Visit) -> None:
    anna = visit.cast.anna
    first = await publish(visit.context, anna, summary="Bring tins.", causes=("food-justice",))
    visit.clock.forward(minutes=1)
    await publish(visit.context, anna, title="Supper")
    path = f"/organizations/{visit.cast.pantry}.atom"
    feed = await news(visit, path)
    assert list(entries(feed)) == ["Supper", "Food drive"]
    address = f"http://hub.test/organizations/{visit.cast.pantry}"
    assert links(feed) == {"self": f"{address}.atom", "alternate": address}
    entry = entries(feed)["Food drive"]
    event = f"http://hub.test/events/{first}"
    assert entry.findtext(f"{ATOM}id") == event
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "River City Pantry"
    assert entry.findtext(f"{ATOM}summary") == "Bring tins."
    (category,) = entry.findall(f"{ATOM}category")
    assert category.attrib == {"term": "food-justice", "label": "food justice"}
    assert (entry.findtext(f"{ATOM}content") or "").startswith(
        "Saturday, 6 March 2027, 09:00 (America/Indiana/Indianapolis)\n"
        "Town Hall, 1 Main Street, River City, Indiana, US\n"
        "Hosted by River City Pantry."
    )
    visit.clock.forward(minutes=1)
    await publishing.cancel(visit.context(anna), first, 1, "Flood.")
    feed = await news(visit, path)
    assert list(entries(feed)) == ["Cancelled: Food drive", "Supper"]
    cancelled = entries(feed)["Cancelled: Food drive"]
    assert cancelled.findtext(f"{ATOM}id") == event
    assert feed.findtext(f"{ATOM}updated") == cancelled.findtext(f"{ATOM}updated")
    assert "Flood." in (cancelled.findtext(f"{ATOM}content") or "")


async def test_of_a_series_the_next_date_is_news(visit: Visit) -> None:
    series = Recurrence("FREQ=WEEKLY;COUNT=5")
    await publish(visit.context, visit.cast.anna, recurrence=series)
    visit.clock.at = STARTS + timedelta(days=9)
    (entry,) = entries(await news(visit, "/events.atom")).values()
    assert (entry.findtext(f"{ATOM}content") or "").startswith("Next: Saturday, 20 March 2027")
    (row,) = await rows(visit, "/events.csv")
    assert row["next_starts_at"] == "2027-03-20T09:00:00-04:00"
    assert (row["starts_at"], row["repeats"]) == (
        "2027-03-06T09:00:00-05:00",
        "FREQ=WEEKLY;COUNT=5",
    )


async def test_older_news_follow_under_another_address(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_NEWS", 3)
    for number in range(7):
        await publish(visit.context, visit.cast.anna, title=f"Drive {number}")
        visit.clock.forward(minutes=1)
    seen: list[str] = []
    ids = set()
    address: str | None = "http://hub.test/events.atom?causes=food"
    assert entries(await news(visit, str(address))) == {}
    address = f"http://hub.test/events.atom?organizations={visit.cast.pantry}"
    while address:
        feed = await news(visit, address)
        assert links(feed)["self"] == address
        seen += entries(feed)
        ids.add(feed.findtext(f"{ATOM}id"))
        address = links(feed).get("next")
    assert seen == [f"Drive {number}" for number in reversed(range(7))]
    assert ids == {f"http://hub.test/events.atom?organizations={visit.cast.pantry}"}


async def test_news_of_nothing_are_still_news(visit: Visit) -> None:
    assert entries(await news(visit, f"/organizations/{visit.cast.library}.atom")) == {}
    assert (await news(visit, "/events.atom")).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"
    assert await rows(visit, "/events.csv") == []


async def test_a_spreadsheet_shows_what_is_on(visit: Visit) -> None:
    anna = visit.cast.anna
    event_id = await publish(
        visit.context,
        anna,
        summary="Bring tins,\nplease.",
        causes=("food", "housing"),
        languages=("en", "es"),
        is_free=True,
        attendance_mode=AttendanceMode.HYBRID,
        online_url="https://meet.example/drive",
    )
    ctx = visit.context(operator_for(visit.cast.pantry))
    async with ctx.writing() as db:
        await co_hosting.add_by_operator(ctx, db, event_id, visit.cast.shelter)
    (row,) = await rows(visit, f"/organizations/{visit.cast.shelter}.csv")
    assert row == {
        "id": event_id,
        "title": "Food drive",
        "starts_at": "2027-03-06T09:00:00-05:00",
        "ends_at": "2027-03-06T12:00:00-05:00",
        "all_day": "no",
        "time_zone": "America/Indiana/Indianapolis",
        "repeats": "",
        "next_starts_at": "2027-03-06T09:00:00-05:00",
        "status": "SCHEDULED",
        "host": "River City Pantry",
        "co_hosts": "Harbor Shelter",
        "group": "",
        "place": "Town Hall",
        "street_address": "1 Main Street",
        "locality": "River City",
        "region": "Indiana",
        "postal_code": "",
        "country": "US",
        "latitude": "39.1653",
        "longitude": "-86.5264",
        "online_url": "https://meet.example/drive",
        "registration_url": "",
        "is_free": "yes",
        "languages": "en; es",
        "causes": "food; housing",
        "summary": "Bring tins,\nplease.",
        "url": f"http://hub.test/events/{event_id}",
        "updated_at": row["updated_at"],
    }


async def test_whole_days_are_days(visit: Visit) -> None:
    midnight = STARTS.replace(hour=5)
    await publish(
        visit.context,
        visit.cast.anna,
        starts_at=midnight,
        ends_at=midnight.replace(day=8),
        all_day=True,
    )
    (row,) = await rows(visit, "/events.csv")
    assert (row["starts_at"], row["ends_at"]) == ("2027-03-06", "2027-03-07")
    (entry,) = entries(await news(visit, "/events.atom")).values()
    assert (entry.findtext(f"{ATOM}content") or "").startswith("Saturday, 6 March 2027, 2 days\n")


async def test_a_spreadsheet_may_have_a_mark_of_its_letters(visit: Visit) -> None:
    await publish(visit.context, visit.cast.anna, title="Brot für alle")
    plain, marked = await visit.get("/events.csv"), await visit.get("/events.csv?bom=1")
    assert marked.content == b"\xef\xbb\xbf" + plain.content
    assert plain.content.endswith(b"\r\n")
    assert plain.headers["content-disposition"] == 'attachment; filename="events.csv"'


async def test_hostile_words_are_words_in_every_feed(visit: Visit) -> None:
    for words in HOSTILE:
        await publish(
            visit.context,
            visit.cast.anna,
            title=words,
            summary=words,
            description=f"{words}\n\n{words}",
            place=Place(name=words, street_address=words, locality=words),
            causes=(words[:60],),
        )
    shown = {" ".join(words.split()) for words in HOSTILE}
    table = await rows(visit, "/events.csv")
    for row in table:
        for name, cell in row.items():
            begins = cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
            assert begins == (name == "longitude" and cell != ""), cell
    assert {row["title"].removeprefix("'") for row in table} == shown
    titles = entries(await news(visit, "/events.atom"))
    assert set(titles) == {words.replace("\ufffe", "") for words in shown}
    text = (await visit.get("/events.ics")).text
    assert text.count("BEGIN:VEVENT") == text.count("SUMMARY:") == len(HOSTILE)
    page = await visit.page(f"/organizations/{visit.cast.pantry}")
    assert "<script>alert" not in page
    assert page.count("<script") == 1
    assert (
        len((await visit.get(f"/organizations/{visit.cast.pantry}.jsonld")).json()["event"]) == 10
    )


async def test_lines_that_look_like_a_calendars_own_are_words(visit: Visit) -> None:
    await publish(
        visit.context,
        visit.cast.anna,
        description="Bye.\r\nEND:VEVENT\nBEGIN:VEVENT\rUID:evil\u2028END:VCALENDAR",
        causes=("a\r\nattendee:mailto:x@evil.example",),
    )
    lines = (await visit.get("/events.ics")).text.split("\r\n")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VCALENDAR") == 1
    assert not [line for line in lines if line.startswith(("UID:evil", "ATTENDEE", "attendee"))]


async def test_a_change_is_seen_in_every_format(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    paths = [f"/organizations/{visit.cast.pantry}.{each}" for each in ("ics", "atom", "csv")]
    first = [await visit.get(path) for path in paths]
    await events.update(
        visit.context(visit.cast.anna), event_id, 1, {"status": EventStatus.POSTPONED}
    )
    for path, before in zip(paths, first, strict=True):
        after = await visit.get(path, if_none_match=before.headers["etag"])
        assert (after.status_code, "ostponed" in after.text.lower()) == (200, True), path
