"""Staff are refused in the language that they read, and another hub's words stay as it wrote them."""

import html
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import update

from domain.sharing import AttendeeSharing, HostEditing
from storage.tables import persons
from tests.cast import publish
from tests.conftest import Contents
from tests.federation.conftest import neighbourhood
from tests.federation.neighbourhood import Neighbourhood
from tests.web.account.browsing import Form
from tests.web.console.conftest import PANTRY, Staff
from tests.web.console.two_hubs import TwoDoors, two_doors

__all__ = ["neighbourhood"]  # a fixture
NEW = f"{PANTRY}/events/new"
FILLED = {"title": "Sopa", "startsAt": "2027-03-13", "startsAt-time": "18:00"}
ENGLISH = '<span lang="en" dir="ltr">'


@pytest.fixture
async def doors(neighbourhood: Neighbourhood) -> AsyncIterator[TwoDoors]:
    async with two_doors(neighbourhood) as found:
        yield found


def problems(answer: httpx.Response) -> str:
    found = re.search(r'<div class="problems".*?</div>', answer.text, re.DOTALL)
    assert found is not None, answer.text
    return html.unescape(found[0])


async def reads(staff: Staff, tag: str) -> None:
    async with staff.database.writing() as db:
        anna = persons.c.id == staff.cast.anna_id
        await db.execute(update(persons).where(anna).values(preferred_language=tag))


def kept(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: each for name, each in rows.items() if name != "idempotency_keys"}


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("es", "1.001 caracteres, y caben como máximo 1.000. Acórtelo."),
        ("de", "1.001 Zeichen, und höchstens 1.000 passen. Kürzen Sie es."),
        ("ar", "1,001 حرفاً، والمتسع 1,000 على الأكثر. اختصره."),
        ("en", "1,001 characters, and at most 1,000 fit. Shorten it."),
    ],
)
async def test_who_writes_too_much_is_told_in_their_language(
    staff: Staff, contents: Contents, tag: str, said: str
) -> None:
    await reads(staff, tag)
    await staff.anna.open(NEW)
    form = staff.anna.form(NEW)
    before = kept(await contents())
    answer = await staff.anna.send(form, **FILLED, summary="x" * 1_001)
    assert answer.status_code == 422
    assert said in problems(answer)
    assert ENGLISH not in problems(answer)
    assert kept(await contents()) == before


async def test_a_form_that_is_sent_twice_is_refused_twice_in_the_same_words(staff: Staff) -> None:
    await reads(staff, "es")
    await staff.anna.open(NEW)
    form = staff.anna.form(NEW)
    long = {**FILLED, "summary": "x" * 1_001}
    first = await staff.anna.send(form, **long)
    again = await staff.anna.send(form, **long)
    assert "caben como máximo 1.000" in problems(first)
    assert problems(again) == problems(first)


async def test_what_one_may_not_do_to_an_event_is_said_in_their_language(
    staff: Staff, contents: Contents
) -> None:
    event_id = await publish(staff.context, staff.cast.anna)
    await reads(staff, "fr")
    path = f"{PANTRY}/events/{event_id}/publish"
    await staff.anna.open(f"{PANTRY}/events/{event_id}/cancel")
    token = staff.anna.form().fields["form_token"]
    before = kept(await contents())
    refused = await staff.anna.send(Form(path, "post", {"form_token": token, "once": "x"}))
    assert refused.status_code == 403
    assert "Il est déjà publié" in html.unescape(refused.text)
    assert ENGLISH not in refused.text
    assert kept(await contents()) == before


async def test_another_hubs_words_stay_as_it_wrote_them_and_are_marked(doors: TwoDoors) -> None:
    """A sentence that this hub knows too is said in the language of the reader."""
    lee = await doors.comes(doors.hubs.cast.lee, doors.hubs.mosque)
    await doors.mina.open(doors.elsewhere() + "?lang=es")
    once = {"once": "x", "form_token": doors.mina.form("/account/sign-out").fields["form_token"]}
    form = Form(doors.elsewhere() + "?lang=es", "post", {**once, "name": ""})
    refused = await doors.mina.send(form, new="Ali", guests="99")
    assert refused.status_code == 422
    assert f"{ENGLISH}One brings 0 to" in refused.text
    await doors.grants(AttendeeSharing.ALL_WITH_CONSENT, HostEditing.NONE)
    refused = await doors.mina.send(form, here=lee)
    assert refused.status_code == 422
    assert "Solo los equipos de eventos" in refused.text
    assert ENGLISH not in refused.text
    assert await doors.there() == {doors.hubs.cast.lee_id: None}


async def test_a_hub_that_does_not_answer_is_said_so_in_the_language_of_the_reader(
    doors: TwoDoors,
) -> None:
    await doors.mina.open(doors.elsewhere() + "?lang=es")
    once = {"once": "x", "form_token": doors.mina.form("/account/sign-out").fields["form_token"]}
    doors.cut()
    path = f"/console/mosque/events/{doors.event_id}/edit?lang=es"
    refused = await doors.mina.send(Form(path, "post", once), title="Sopa")
    assert refused.status_code in (422, 503)
    assert "no responde ahora. No se hizo nada" in html.unescape(refused.text)
