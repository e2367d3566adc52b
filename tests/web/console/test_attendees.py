"""Who comes to an event, in the console: the list, an answer to who asks, somebody added by hand."""

import re

import pytest
from sqlalchemy import select, update

from domain.actors import TeamRole
from domain.events import JoinMode
from domain.recurrence import Recurrence
from domain.rsvps import RsvpStatus
from domain.sharing import AttendeeSharing
from resolvers import co_hosting, rsvps
from resolvers.operating import operator_for
from resolvers.rsvps import NewRsvp
from storage.engine import Database
from storage.tables import event_hosts, outgoing_mail, team_members
from storage.tables import rsvps as rows
from tests.cast import Cast, MakeContext, publish
from tests.conftest import Contents
from tests.web.console.conftest import PANTRY, SHELTER, Staff

HOSTILE = "<script>alert(1)</script>\u202egnp"


async def answers(database: Database) -> dict[str | None, tuple[str, int]]:
    async with database.reading() as db:
        found = await db.execute(select(rows))
        return {
            row.guest_name or row.person_id: (row.status, row.additional_guests) for row in found
        }


async def asking(context: MakeContext, cast: Cast) -> str:
    """An event that the Pantry lets people into; Lee asks to come with one more."""
    event_id = await publish(context, cast.anna, join_mode=JoinMode.APPROVAL)
    await rsvps.answer(context(cast.lee), NewRsvp(event_id=event_id, additional_guests=1))
    return event_id


def at(event_id: str, *more: str, home: str = PANTRY) -> str:
    return "/".join([home, "events", event_id, "attendees", *more])


async def test_who_waits_for_an_answer_comes_first_and_is_let_in(
    staff: Staff, context: MakeContext, database: Database
) -> None:
    event_id = await asking(context, staff.cast)
    page = await staff.anna.open(at(event_id))
    assert page.status_code == 200
    assert "1 waits for your answer" in page.text
    assert page.text.index(">Lee<") < page.text.index("The list")
    assert "With 1 guest." in page.text
    assert len(page.content) < 50_000
    form = staff.anna.form(at(event_id))
    assert ("do", "let-in") in form.buttons
    answer = await staff.anna.send(form, do="let-in")
    assert answer.status_code == 303
    assert await answers(database) == {staff.cast.lee_id: ("ACCEPTED", 1)}
    page = await staff.anna.open(answer.headers["location"])
    assert "They may come, and are told so." in page.text
    assert "waits for your answer" not in page.text
    assert "2 people come." in page.text


async def test_who_is_declined_is_told_by_letter(
    staff: Staff, context: MakeContext, database: Database
) -> None:
    event_id = await asking(context, staff.cast)
    page = await staff.anna.open(at(event_id))
    assert "They are told by letter at once." in page.text
    await staff.anna.send(staff.anna.form(at(event_id)), do="refuse")
    assert await answers(database) == {staff.cast.lee_id: ("REFUSED", 1)}


async def test_the_same_form_sent_twice_does_one_thing(
    staff: Staff, context: MakeContext, database: Database
) -> None:
    event_id = await publish(context, staff.cast.anna)
    await staff.anna.open(at(event_id, "add"))
    form = staff.anna.form(at(event_id, "add"))
    for _ in range(2):
        answer = await staff.anna.send(form, name="Vera", guests="2", email="")
        assert answer.status_code == 303, answer.text
    assert await answers(database) == {"Vera": ("ACCEPTED", 2)}
    async with database.reading() as db:
        assert len((await db.execute(select(rows.c.id))).all()) == 1


async def test_somebody_with_an_address_gets_a_letter_and_is_on_the_list_afterwards(
    staff: Staff, context: MakeContext, database: Database
) -> None:
    event_id = await publish(context, staff.cast.anna)
    await staff.anna.open(at(event_id, "add"))
    form = staff.anna.form(at(event_id, "add"))
    answer = await staff.anna.send(form, name="Vera", email="vera@people.example")
    page = await staff.anna.open(answer.headers["location"])
    assert "They get a letter with a link." in page.text
    async with database.reading() as db:
        assert (await db.scalars(select(outgoing_mail.c.to))).all() == ["vera@people.example"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name"),
        ({"name": "Vera", "guests": "many"}, "guests"),
        ({"name": "Vera", "guests": "51"}, "guests"),
        ({"name": "Vera", "email": "nowhere"}, "email"),
    ],
)
async def test_what_cannot_be_added_is_said_beside_its_field_and_kept(
    staff: Staff,
    context: MakeContext,
    contents: Contents,
    fields: dict[str, str],
    said: str,
) -> None:
    event_id = await publish(context, staff.cast.anna)
    await staff.anna.open(at(event_id, "add"))
    form = staff.anna.form(at(event_id, "add"))
    before = await contents()
    answer = await staff.anna.send(form, **fields)
    assert answer.status_code == 422, answer.text
    assert f'id="{said}-problem"' in answer.text
    assert f'href="#{said}"' in answer.text
    for typed in fields.values():
        assert f'value="{typed}"' in answer.text
    assert await contents() == before


