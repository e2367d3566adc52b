"""Public pages speak the language that is asked for, or wished for; and go on in it."""

import pytest

from domain.events import EventStatus
from domain.recurrence import Recurrence
from tests.cast import publish
from tests.conftest import Contents
from tests.web.pages.reading import Read, read
from tests.web.visiting import Visit

SAYS = {
    "en": ("Events", "ltr"),
    "es": ("Eventos", "ltr"),
    "fr": ("Événements", "ltr"),
    "de": ("Veranstaltungen", "ltr"),
    "ar": ("الفعاليات", "rtl"),
}


async def shown(visit: Visit, path: str, **headers: str) -> Read:
    answer = await visit.get(path, **headers)
    assert answer.status_code == 200, answer.text
    return read(answer.text)


@pytest.mark.parametrize("tag", SAYS)
async def test_a_page_is_in_the_language_of_its_reader(visit: Visit, tag: str) -> None:
    said, direction = SAYS[tag]
    for answer in (
        await visit.get("/events", accept_language=f"{tag},en;q=0.5"),
        await visit.get(f"/events?lang={tag}", accept_language="fr"),
    ):
        page = read(answer.text)
        assert answer.headers["content-language"] == tag
        assert ("html", "lang", tag) in page.attributes
        assert ("html", "dir", direction) in page.attributes
        assert said in page.words


async def test_a_wish_for_what_nobody_here_speaks_is_answered_in_english(visit: Visit) -> None:
    answer = await visit.get("/events", accept_language="sw,nv;q=0.5")
    assert answer.headers["content-language"] == "en"
    answer = await visit.get("/events?lang=sw", accept_language="de")
    assert answer.headers["content-language"] == "de", "the address asks for nothing of ours"


async def test_caches_keep_one_page_for_each_language(visit: Visit) -> None:
    wished = await visit.get("/events", accept_language="es")
    asked = await visit.get("/events?lang=es", accept_language="fr")
    assert wished.headers["vary"] == "Accept, Accept-Language"
    assert asked.headers["vary"] == "Accept", "its address says all"
    english = await visit.get("/events")
    tag = english.headers["etag"]
    assert tag != wished.headers["etag"]
    same = await visit.get("/events", if_none_match=tag)
    assert (same.status_code, same.headers["vary"]) == (304, "Accept, Accept-Language")
    other = await visit.get("/events", if_none_match=tag, accept_language="es")
    assert other.status_code == 200


async def test_a_page_leads_to_itself_in_each_language(visit: Visit) -> None:
    page = await shown(visit, "/events?view=week&on=2027-03-06&causes=food&lang=es")
    offered = {link: each["hreflang"] for link, each in page.links.items() if each.get("hreflang")}
    assert offered == {f"?view=week&on=2027-03-06&causes=food&lang={tag}": tag for tag in SAYS}


