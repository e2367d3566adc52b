"""Whoever said that they come is written to: how it stands, what has changed, and a day before."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from domain.actors import BY_TIME, NOBODY
from domain.errors import Passing, Refused
from domain.events import EventStatus, JoinMode
from domain.places import Place
from domain.recurrence import Recurrence
from languages import speaking
from resolvers import events, guests, publishing, rsvps, series
from resolvers.post import line
from resolvers.rsvps import NewRsvp
from storage import letters_due
from storage.engine import Database
from storage.post_tables import letters_due as line_of_letters
from storage.tables import occurrences, persons
from tests.cast import ENDS, STARTS, Cast, MakeContext, publish
from tests.locks import locked
from tests.mailbox import Mailbox, entry_of
from tests.outside import StandingClock

LEE = "lee@northside-library.example"
KIM = "kim@street.example"


@pytest.fixture
def mailbox(context: MakeContext, database: Database, clock: StandingClock) -> Mailbox:
    return Mailbox(context, database, clock)


async def lee_comes(context: MakeContext, cast: Cast, event_id: str, **given: object) -> str:
    made = await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id, **given))  # type: ignore[arg-type]
    assert made is not None
    return made


async def test_who_answers_is_written_once_and_gets_the_date_for_the_own_calendar(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna)
    await lee_comes(context, cast, event_id)
    letter = await mailbox.one()
    assert (letter.to, letter.subject) == (LEE, "Your answer: Food drive")
    assert "You are expected: “Food drive” on Saturday, 6 March 2027, 09:00" in letter.text
    assert "Saturday, 6 March 2027, 09:00 to 12:00 (America/Indiana/Indianapolis)" in letter.text
    assert "Town Hall, 1 Main Street, River City, Indiana, US" in letter.text
    method, entry = entry_of(letter)
    assert method == "PUBLISH"
    assert (entry["UID"], entry["SEQUENCE"], entry["STATUS"]) == (event_id, 1, "CONFIRMED")
    assert (entry.start, entry.end) == (STARTS, ENDS)
    assert "ATTENDEE" not in entry
    assert entry["ORGANIZER"].params["CN"] == "River City Pantry"
    assert await mailbox.turn() == []


async def test_a_mail_names_an_organizer_who_can_be_written_to(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    await lee_comes(context, cast, await publish(context, cast.anna))
    mail = mailbox.mail(await mailbox.one())
    assert [each.get_content_type() for each in mail.walk() if not each.is_multipart()] == [
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    (attached,) = mail.iter_attachments()
    assert attached["Content-Type"].params["method"] == "PUBLISH"
    assert "mailto:hub@pantry.example" in attached.get_content().replace("\r\n ", "")


async def test_several_changes_are_told_in_one_letter_with_a_higher_sequence(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna)
    await lee_comes(context, cast, event_id)
    await mailbox.turn()
    later = STARTS + timedelta(hours=2)
    changes: events.EventChanges = {"starts_at": later, "ends_at": later + timedelta(hours=1)}
    await events.update(context(cast.anna), event_id, 1, changes)
    await events.update(
        context(cast.anna), event_id, 2, {"place": Place(name="Library", locality="River City")}
    )
    letter = await mailbox.one()
    assert letter.subject == "Changed: Food drive"
    assert "When: Saturday, 6 March 2027, 11:00 to 12:00 (America/Indiana/Indianapolis)" in (
        letter.text
    )
    assert "Where: Library, River City" in letter.text
    assert "until now: Town Hall, 1 Main Street" in letter.text
    method, entry = entry_of(letter)
    assert (method, entry["UID"], entry.start) == ("PUBLISH", event_id, later)
    assert entry["SEQUENCE"] == 3
    assert await mailbox.turn() == []


async def test_what_nobody_who_comes_need_know_is_no_letter(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna)
    await lee_comes(context, cast, event_id)
    await mailbox.turn()
    await events.update(context(cast.anna), event_id, 1, {"summary": "Bring cans."})
    moved: events.EventChanges = {"title": "Food fair"}
    await events.update(context(cast.anna), event_id, 2, moved)
    await events.update(context(cast.anna), event_id, 3, {"title": "Food drive"})  # taken back
    assert await mailbox.turn() == []


async def test_an_event_called_off_takes_the_entry_away_again(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna)
    await lee_comes(context, cast, event_id)
    await mailbox.turn()
    await publishing.cancel(context(cast.anna), event_id, 1, "The hall\nis flooded.")
    letter = await mailbox.one()
    assert letter.subject == "Called off: Food drive"
    assert "> The hall\n> is flooded." in letter.text
    method, entry = entry_of(letter)
    assert (method, entry["UID"], entry["STATUS"]) == ("CANCEL", event_id, "CANCELLED")
    assert entry["SEQUENCE"] == 2
    assert await mailbox.turn() == []
    await events.update(context(cast.anna), event_id, 2, {"status": EventStatus.SCHEDULED})
    letter = await mailbox.one()
    assert letter.subject == "Changed: Food drive"
    assert "takes place" in letter.text
    method, entry = entry_of(letter)
    assert (method, entry["SEQUENCE"]) == ("PUBLISH", 3)


async def test_only_those_of_the_date_that_is_called_off_are_told(
    context: MakeContext, cast: Cast, mailbox: Mailbox, database: Database
) -> None:
    event_id = await publish(context, cast.anna, recurrence=Recurrence("FREQ=WEEKLY;COUNT=3"))
    found = select(occurrences.c.id).order_by(occurrences.c.starts_at)
    async with database.reading() as db:
        dates = list(await db.scalars(found))
    await lee_comes(context, cast, event_id, occurrence_id=dates[1])
    sam = NewRsvp(event_id=event_id, occurrence_id=dates[2])
    await rsvps.answer(context(cast.sam), sam)
    assert {each.to for each in await mailbox.turn()} == {LEE, "sam@harbor-shelter.example"}
    await series.update_date(context(cast.anna), dates[1], 1, {"status": EventStatus.CANCELLED})
    letter = await mailbox.one()
    assert letter.to == LEE
    method, entry = entry_of(letter)
    second = STARTS + timedelta(weeks=1)
    assert (method, entry["UID"], entry.decoded("RECURRENCE-ID")) == ("CANCEL", event_id, second)


async def test_who_takes_an_answer_back_has_the_entry_taken_away(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    answer_id = await lee_comes(context, cast, await publish(context, cast.anna))
    await mailbox.turn()
    await rsvps.cancel(context(cast.lee), answer_id)
    letter = await mailbox.one()
    assert "You are not expected any more" in letter.text
    method, entry = entry_of(letter)
    assert (method, entry["SEQUENCE"]) == ("CANCEL", 2)


async def test_who_waits_is_told_of_a_place_once(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna, capacity=1)
    first = await rsvps.answer(context(cast.sam), NewRsvp(event_id=event_id))
    assert first is not None
    await lee_comes(context, cast, event_id)
    waits = next(each for each in await mailbox.turn() if each.to == LEE)
    assert "you are in line" in waits.text
    assert waits.calendar is None
    await rsvps.cancel(context(cast.sam), first)
    subjects = {each.subject for each in await mailbox.all() if each.to == LEE}
    assert subjects == {"Your answer: Food drive", "A place is free: Food drive"}
    assert [each.to for each in await mailbox.turn()] == ["sam@harbor-shelter.example"]


async def test_nothing_is_told_of_what_was_not_done(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna)
    await lee_comes(context, cast, event_id)
    await mailbox.turn()
    with pytest.raises(Refused):
        await events.update(context(cast.lee), event_id, 1, {"title": "Mine"})
    assert await mailbox.turn() == []


async def test_a_letter_that_cannot_be_written_keeps_nobody_elses_waiting(
    context: MakeContext,
    cast: Cast,
    mailbox: Mailbox,
    database: Database,
    clock: StandingClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    event_id = await publish(context, cast.anna)
    await lee_comes(context, cast, event_id)
    await rsvps.answer(context(cast.sam), NewRsvp(event_id=event_id))
    none_to_lee = f"alter table outgoing_mail add constraint none check (\"to\" <> '{LEE}')"
    async with database.writing() as db:
        await db.execute(text(none_to_lee))
    assert [each.to for each in await mailbox.turn()] == ["sam@harbor-shelter.example"]
    assert "could not be written; it is tried again later" in caplog.text
    async with database.writing() as db:
        assert await letters_due.how_many_aside(db) == 1
        await db.execute(text("alter table outgoing_mail drop constraint none"))
    assert await mailbox.turn() == []
    clock.forward(hours=6)
    assert (await mailbox.one()).to == LEE
    async with database.reading() as db:
        assert await letters_due.how_many_aside(db) == 0


async def test_who_left_no_address_keeps_the_line_from_no_end(
    context: MakeContext, cast: Cast, clock: StandingClock
) -> None:
    """They came in at the door, or the host wrote them down."""
    event_id = await publish(context, cast.anna)
    await rsvps.answer(context(cast.anna), NewRsvp(event_id=event_id, guest_name="Old Tom"))
    await events.update(context(cast.anna), event_id, 1, {"title": "Soup"})
    assert await line.write(context(BY_TIME), clock.now(), 10)  # the event, and all who answered
    await line.write(context(BY_TIME), clock.now(), 10)
    assert await line.write(context(BY_TIME), clock.now(), 10) == 0


async def test_letters_that_the_database_has_no_time_for_are_all_still_to_be_written(
    context: MakeContext, cast: Cast, mailbox: Mailbox, database: Database
) -> None:
    await lee_comes(context, cast, await publish(context, cast.anna))
    async with locked(database, "outgoing_mail"):
        with pytest.raises(Passing):
            await line.write(mailbox.context(BY_TIME), mailbox.clock.now(), 10)
    assert (await mailbox.one()).to == LEE


async def test_two_who_write_letters_at_once_write_each_once(
    context: MakeContext, cast: Cast, mailbox: Mailbox, database: Database, clock: StandingClock
) -> None:
    await lee_comes(context, cast, await publish(context, cast.anna))
    async with database.writing() as db:
        await db.execute(select(line_of_letters).with_for_update())  # another one has it in hand
        assert await line.write(context(BY_TIME), clock.now(), 10) == 0
        assert await mailbox.all() == []
    assert len(await mailbox.turn()) == 1


async def test_whoever_comes_is_reminded_a_day_before_and_once(
    context: MakeContext, cast: Cast, mailbox: Mailbox, clock: StandingClock
) -> None:
    event_id = await publish(context, cast.anna)
    await lee_comes(context, cast, event_id)
    await mailbox.turn()
    clock.at = STARTS - timedelta(hours=25)
    assert await mailbox.turn() == []
    clock.at = STARTS - timedelta(hours=23)
    letter = await mailbox.one()
    assert (letter.to, letter.subject) == (LEE, "Tomorrow: Food drive")
    assert await mailbox.turn() == []


async def test_nobody_is_reminded_of_what_does_not_take_place_or_what_they_just_answered(
    context: MakeContext, cast: Cast, mailbox: Mailbox, clock: StandingClock
) -> None:
    off = await publish(context, cast.anna)
    await lee_comes(context, cast, off)
    await events.update(context(cast.anna), off, 1, {"status": EventStatus.CANCELLED})
    clock.at = STARTS - timedelta(hours=5)
    soon = await publish(context, cast.anna, title="Soon")
    await lee_comes(context, cast, soon)
    assert [each.subject for each in await mailbox.turn()] == ["Your answer: Soon"]


async def test_a_guest_gets_the_date_and_a_link_by_which_not_to_come(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna)
    guest = NewRsvp(event_id=event_id, guest_name="Kim", guest_email=KIM)
    await rsvps.answer(context(NOBODY), guest)
    (asked,) = await mailbox.all()
    assert asked.calendar is None
    await guests.confirm(context(NOBODY), asked.text.split("token=")[1].split()[0])
    (letter,) = [each for each in await mailbox.all() if each.id != asked.id]
    assert letter.subject == "Your answer: Food drive"
    assert "/rsvp/cancel?token=" in letter.text
    assert entry_of(letter)[0] == "PUBLISH"
    assert await mailbox.turn() == []
    await guests.cancel(context(NOBODY), letter.text.split("token=")[1].split()[0])
    assert entry_of(await mailbox.one())[0] == "CANCEL"


async def test_words_of_others_are_only_words(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    turned = "\u202eevil\u202c"
    event_id = await publish(
        context,
        cast.anna,
        title=f"<script>alert(1)</script> {turned} javascript:alert(2)",
        online_url="https://meet.example/a?b=1&c=2",
        place=Place(name='"><img src=x onerror=alert(3)>'),
    )
    await lee_comes(context, cast, event_id)
    letter = await mailbox.one()
    assert letter.html is not None
    for part in (letter.subject, letter.text, letter.html, letter.calendar or ""):
        assert "\u202e" not in part
    assert "<script" not in letter.html
    assert "<img" not in letter.html
    assert 'href="javascript' not in letter.html
    assert 'href="https://meet.example/a?b=1&amp;c=2"' in letter.html
    mail = mailbox.mail(replace(letter, subject=letter.subject))
    assert mail["Bcc"] is None
    assert set(mail.keys()) >= {"From", "To", "Subject", "List-Unsubscribe"}


async def test_an_answer_that_waits_for_the_host_puts_nothing_into_a_calendar(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna, join_mode=JoinMode.APPROVAL)
    answer_id = await lee_comes(context, cast, event_id)
    letter = await mailbox.one()
    assert "has yet to say" in letter.text
    assert letter.calendar is None
    await rsvps.respond(context(cast.anna), answer_id, accept=True)
    assert entry_of(await mailbox.one())[0] == "PUBLISH"
    await rsvps.respond(context(cast.anna), answer_id, accept=False)
    letter = await mailbox.one()
    assert "does not expect you" in letter.text
    assert entry_of(letter)[0] == "CANCEL"


async def test_each_is_written_in_the_language_that_they_prefer(
    context: MakeContext, cast: Cast, mailbox: Mailbox, database: Database
) -> None:
    event_id = await publish(context, cast.anna)
    async with database.writing() as db:
        await db.execute(
            update(persons).where(persons.c.id == cast.lee_id).values(preferred_language="ar")
        )
    await lee_comes(context, cast, event_id)
    letter = await mailbox.one()
    assert letter.subject == "ردّك: Food drive"
    assert "حضورك منتظر: «Food drive»، السبت، 6 مارس 2027، 9:00 ص، تنظيم River City Pantry." in (
        letter.text
    )
    assert letter.html is not None
    assert '<html lang="ar" dir="rtl">' in letter.html
    assert entry_of(letter)[1]["SUMMARY"] == "Food drive", "a calendar has the event's own words"


async def test_a_guest_is_written_on_in_the_language_in_which_they_answered(
    context: MakeContext, cast: Cast, mailbox: Mailbox
) -> None:
    event_id = await publish(context, cast.anna)
    guest = NewRsvp(event_id=event_id, guest_name="Kim", guest_email=KIM)
    with speaking("de"):  # as the pages do
        await rsvps.answer(context(NOBODY), guest)
        (asked,) = await mailbox.all()
        secret = asked.text.split("token=")[1].split("&")[0]
        await guests.confirm(context(NOBODY), secret)
    assert [each.subject for each in await mailbox.all()] == [
        "Bitte bestätigen: Food drive",
        "Ihre Antwort: Food drive",
    ]
    await events.update(context(cast.anna), event_id, 1, {"title": "Soup drive"})
    letter = await mailbox.one()
    assert letter.subject == "Geändert: Soup drive"
    assert "Titel: Soup drive\n  bisher: Food drive" in letter.text
