"""The link in a letter ends letters about one organization, for one reader, without an account."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

import pytest

from domain import mail_wishes
from domain.mail_wishes import Stop
from resolvers import events, rsvps
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.mail import Posted
from tests.cast import Cast, MakeContext, publish
from tests.mailbox import Mailbox
from tests.outside import StandingClock
from tests.web.account.conftest import Counter


@pytest.fixture
async def mailbox(
    context: MakeContext, cast: Cast, database: Database, clock: StandingClock
) -> Mailbox:
    made = Mailbox(context, database, clock)
    await made.turn()
    return made


class Coming:
    """Lee comes to an event of the Pantry's and to one of the Shelter's, and knows it."""

    def __init__(self, context: MakeContext, cast: Cast, mailbox: Mailbox) -> None:
        self.context, self.cast, self.mailbox = context, cast, mailbox
        self.of: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.letters: dict[str, Posted] = {}

    async def begin(self) -> None:
        for viewer, title in ((self.cast.anna, "Food drive"), (self.cast.sam, "Soup")):
            self.of[title] = await publish(self.context, viewer, title=title)
            self.versions[title] = 1
            await rsvps.answer(self.context(self.cast.lee), NewRsvp(event_id=self.of[title]))
        for letter in await self.mailbox.turn():
            self.letters[letter.subject.removeprefix("Your answer: ")] = letter

    async def move(self) -> set[str]:
        """Both go online; of which Lee is written."""
        for viewer, title in ((self.cast.anna, "Food drive"), (self.cast.sam, "Soup")):
            version = self.versions[title]
            url = f"https://meet.example/{version}"
            await events.update(self.context(viewer), self.of[title], version, {"online_url": url})
            self.versions[title] += 1
        return {each.subject for each in await self.mailbox.turn()}


@pytest.fixture
async def coming(context: MakeContext, cast: Cast, mailbox: Mailbox) -> Coming:
    made = Coming(context, cast, mailbox)
    await made.begin()
    return made


def path_of(letter: Posted) -> str:
    parts = urlsplit(letter.stop_url or "")
    return f"{parts.path}?{parts.query}"


async def test_a_mail_program_ends_letters_about_one_organization_by_itself(
    counter: Counter, coming: Coming
) -> None:
    letter = coming.letters["Food drive"]
    answer = await counter.browser.http.post(
        path_of(letter), content="List-Unsubscribe=One-Click", headers={"cookie": ""}
    )
    assert answer.status_code == 200
    assert await coming.move() == {"Changed: Soup"}


async def test_somebody_ends_them_by_the_page_and_has_them_again(
    counter: Counter, coming: Coming
) -> None:
    path, browser = path_of(coming.letters["Food drive"]), counter.browser
    page = await browser.open(path)
    assert "River City Pantry" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert await coming.move() == {"Changed: Soup", "Changed: Food drive"}  # to look ends nothing
    await browser.open(path)
    done = await browser.send(browser.form(""))
    assert "no more letters" in done.text
    assert await coming.move() == {"Changed: Soup"}
    await browser.open(path)
    await browser.send(browser.form(""))
    assert await coming.move() == {"Changed: Soup", "Changed: Food drive"}


async def test_whoever_wants_no_letters_is_still_told_what_becomes_of_their_own_answer(
    counter: Counter, coming: Coming, context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    await counter.browser.http.post(path_of(coming.letters["Food drive"]))
    other = await publish(context, cast.anna, title="Another")
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=other))
    assert [each.subject for each in await mailbox.turn()] == ["Your answer: Another"]


async def test_a_link_that_this_hub_did_not_sign_ends_nothing(
    counter: Counter, coming: Coming, cast: Cast
) -> None:
    letter = coming.letters["Food drive"]
    token = (letter.stop_url or "").split("link=")[1]
    whole = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for_another = whole.replace(cast.pantry.encode(), cast.shelter.encode())
    flipped = bytes([whole[0] ^ 1]) + whole[1:]
    by_another_hub = mail_wishes.signed(b"k" * 32, Stop(b"r" * 16, cast.pantry))
    forged = [urlsafe_b64encode(each).decode() for each in (for_another, flipped)]
    for each in (*forged, by_another_hub, token[:-2], "", "%00", "é", "x" * 9_000):
        for method in ("GET", "POST"):
            answer = await counter.browser.http.request(method, "/mail/stop", params={"link": each})
            assert answer.status_code == 404, each
    assert await coming.move() == {"Changed: Soup", "Changed: Food drive"}


async def test_no_link_and_no_row_has_the_address(coming: Coming, database: Database) -> None:
    token = (coming.letters["Soup"].stop_url or "").split("link=")[1]
    assert b"lee" not in urlsafe_b64decode(token + "=" * (-len(token) % 4)).lower()
