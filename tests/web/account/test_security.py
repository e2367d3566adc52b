"""What opens somebody's account, and changing it."""

import asyncio

import pytest
from sqlalchemy import select

from auth.passwords import Passwords
from auth.sessions import FRESH
from storage import accounts as stored
from storage.account_tables import sign_in_addresses
from tests.auth.signing_in import code_in, link_in, mailbox, wrong
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter

SECURITY = "/account/security"
ADDRESSES = f"{SECURITY}/addresses"
ANNAS, NEW = "anna@pantry.example", "anna@home.example"


async def addresses_of_anna(counter: Counter) -> set[str]:
    async with counter.desk.database.reading() as db:
        return set(await stored.addresses_of(db, counter.cast.anna_id))


async def add(counter: Counter, address: str = NEW) -> str:
    """The letter that comes of it."""
    browser = counter.anna
    await browser.open(ADDRESSES)
    answer = await browser.send(browser.form(ADDRESSES), address=f" {address.title()} ")
    assert answer.headers["location"] == f"{ADDRESSES}/code", answer.text
    page = await browser.open(f"{ADDRESSES}/code")
    assert address in page.text
    return (await mailbox(counter.service.database, address))[-1]


async def give(counter: Counter, address: str) -> None:
    """It opens Anna's account."""
    async with counter.desk.database.writing() as db:
        await stored.add_address(db, counter.cast.anna_id, address, counter.desk.clock.now())


async def remove(browser: Browser, address: str) -> int:
    """The question, and yes."""
    await browser.open(SECURITY)
    asked = await browser.send(browser.form(f"{ADDRESSES}/remove"), address=address, sure="")
    if asked.status_code != 200:
        return asked.status_code
    answer = await browser.send(browser.form(f"{ADDRESSES}/remove"), sure="yes")
    return answer.status_code


async def test_all_ways_in_are_listed(counter: Counter) -> None:
    page = await counter.anna.open(SECURITY)
    assert ANNAS in page.text
    assert "The only way into your account." in page.text
    assert "You have none, and need none" in page.text


async def test_an_address_is_added_by_the_code_of_its_letter(counter: Counter) -> None:
    letter = await add(counter)
    assert await addresses_of_anna(counter) == {ANNAS}
    browser = counter.anna
    refused = await browser.send(browser.form(f"{ADDRESSES}/code"), code=wrong(code_in(letter)))
    assert refused.status_code == 403
    assert await addresses_of_anna(counter) == {ANNAS}
    answer = await browser.send(browser.form(f"{ADDRESSES}/code"), code=code_in(letter))
    assert answer.headers["location"] == SECURITY
    assert await addresses_of_anna(counter) == {ANNAS, NEW}
    assert "An address was added" in (await mailbox(counter.service.database, ANNAS))[-1]


async def test_an_address_is_added_by_the_link_and_a_button(counter: Counter) -> None:
    link = link_in(await add(counter))
    for _ in range(3):
        page = await counter.anna.open(link)
        assert f'<b dir="ltr">{NEW}</b> will sign you in' in page.text
    assert await addresses_of_anna(counter) == {ANNAS}
    form = counter.anna.form(f"{ADDRESSES}/confirm")
    await counter.anna.send(form)
    assert await addresses_of_anna(counter) == {ANNAS, NEW}
    spent = await counter.anna.open(link)
    assert spent.status_code == 404


async def test_a_strangers_address_is_not_led_into_ones_own_account(
    counter: Counter, contents: Contents
) -> None:
    """Anna has a letter sent to Lee's other address, and Lee opens it."""
    link = link_in(await add(counter, "lee@home.example"))
    lee = await counter.new_browser()
    asked = await lee.open(link)
    assert asked.headers["location"].startswith("/account/sign-in?next=")
    await sign_in(counter.desk, lee, counter.cast.lee_id, "Lee")
    before = await contents()
    page = await lee.open(link)
    assert page.status_code == 404
    assert "only for whoever asked for it" in page.text
    await lee.open(SECURITY)
    token = lee.form("/account/sign-out").fields["form_token"]
    answer = await lee.http.post(
        f"{ADDRESSES}/confirm",
        data={"letter": link.partition("=")[2], "form_token": token},
        headers={"origin": "http://hub.test"},
    )
    assert answer.status_code == 404
    after = await contents()
    assert {**after, "throttles": []} == {**before, "throttles": []}


async def test_an_address_of_another_account_is_refused_by_letter_alone(
    counter: Counter, clock: StandingClock
) -> None:
    """Who asks is told the same as ever: whose addresses are here is nobody's business."""
    letter = await add(counter, "sam@shelter.example")
    assert "it opens an account there already" in letter
    assert "http" not in letter
    page = await counter.anna.open(f"{ADDRESSES}/code")
    taken = page.text.replace("sam@shelter.example", "…")
    clock.forward(seconds=1)
    await add(counter)
    page = await counter.anna.open(f"{ADDRESSES}/code")
    assert page.text.replace(NEW, "…") == taken
    async with counter.desk.database.reading() as db:
        owner = await db.scalar(
            select(sign_in_addresses.c.person_id).where(
                sign_in_addresses.c.address == "sam@shelter.example"
            )
        )
    assert owner == counter.cast.sam_id


