"""Whatever another hub, or somebody, writes: words stay words on every page, feed and letter."""

import csv
import io
import json
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import icalendar
import pytest

from domain.letter_texts import line
from resolvers import rsvps
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from tests.cast import MakeContext
from tests.mailbox import Mailbox
from tests.web.account.conftest import Counter
from tests.web.every_page.furnished import Ids
from tests.web.every_page.hostile_words import ELEMENT, HANDLER, TURN, spoilt
from tests.web.every_page.isolated import Isolated
from tests.web.every_page.plain_html import Plain
from tests.web.every_page.test_every_page import SCHEMES, browser_of, pages

LANGUAGES = ("en", "ar")


@pytest.fixture
async def harmed(ids: Ids, database: Database) -> Ids:
    assert await spoilt(database) > 60
    return ids


def harm_in(text: str) -> list[str]:
    """What of theirs is more than words."""
    page = Plain.of(text)
    found = [each for each in (ELEMENT, "img") if each in page.elements]
    found += [each for each in page.links if urlsplit(each).scheme not in SCHEMES]
    return [*found, *page.handlers, *page.scripts_inside]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_on_every_page_it_is_words_that_turn_no_others(
    counter: Counter, harmed: Ids, language: str
) -> None:
    wrong, seen = {}, 0
    for where in pages(counter, harmed):
        sign = "&" if "?" in where.path else "?"
        answer = await browser_of(counter, where).open(f"{where.path}{sign}lang={language}")
        assert answer.status_code == 200, (where, answer.text)
        seen += TURN in answer.text
        if found := harm_in(answer.text) + Isolated.of(answer.text, TURN).loose:
            wrong[where.pattern] = found
    assert wrong == {}
    assert seen > 50


@pytest.mark.parametrize(
    ("spoilt_page", "found"),
    [
        (f"<p><{ELEMENT}></p>", [ELEMENT]),
        (f"<p {HANDLER}=alert(1)>", [HANDLER]),
        ("<a href='javascript:alert(1)'>x</a>", ["javascript:alert(1)"]),
        ("<script>alert(1)</script>", ["alert(1)"]),
        ("<script type='application/ld+json'>{}</script>", []),
    ],
)
def test_harm_is_seen_where_it_is(spoilt_page: str, found: list[str]) -> None:
    assert harm_in(spoilt_page) == found


def test_words_that_turn_others_are_seen_where_they_are() -> None:
    assert Isolated.of(f"<p>By {TURN}gpj today</p>", TURN).loose != []
    assert Isolated.of(f"<p>By <bdi>{TURN}gpj</bdi> today</p>", TURN).loose == []


async def test_in_every_feed_it_is_a_value_and_nothing_else(counter: Counter, harmed: Ids) -> None:
    for thing in (
        f"/organizations/{harmed['pantry']}",
        f"/groups/{harmed['group']}",
        f"/alliances/{harmed['alliance']}",
        "/events",
    ):
        entries = icalendar.Calendar.from_ical(await told(counter, f"{thing}.ics")).events
        known = {"SUMMARY", "DESCRIPTION", "LOCATION", "URL", "UID", "DTSTART", "STATUS"}
        assert {name for entry in entries for name in entry} <= known | OF_CALENDARS, thing
        news = ET.fromstring(await told(counter, f"{thing}.atom"))  # noqa: S314
        assert {each.tag.partition("}")[0] for each in news.iter()} == {
            "{http://www.w3.org/2005/Atom"
        }
        for link in news.iter("{http://www.w3.org/2005/Atom}link"):
            assert urlsplit(link.get("href", "")).scheme in ("http", "https"), thing
        table = list(csv.reader(io.StringIO(await told(counter, f"{thing}.csv"))))
        assert {len(row) for row in table} == {len(table[0])}
        assert not [cell for row in table for cell in row if cell[:1] in ("=", "@")]
        if thing != "/events":
            leads = json.loads(await told(counter, f"/embed{thing}.json"))
            assert all(urlsplit(each).scheme in SCHEMES for each in addresses_in(leads)), thing
            json.loads(await told(counter, f"{thing}.jsonld"))


# Of RFC 5545 and RFC 7986, as docs/pages.md says that entries have them.
OF_CALENDARS = {
    *("DTSTAMP", "DTEND", "DURATION", "SEQUENCE", "LAST-MODIFIED", "CREATED", "GEO", "RRULE"),
    *("RECURRENCE-ID", "CATEGORIES", "CLASS", "EXDATE", "RDATE", "TRANSP", "CONTACT", "IMAGE"),
    *("CONFERENCE", "COMMENT"),
}


async def told(counter: Counter, path: str) -> str:
    answer = await counter.browser.http.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


def addresses_in(told: object) -> list[str]:
    """The values that are called url, wherever they are."""
    if isinstance(told, list):
        return [found for each in told for found in addresses_in(each)]
    if not isinstance(told, dict):
        return []
    own = [value for name, value in told.items() if name == "url" and isinstance(value, str)]
    return own + [found for each in told.values() for found in addresses_in(each)]


async def test_in_every_letter_it_is_words_in_a_line_of_their_own(
    counter: Counter, harmed: Ids, context: MakeContext, database: Database
) -> None:
    mailbox = Mailbox(context, database, counter.desk.clock)
    before = {each.id for each in await mailbox.all()}
    lee = NewRsvp(event_id=harmed["theirs"])
    await rsvps.answer(context(counter.cast.anna), lee)
    guest = NewRsvp(event_id=harmed["shared"], guest_name="Mei", guest_email="mei@people.example")
    await rsvps.answer(context(), guest)
    await mailbox.turn()
    letters = [each for each in await mailbox.all() if each.id not in before]
    assert len(letters) > 3
    for letter in letters:
        assert TURN not in letter.subject + letter.text, letter.subject
        assert letter.subject == line(letter.subject)
        whole = mailbox.mail(letter)
        assert len(whole.get_all("Subject", [])) == 1
        shown = whole.get_body(("html",))
        if shown is not None:
            assert harm_in(shown.get_content()) == [], letter.subject
            assert TURN not in shown.get_content()
