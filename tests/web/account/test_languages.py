"""Somebody's own pages speak the language that they prefer; and letters their reader's."""

import pytest
from sqlalchemy import select, update

from storage.tables import outgoing_mail, persons
from tests.cast import MakeContext, publish
from tests.web.account.conftest import Counter

HOME = "/account"
ARABIC = '<html lang="ar" dir="rtl">'


async def prefers(counter: Counter, person_id: str, tag: str | None) -> None:
    async with counter.desk.database.writing() as db:
        await db.execute(
            update(persons).where(persons.c.id == person_id).values(preferred_language=tag)
        )


async def letters(counter: Counter) -> dict[str, str]:
    """The text of each, by its subject."""
    async with counter.desk.database.reading() as db:
        found = await db.execute(select(outgoing_mail.c.subject, outgoing_mail.c.text))
        return {row.subject: row.text for row in found}


async def test_who_prefers_arabic_has_pages_from_right_to_left(counter: Counter) -> None:
    await prefers(counter, counter.cast.anna_id, "ar-EG")
    counter.anna.http.headers["accept-language"] = "de"
    answer = await counter.anna.open(HOME)
    assert ARABIC in answer.text
    assert "دورك: مالك." in answer.text
    assert answer.headers["content-language"] == "ar"


async def test_who_prefers_what_nobody_here_speaks_has_what_the_browser_wishes_for(
    counter: Counter,
) -> None:
    await prefers(counter, counter.cast.anna_id, "so")
    counter.anna.http.headers["accept-language"] = "de"
    assert '<html lang="de" dir="ltr">' in (await counter.anna.open(HOME)).text


async def test_a_language_asked_for_stays_in_this_browser_until_another_is_preferred(
    counter: Counter,
) -> None:
    await prefers(counter, counter.cast.anna_id, "fr")
    asked = await counter.anna.open(f"{HOME}?lang=ar")
    assert ARABIC in asked.text
    cookie = asked.headers["set-cookie"]
    assert "convoke-language=ar; HttpOnly; Path=/; SameSite=lax" in cookie
    assert "Max-Age" not in cookie, "it ends with the browser"
    assert ARABIC in (await counter.anna.open(f"{HOME}/security")).text
    await counter.anna.open(HOME)
    form = counter.anna.form(f"{HOME}/profile")
    await counter.anna.send(form, displayName="Anna", preferredLanguage="de")
    assert '<html lang="de" dir="ltr">' in (await counter.anna.open(HOME)).text


async def test_nobody_is_answered_in_a_language_that_a_cookie_makes_up(counter: Counter) -> None:
    counter.browser.http.cookies.set("convoke-language", "../../etc")
    answer = await counter.browser.open("/account/sign-in")
    assert (answer.status_code, answer.headers["content-language"]) == (200, "en")


async def test_a_page_of_a_form_that_was_sent_leads_to_itself_in_no_language(
    counter: Counter,
) -> None:
    await counter.browser.open("/account/sign-in?lang=es")
    answer = await counter.browser.send(
        counter.browser.form("/account/sign-in/letter"), address="no address"
    )
    assert answer.status_code == 400
    assert '<html lang="es" dir="ltr">' in answer.text
    assert "hreflang" not in answer.text
    assert "Una dirección de correo es como anna@pantry.example." in answer.text
    assert "An email address looks like" not in answer.text
    assert 'lang="en"' not in answer.text.partition("<main")[2].partition("</main>")[0]


async def test_who_reads_arabic_is_refused_in_arabic_from_right_to_left(
    counter: Counter,
) -> None:
    await counter.browser.open("/account/sign-in?lang=ar")
    before = await letters(counter)
    answer = await counter.browser.send(
        counter.browser.form("/account/sign-in/letter"), address="no address"
    )
    assert answer.status_code == 400
    assert ARABIC in answer.text
    assert "عنوان البريد الإلكتروني يشبه anna@pantry.example." in answer.text
    assert '<span lang="en"' not in answer.text
    assert await letters(counter) == before == {}


@pytest.mark.parametrize(("tag", "subject"), [("ar", "تسجيل الدخول إلى River City"), (None, None)])
async def test_a_letter_to_sign_in_is_in_the_language_of_its_reader(
    counter: Counter, tag: str | None, subject: str | None
) -> None:
    """Whoever asked for it, and wherever; without a wish it is that of the page."""
    await prefers(counter, counter.cast.anna_id, tag)
    await counter.browser.open("/account/sign-in?lang=de")
    form = counter.browser.form("/account/sign-in/letter")
    await counter.browser.send(form, address="anna@pantry.example")
    ((said, text),) = (await letters(counter)).items()
    assert said == (subject or "Anmelden bei River City")
    assert "http://hub.test/account/sign-in/link?letter=" in text


async def test_a_guest_is_written_in_the_language_in_which_they_answered(
    counter: Counter, context: MakeContext
) -> None:
    event_id = await publish(context, counter.cast.anna)
    await counter.browser.open(f"/events/{event_id}?lang=es")
    form = counter.browser.form(f"/events/{event_id}/rsvp")
    sent = await counter.browser.send(form, name="Kim", email="kim@street.example")
    assert sent.headers["location"].endswith("?sent&lang=es")
    (text,) = (await letters(counter)).values()
    assert list(await letters(counter)) == ["Confirme, por favor: Food drive"]
    link = next(each for each in text.split() if "/rsvp/confirm?token=" in each)
    assert link.endswith("&lang=es")
    page = await counter.browser.open(link.removeprefix("http://hub.test"))
    assert "¿Confirmar?" in page.text
    await counter.browser.send(counter.browser.form())
    text = (await letters(counter))["Su respuesta: Food drive"]
    assert "Contamos con usted: «Food drive»" in text
    assert "&lang=es" in text.rpartition("/mail/stop?link=")[2]