async def test_who_confirms_an_address_first_has_it(counter: Counter) -> None:
    """Anna and Sam were both sent a letter to a mailbox that they share."""
    letter = await add(counter, "all@home.example")
    async with counter.desk.database.writing() as db:
        await stored.add_address(
            db, counter.cast.sam_id, "all@home.example", counter.desk.clock.now()
        )
    await counter.anna.open(f"{ADDRESSES}/code")
    answer = await counter.anna.send(counter.anna.form(f"{ADDRESSES}/code"), code=code_in(letter))
    assert answer.status_code == 400
    assert "This address opens another account" in answer.text
    assert await addresses_of_anna(counter) == {ANNAS}


async def test_of_twenty_confirmations_at_once_one_is_taken(counter: Counter) -> None:
    link = link_in(await add(counter))
    await counter.anna.open(link)
    form = counter.anna.form(f"{ADDRESSES}/confirm")

    async def confirm() -> int:
        answer = await counter.anna.http.post(form.action, data=form.fields)
        return answer.status_code

    statuses = await asyncio.gather(*(confirm() for _ in range(20)))
    assert sorted(statuses) == [303] + [404] * 19
    assert await addresses_of_anna(counter) == {ANNAS, NEW}


async def test_the_last_way_in_stays(counter: Counter, contents: Contents) -> None:
    await counter.anna.open(SECURITY)
    token = counter.anna.form("/account/sign-out").fields["form_token"]
    before = await contents()
    answer = await counter.anna.http.post(
        f"{ADDRESSES}/remove",
        data={"address": ANNAS, "sure": "yes", "form_token": token},
        headers={"origin": "http://hub.test"},
    )
    assert answer.status_code == 403
    assert "the only way into your account" in answer.text
    assert await contents() == before


async def test_of_two_addresses_removed_at_once_one_stays(counter: Counter) -> None:
    await give(counter, NEW)
    await counter.anna.open(SECURITY)
    token = counter.anna.form("/account/sign-out").fields["form_token"]

    async def remove_one(address: str) -> int:
        answer = await counter.anna.http.post(
            f"{ADDRESSES}/remove",
            data={"address": address, "sure": "yes", "form_token": token},
            headers={"origin": "http://hub.test"},
        )
        return answer.status_code

    statuses = await asyncio.gather(*(remove_one(each) for each in [ANNAS, NEW] * 5))
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 403, 404}
    assert len(await addresses_of_anna(counter)) == 1


async def test_removing_an_address_ends_other_sessions_and_is_told(counter: Counter) -> None:
    await give(counter, NEW)
    phone = await counter.new_browser()
    await sign_in(counter.desk, phone, counter.cast.anna_id, "Anna")
    assert await remove(counter.anna, NEW) == 303
    assert await addresses_of_anna(counter) == {ANNAS}
    assert (await phone.open(SECURITY)).status_code == 303
    assert (await counter.anna.open(SECURITY)).status_code == 200
    for address in (ANNAS, NEW):
        assert "An address was removed" in (await mailbox(counter.service.database, address))[-1]


async def test_nobody_removes_somebody_elses_address(counter: Counter, contents: Contents) -> None:
    await give(counter, NEW)
    before = await contents()
    assert await remove(counter.anna, "sam@shelter.example") == 404
    assert await contents() == before


async def test_a_password_is_set_changed_and_removed(counter: Counter) -> None:
    browser = counter.anna
    await browser.open(f"{SECURITY}/password")
    form = browser.form(f"{SECURITY}/password")
    for fields, said in (
        ({"password": "short", "again": "short"}, "at least 12"),
        ({"password": "lamp river seven coat", "again": "lamp"}, "are not the same"),
    ):
        answer = await browser.send(form, **fields)
        assert answer.status_code == 400
        assert said in answer.text
        assert "lamp river" not in answer.text
    password = "lamp river seven coat"
    answer = await browser.send(
        browser.form(f"{SECURITY}/password"), password=password, again=password
    )
    assert answer.headers["location"] == SECURITY
    assert "You have one." in (await browser.open(SECURITY)).text
    async with counter.desk.database.reading() as db:
        kept = await stored.password_of_address(db, ANNAS)
    assert kept is not None
    assert await Passwords(counter.desk.chance).matches(password, kept.password_hash)
    await browser.open(f"{SECURITY}/password/remove")
    await browser.send(browser.form(f"{SECURITY}/password/remove"))
    assert "You have none" in (await browser.open(SECURITY)).text


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (ADDRESSES, "GET"),
        (ADDRESSES, "POST"),
        (f"{ADDRESSES}/remove", "POST"),
        (f"{SECURITY}/password", "GET"),
        (f"{SECURITY}/password", "POST"),
        (f"{SECURITY}/password/remove", "GET"),
        (f"{SECURITY}/password/remove", "POST"),
    ],
)
async def test_every_change_takes_somebody_who_showed_themselves_a_moment_ago(
    counter: Counter, clock: StandingClock, contents: Contents, path: str, method: str
) -> None:
    clock.forward(minutes=FRESH.total_seconds() / 60 + 1)
    await counter.anna.open(SECURITY)
    token = counter.anna.form("/account/sign-out").fields["form_token"]
    before = await contents()
    given = {
        "form_token": token,
        "address": ANNAS,
        "sure": "yes",
        "password": "lamp river seven coat",
    }
    answer = await counter.anna.http.request(
        method,
        path,
        data=given if method == "POST" else None,
        headers={"origin": "http://hub.test"},
    )
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where.startswith("/account/sign-in?next=")
    assert where.endswith("&again=yes")
    assert await contents() == before
    # And there is a page where it leads back to.
    assert (await counter.anna.http.get(path)).status_code != 405