async def test_who_asked_for_a_language_goes_on_in_it(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    page = await shown(visit, "/?lang=de")
    for link in ("/", "/events", "/search", "/console", f"http://hub.test/events/{event_id}"):
        assert f"{link}?lang=de" in page.links, link
    assert ("input", "value", "de") in page.attributes, "the search goes on in it"
    plain = await shown(visit, "/", accept_language="de")
    assert "/events" in plain.links, "a browser wishes for it each time"


async def test_an_address_cannot_put_words_into_a_page(visit: Visit) -> None:
    page = (await visit.get('/events?lang=de&causes="><script>alert(1)</script>')).text
    assert "<script>alert" not in page
    assert (await visit.get("/events?lang=" + "x" * 5_000)).status_code == 200


async def test_dates_are_written_as_their_readers_write_them(visit: Visit) -> None:
    event_id = await publish(
        visit.context, visit.cast.anna, recurrence=Recurrence("FREQ=MONTHLY;BYDAY=1SA;COUNT=3")
    )
    german = await shown(visit, f"/events/{event_id}?lang=de")
    assert "Samstag, 6. März 2027, 09:00 bis 12:00" in german.words
    assert "Jeden Monat: erster Samstag" in german.words
    assert "Zeit von America/Indiana/Indianapolis (UTC-05:00)" in german.words
    arabic = await shown(visit, f"/events/{event_id}?lang=ar")
    assert "السبت، 6 مارس 2027" in arabic.words
    assert ("time", "datetime", "2027-03-06T09:00:00-05:00") in arabic.attributes
    week = await shown(visit, "/events?view=week&on=2027-03-30&lang=fr")
    assert "29 mars \u2013 4 avril 2027" in week.words


async def test_what_people_wrote_is_shown_in_the_language_of_the_page_where_it_can_be(
    visit: Visit,
) -> None:
    event_id = await publish(
        visit.context,
        visit.cast.anna,
        title="Comida",
        languages=("es",),
        translations={"de": {"title": "Essen"}},
    )
    path = f"/events/{event_id}"
    german = await shown(visit, path, accept_language="de")
    assert ("h1", "lang", "de") in german.attributes
    assert "Essen" in german.words
    assert "Geschrieben auf" not in german.words
    french = await shown(visit, path, accept_language="fr")
    assert ("h1", "lang", "es") in french.attributes
    assert "Comida" in french.words
    assert "Écrit en espagnol." in french.words
    spanish = await shown(visit, path, accept_language="es")
    assert "Escrito en" not in spanish.words
    assert "Essen" in (await shown(visit, f"{path}?lang=de")).words
    lists = await shown(visit, "/events", accept_language="de")
    assert "Essen" in lists.words


async def test_what_happened_to_an_event_is_said_in_each_language(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna, status=EventStatus.CANCELLED)
    page = await shown(visit, f"/events/{event_id}?lang=es")
    assert page.words.startswith("Cancelado: Food drive")
    assert "Cancelado. No se celebra." in page.words


async def test_a_calendar_program_wishes_for_nothing_and_may_ask(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna, status=EventStatus.CANCELLED)
    path = f"/events/{event_id}.ics"
    plain = await visit.get(path, accept_language="es")
    assert "Cancelled. It does not take place." in plain.text
    assert "accept-language" not in plain.headers.get("vary", "").lower()
    assert "Cancelado. No se celebra." in (await visit.get(f"{path}?lang=es")).text


async def test_what_cannot_be_understood_is_said_in_the_language_of_the_reader(
    visit: Visit,
) -> None:
    answer = await visit.get("/events?near=nowhere&lang=ar")
    assert answer.status_code == 400
    words = read(answer.text).words
    assert words.startswith("غير مفهوم")
    assert "اكتب درجات الشمال والشرق وبينهما فاصلة، مثل \u206639.17,-86.53\u2069." in words
    assert "<bdi>near</bdi>" in answer.text
    assert '<span lang="en"' not in answer.text
    english = read((await visit.get("/events?near=nowhere")).text)
    assert "near: write degrees north and east with a comma between them" in english.words


async def test_a_guest_who_reads_spanish_is_refused_in_spanish(
    visit: Visit, contents: Contents
) -> None:
    event_id = await publish(visit.context, visit.cast.anna, capacity=2)
    before = await contents()
    answer = await visit.http.post(
        f"/events/{event_id}/rsvp?lang=es",
        data={"name": "Kim", "email": "kim@street.example", "guests": "4", "status": "ACCEPTED"},
    )
    assert answer.status_code == 422
    words = read(answer.text).words
    assert "Plazas en total: 2; traiga menos acompañantes." in words
    assert "There are 2 places" not in answer.text
    assert '<span lang="en"' not in answer.text
    assert await contents() == before


async def test_a_program_is_refused_in_english_whatever_it_wishes_for(
    visit: Visit, contents: Contents
) -> None:
    event_id = await publish(visit.context, visit.cast.anna, capacity=2)
    before = await contents()
    told = await visit.http.post(
        "/graphql?lang=es",
        json={
            "query": "mutation Come($input: RsvpInput!) { rsvp(input: $input) {"
            " userErrors { code field message } } }",
            "variables": {
                "input": {
                    "event": event_id,
                    "guestName": "Kim",
                    "guestEmail": "kim@street.example",
                    "additionalGuests": 4,
                }
            },
        },
        headers={"accept-language": "es"},
    )
    assert told.json()["data"]["rsvp"]["userErrors"] == [
        {
            "code": "INVALID",
            "field": ["additionalGuests"],
            "message": "There are 2 places in all; bring fewer guests.",
        }
    ]
    told = await visit.http.post(
        "/graphql",
        json={
            "query": '{ event(id: "none") { title } events(first: 1, after: "x") { nodes { id } } }'
        },
        headers={"accept-language": "es"},
    )
    assert told.json()["errors"][0]["message"].startswith("after: not a cursor. Give back")
    assert await contents() == before


async def test_the_form_of_a_guest_speaks_and_goes_on_in_their_language(visit: Visit) -> None:
    event_id = await publish(visit.context, visit.cast.anna)
    page = await shown(visit, f"/events/{event_id}/rsvp?lang=es")
    assert ("form", "action", f"/events/{event_id}/rsvp?lang=es") in page.attributes
    answer = await visit.http.post(
        f"/events/{event_id}/rsvp?lang=es", data={"name": "", "email": "x", "guests": "many"}
    )
    assert answer.status_code == 422
    assert "Escriba su nombre" in answer.text
    assert "hreflang" not in answer.text, "what was typed is not lost to a link"
