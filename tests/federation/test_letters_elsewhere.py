"""Letters to people who answered to a date of another hub: their own hub writes them, and no other."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Unpack

import httpx
import pytest
from sqlalchemy import select, update

from domain.actors import BY_TIME
from domain.events import JoinMode
from domain.rsvps import RsvpStatus
from federation.asking_of_answers import Asking
from federation.delivering import Delivering
from resolvers import events, publishing, rsvps
from resolvers.events import EventChanges
from resolvers.post import answers, elsewhere, line
from storage import account_tables as accounts
from storage.mail import Posted
from storage.post_tables import answers_elsewhere
from storage.tables import events as rows
from storage.tables import outgoing_mail, persons
from storage.tables import rsvps as answer_rows
from tests.cast import publish
from tests.federation.acting import Somebody, somebody
from tests.federation.neighbourhood import Neighbour, Neighbourhood
from tests.federation.side_by_side import SideBySide, side_by_side
from tests.mailbox import entry_of

RSVP = """mutation($input: RsvpInput!) {
  rsvp(input: $input) { userErrors { code message } }
}"""
CANCEL = "mutation($r: ID!) { cancelRsvp(rsvp: $r) { userErrors { code message } } }"
MINA = "mina@mosque.example"
DAYS_AHEAD = 5


@dataclass
class Post:
    """Mina of the Mosque, at home at B, and a drive of the Pantry's, which is A's."""

    hubs: SideBySide
    mina: Somebody
    drive: str
    starts: datetime

    async def answers(self, **given: Any) -> dict[str, Any]:
        said = await self.mina.ask(RSVP, {"input": {"event": self.drive, **given}})
        assert "errors" not in said, said
        told: dict[str, Any] = said["data"]["rsvp"]
        return told

    async def letters(self) -> list[Posted]:
        """What each hub writes when its worker's turn comes: A's to nobody but guests."""
        found: list[Posted] = []
        for hub in (self.hubs.a, self.hubs.b):
            before = {each.id for each in await posted(hub)}
            for work in (line.write, answers.remind, elsewhere.write, elsewhere.remind):
                async with hub.context(BY_TIME) as ctx:
                    await work(ctx, hub.clock.now(), 50)
            new = [each for each in await posted(hub) if each.id not in before]
            assert hub is self.hubs.b or not new, new
            found += new
        return found

    async def one(self) -> Posted:
        (letter,) = await self.letters()
        assert letter.to == MINA
        assert await self.letters() == []  # once
        return letter

    async def is_asked(self) -> int:
        hub = self.hubs.b
        async with hub.context(BY_TIME) as ctx:
            asking = Asking(hub.service.forwarding)
            return await asking.ask(ctx, hub.clock.now(), 50)

    async def edited(self, **changes: Unpack[EventChanges]) -> None:
        """By the host; and the other hub hears of it."""
        anna = self.hubs.at_a(self.hubs.cast.anna)
        self.hubs.a.clock.forward(minutes=1)
        await events.update(anna, self.drive, await self.version(), changes)
        await self.hubs.follow()

    async def called_off(self, reason: str) -> None:
        self.hubs.a.clock.forward(minutes=1)
        anna = self.hubs.at_a(self.hubs.cast.anna)
        await publishing.cancel(anna, self.drive, await self.version(), reason)
        await self.hubs.follow()

    async def version(self) -> int:
        async with self.hubs.a.database.reading(fresh=True) as db:
            found = await db.scalar(select(rows.c.version).where(rows.c.id == self.drive))
        return int(found or 0)


async def posted(hub: Neighbour) -> list[Posted]:
    columns = [outgoing_mail.c[name] for name in Posted.__dataclass_fields__]
    async with hub.database.reading(fresh=True) as db:
        found = await db.execute(select(*columns).order_by(outgoing_mail.c.id))
        return [Posted(**row) for row in found.mappings()]


async def has_address(hub: Neighbour, person_id: str, address: str) -> None:
    now = hub.clock.now()
    async with hub.database.writing() as db:
        await db.execute(
            accounts.accounts.insert().values(
                person_id=person_id, handle=person_id.encode()[:64], created_at=now
            )
        )
        await db.execute(
            accounts.sign_in_addresses.insert().values(
                address=address, person_id=person_id, confirmed_at=now
            )
        )


@pytest.fixture
async def hubs(neighbourhood: Neighbourhood) -> AsyncIterator[SideBySide]:
    async with side_by_side(neighbourhood) as found:
        await found.follow_back()
        yield found


async def a_post(hubs: SideBySide, **given: Any) -> Post:
    mina = await somebody(hubs.b, hubs.mosque, "Mina")
    await has_address(hubs.b, mina.id, MINA)
    starts = hubs.a.clock.now() + timedelta(days=DAYS_AHEAD)
    drive = await publish(
        hubs.at_a, hubs.cast.anna, starts_at=starts, ends_at=starts + timedelta(hours=3), **given
    )
    await hubs.follow()
    return Post(hubs, mina, drive, starts)


async def test_whoever_answers_is_told_once_how_their_answer_stands(hubs: SideBySide) -> None:
    post = await a_post(hubs)
    assert await post.answers() == {"userErrors": []}
    letter = await post.one()
    assert "You are expected" in letter.text
    assert "Food drive" in letter.text
    assert f"https://b.test/events/{post.drive}" in letter.text
    assert letter.stop_url is not None
    assert letter.stop_url.startswith("https://b.test/")
    method, entry = entry_of(letter)
    assert (method, str(entry["UID"])) == ("PUBLISH", post.drive)


async def test_in_their_own_language(hubs: SideBySide) -> None:
    post = await a_post(hubs)
    async with hubs.b.database.writing() as db:
        await db.execute(
            update(persons).where(persons.c.id == post.mina.id).values(preferred_language="es")
        )
    await post.answers()
    assert "You are expected" not in (letter := await post.one()).text
    assert "lang=es" in (letter.stop_url or "")


async def test_a_change_is_told_once_however_often_it_was_changed(hubs: SideBySide) -> None:
    post = await a_post(hubs)
    await post.answers()
    _, first = entry_of(await post.one())
    await post.edited(title="Great drive")
    await post.edited(title="Greater drive")
    letter = await post.one()
    assert letter.subject == "Changed: Greater drive"
    assert "Food drive" in letter.text
    _, entry = entry_of(letter)
    assert str(entry["UID"]) == str(first["UID"])
    assert int(str(entry["SEQUENCE"])) > int(str(first["SEQUENCE"]))
    await post.edited(summary="Bring bags.")
    assert await post.letters() == []  # which changes nothing for those who come


async def test_what_is_called_off_is_told_with_the_hosts_own_words(hubs: SideBySide) -> None:
    post = await a_post(hubs)
    await post.answers()
    await post.one()
    await post.called_off("The roof leaks.")
    letter = await post.one()
    assert "This does not take place" in letter.text
    assert "The roof leaks." in letter.text
    assert entry_of(letter)[0] == "CANCEL"


async def test_a_day_before_they_are_reminded_once(hubs: SideBySide) -> None:
    post = await a_post(hubs)
    await post.answers()
    await post.one()
    hubs.a.clock.forward(days=DAYS_AHEAD - 1, minutes=1)
    letter = await post.one()
    assert letter.subject == "Tomorrow: Food drive"


async def test_who_takes_it_back_is_told_and_hears_no_more(hubs: SideBySide) -> None:
    post = await a_post(hubs)
    await post.answers()
    await post.one()
    async with hubs.a.database.reading(fresh=True) as db:
        (answer,) = await db.scalars(select(answer_rows.c.id))
    hubs.a.clock.forward(minutes=1)
    said = await post.mina.ask(CANCEL, {"r": answer})
    assert said["data"]["cancelRsvp"] == {"userErrors": []}
    letter = await post.one()
    assert "You are not expected any more" in letter.text
    await post.edited(title="Great drive")
    hubs.a.clock.forward(days=DAYS_AHEAD - 1)
    assert await post.letters() == []


async def test_the_hosts_word_is_asked_for_and_told(hubs: SideBySide) -> None:
    """Nobody tells a hub what became of an answer of its people: it asks."""
    post = await a_post(hubs, join_mode=JoinMode.APPROVAL)
    await post.answers()
    assert "The host has yet to say whether you can come" in (await post.one()).text
    async with hubs.a.database.reading(fresh=True) as db:
        (answer,) = await db.scalars(select(answer_rows.c.id))
    hubs.a.clock.forward(minutes=6)
    assert await post.is_asked() == 1
    assert await post.letters() == []
    await rsvps.respond(hubs.at_a(hubs.cast.anna), answer, accept=True)
    hubs.a.clock.forward(minutes=6)
    assert await post.is_asked() == 1
    assert "You are expected" in (await post.one()).text
    assert await post.is_asked() == 0  # it stands, and is asked about in an hour


async def test_a_hub_that_is_away_is_asked_later_and_nothing_is_told(hubs: SideBySide) -> None:
    post = await a_post(hubs, join_mode=JoinMode.APPROVAL)
    await post.answers()
    await post.one()
    hubs.a.roads.closed.add("a.test")
    hubs.a.clock.forward(minutes=6)
    assert await post.is_asked() == 1
    assert await post.is_asked() == 0
    assert await post.letters() == []
    assert await kept(hubs) == [RsvpStatus.PENDING_APPROVAL]


async def kept(hubs: SideBySide) -> list[str]:
    async with hubs.b.database.reading(fresh=True) as db:
        return list(await db.scalars(select(answers_elsewhere.c.status)))


async def test_an_answer_that_waited_for_its_hub_is_told_when_it_stands(hubs: SideBySide) -> None:
    post = await a_post(hubs)
    hubs.a.roads.closed.add("a.test")
    assert await post.answers() == {"userErrors": []}
    assert await post.letters() == []
    hubs.a.roads.closed.clear()
    hubs.a.clock.forward(minutes=1)
    async with hubs.b.context(BY_TIME) as ctx:
        delivering = Delivering(hubs.b.service.forwarding, hubs.b.service.chance)
        await delivering.deliver(ctx, hubs.b.clock.now(), 10)
    assert "You are expected" in (await post.one()).text


async def test_who_wants_no_letters_of_the_host_gets_none_but_about_their_answer(
    hubs: SideBySide,
) -> None:
    """The link of the letter ends them, at the hub that wrote it."""
    post = await a_post(hubs)
    await post.answers()
    stop = (await post.one()).stop_url
    assert stop is not None
    done = await hubs.b.http.post(stop, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200, done.text
    await post.edited(title="Great drive")
    hubs.a.clock.forward(days=DAYS_AHEAD - 1)
    assert await post.letters() == []


async def test_a_guest_whom_staff_elsewhere_write_down_is_written_to_by_the_owner(
    hubs: SideBySide,
) -> None:
    """Who has no account is at home nowhere: the address is the owner's to write to."""
    post = await a_post(hubs)
    await post.answers(guestName="Kim", guestEmail="kim@street.example")
    (letter,) = await posted(hubs.a)
    assert letter.to == "kim@street.example"
    assert "https://a.test/rsvp/confirm?token=" in letter.text
    assert await posted(hubs.b) == []
    assert await kept(hubs) == []


async def test_what_the_owner_says_that_cannot_be_is_not_kept(hubs: SideBySide) -> None:
    """An answer, an event and a date of its own: of others' it does not speak."""
    post = await a_post(hubs)
    answer = "rsv_" + "0" * 26
    own: dict[str, Any] = {
        "id": f"{answer}@a.test",
        "status": "ACCEPTED",
        "event": {"id": post.drive},
        "occurrence": {"id": "occ_" + "0" * 26 + "@a.test"},
    }
    for lie in (
        None,
        "yes",
        {**own, "status": "PERHAPS"},
        {**own, "id": f"{answer}@b.test"},
        {**own, "event": {"id": "evt_" + "0" * 26 + "@c.test"}},
        {**own, "occurrence": None},
    ):
        body = json.dumps({"data": {"rsvp": {"userErrors": [], "convokeAnswer": lie}}})
        hubs.a.roads.instead["https://a.test/graphql"] = partial(said_instead, body.encode())
        assert await post.answers() == {"userErrors": []}
        assert await kept(hubs) == []


def said_instead(body: bytes, _request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=body, headers={"content-type": "application/json"})