async def test_names_are_found_and_odd_ones_stay_words(staff: Staff, context: MakeContext) -> None:
    event_id = await publish(context, staff.cast.anna)
    for name in (HOSTILE, "Özlem", "Zoe"):
        await rsvps.answer(context(staff.cast.anna), NewRsvp(event_id=event_id, guest_name=name))
    page = await staff.anna.open(at(event_id))
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    assert page.text.index("Özlem") < page.text.index("Zoe")
    page = await staff.anna.open(at(event_id) + "?name=OZ")
    assert "Özlem" in page.text
    assert "Zoe" not in page.text
    page = await staff.anna.open(at(event_id) + "?state=DECLINED")
    assert "Nobody of that name or answer." in page.text


async def test_an_answer_is_taken_back_on_a_page_that_says_what_it_means(
    staff: Staff, context: MakeContext, database: Database
) -> None:
    event_id = await publish(context, staff.cast.anna)
    answer_id = await rsvps.answer(context(staff.cast.lee), NewRsvp(event_id=event_id))
    assert answer_id is not None
    page = await staff.anna.open(at(event_id, answer_id))
    assert "They are told by letter at once." in page.text
    assert "lee@northside-library.example" in page.text
    sent = await staff.anna.send(staff.anna.form(at(event_id, answer_id)), do="cancelled")
    assert sent.status_code == 303
    assert await answers(database) == {staff.cast.lee_id: ("CANCELLED", 0)}


async def test_each_date_of_a_series_has_its_own_list(staff: Staff, context: MakeContext) -> None:
    weekly = Recurrence("FREQ=WEEKLY;COUNT=3")
    event_id = await publish(context, staff.cast.anna, recurrence=weekly)
    page = await staff.anna.open(at(event_id))
    dates = re.findall(r'<option value="(occ_[^"]+)"', page.text)
    assert len(dates) == 3
    anna = context(staff.cast.anna)
    await rsvps.answer(anna, NewRsvp(event_id=event_id, occurrence_id=dates[1], guest_name="Vera"))
    assert "Vera" not in (await staff.anna.open(at(event_id) + f"?date={dates[0]}")).text
    assert "Vera" in (await staff.anna.open(at(event_id) + f"?date={dates[1]}")).text
    other = await publish(context, staff.cast.anna)
    assert (await staff.anna.open(at(other) + f"?date={dates[1]}")).status_code == 404


async def test_a_partner_is_shown_who_agreed_and_changes_nothing(
    staff: Staff,
    context: MakeContext,
    database: Database,
    contents: Contents,
) -> None:
    cast = staff.cast
    event_id = await publish(context, cast.anna, join_mode=JoinMode.APPROVAL)
    operator = context(operator_for(cast.pantry))
    async with operator.writing() as db:
        await co_hosting.add_by_operator(operator, db, event_id, cast.shelter)
    async with database.writing() as db:
        await db.execute(
            update(event_hosts)
            .where(event_hosts.c.role == "CO_HOST")
            .values(attendee_sharing=AttendeeSharing.ALL_WITH_CONSENT)
        )
    agreed = NewRsvp(event_id=event_id, consent_to=(cast.shelter,))
    answer_id = await rsvps.answer(context(cast.lee), agreed)
    await rsvps.answer(context(cast.anna), NewRsvp(event_id=event_id, guest_name="Vera"))
    sam = staff.sam
    page = await sam.open(at(event_id, home=SHELTER))
    assert "Lee" in page.text
    assert "Vera" not in page.text
    assert "let-in" not in page.text
    assert at(event_id, "add", home=SHELTER) not in page.text
    form = sam.form(at(event_id, home=SHELTER))
    form.method = "post"
    form.fields["form_token"] = sam.form("/account/sign-out").fields["form_token"]
    before = await contents()
    refused = await sam.send(form, do="let-in", rsvp=str(answer_id))
    assert refused.status_code == 422, refused.text
    assert "Only the host" in refused.text
    assert await contents() == before


async def test_a_stranger_and_a_team_member_who_only_looks_change_nothing(
    staff: Staff,
    context: MakeContext,
    database: Database,
    contents: Contents,
) -> None:
    event_id = await asking(context, staff.cast)
    assert (await staff.lee.open(at(event_id))).status_code == 404
    await staff.anna.open(at(event_id))
    form = staff.anna.form(at(event_id))
    async with database.writing() as db:
        await db.execute(
            update(team_members)
            .where(team_members.c.person_id == staff.cast.anna_id)
            .values(role=TeamRole.VIEWER)
        )
    before = await contents()
    refused = await staff.anna.send(form, do="let-in")
    assert refused.status_code == 422, refused.text
    page = await staff.anna.open(at(event_id))
    assert "Lee" not in page.text
    forged = {**form.fields, "form_token": "of somebody else", "do": "let-in"}
    form.fields = forged
    assert (await staff.anna.send(form)).status_code == 403
    assert await contents() == before
    assert await answers(database) == {staff.cast.lee_id: (RsvpStatus.PENDING_APPROVAL, 1)}
