"""An organization's team, on its pages: inviting, coming in, changing roles, going."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from auth.sessions import FRESH
from storage.account_tables import accounts, sign_in_addresses, team_invitations
from storage.account_tables import sessions as session_rows
from storage.engine import Database
from storage.tables import audit_entries, outgoing_mail, persons, team_members
from tests.conftest import Contents
from tests.outside import StandingClock
from tests.web.account.browsing import Browser, sign_in
from tests.web.account.conftest import Counter

PANTRY = "/account/team/river-city-pantry"
INVITE = f"{PANTRY}/invite"
INVITATION = "/account/invitation"
MIA = "mia@pantry.example"


async def letters(database: Database) -> list[tuple[str, str, str]]:
    async with database.reading() as db:
        found = await db.execute(
            select(outgoing_mail.c.to, outgoing_mail.c.subject, outgoing_mail.c.text).order_by(
                outgoing_mail.c.id
            )
        )
        return [(row.to, row.subject, row.text) for row in found]


async def link(database: Database) -> str:
    """In the letter that was written last."""
    *_, (_, _, text) = await letters(database)
    found = re.search(r"http://hub\.test(/account/invitation\?letter=\S+)", text)
    assert found, text
    return found[1]


async def invited(
    counter: Counter, database: Database, role: str = "EDITOR", address: str = MIA
) -> str:
    """The link in the letter."""
    await counter.anna.open(INVITE)
    answer = await counter.anna.send(counter.anna.form(INVITE), address=address, role=role)
    assert (answer.status_code, answer.headers["location"]) == (303, PANTRY)
    return await link(database)


async def team(database: Database, organization_id: str) -> dict[str, str]:
    async with database.reading() as db:
        found = await db.execute(
            select(persons.c.display_name, team_members.c.role)
            .join(persons, persons.c.id == team_members.c.person_id)
            .where(team_members.c.organization_id == organization_id)
        )
        return {row.display_name: row.role for row in found}


async def actions(database: Database) -> list[str]:
    """What is on record of teams, but for what the operator did, in the order of words."""
    async with database.reading() as db:
        found = await db.scalars(
            select(audit_entries.c.action)
            .where(audit_entries.c.action.like("%team%"), audit_entries.c.client_id.is_(None))
            .order_by(audit_entries.c.action)
        )
        return list(found)


async def somebody(counter: Counter, name: str, role: str | None) -> Browser:
    """Signed in, and in the Pantry's team."""
    desk = counter.desk
    async with desk.database.writing() as db:
        person_id = f"prs_{name}@hub.test"
        await db.execute(
            persons.insert().values(id=person_id, display_name=name, created_at=desk.clock.now())
        )
        await db.execute(
            accounts.insert().values(
                person_id=person_id, handle=name.encode(), created_at=desk.clock.now()
            )
        )
        if role is not None:
            await db.execute(
                team_members.insert().values(
                    id=f"tmb_{name}@hub.test",
                    organization_id=counter.cast.pantry,
                    person_id=person_id,
                    role=role,
                    since=desk.clock.now(),
                )
            )
    browser = await counter.new_browser()
    await sign_in(desk, browser, person_id, name)
    return browser


def problem(answer: httpx.Response) -> str:
    found = re.search(r'<div class="problems".*?</div>', answer.text, re.DOTALL)
    return found[0] if found else answer.text


# ── inviting ─────────────────────────────────────────────────────────────────────────────────


async def test_an_owner_invites_and_the_letter_says_who_and_to_what(
    counter: Counter, database: Database
) -> None:
    await invited(counter, database, address="  Mia@Pantry.Example ")
    ((to, subject, text),) = await letters(database)
    assert (to, subject) == (MIA, "Invitation to the team of River City Pantry")
    assert "Anna invites you into the team of “River City Pantry” on River City" in text
    page = await counter.anna.open(PANTRY)
    assert MIA in page.text
    assert "Good until 15 March 2027." in page.text
    assert await team(database, counter.cast.pantry) == {"Anna": "OWNER"}
    assert await actions(database) == ["organization.team_invitation_sent"]
    async with database.reading() as db:
        details = await db.scalars(select(audit_entries.c.detail))
    assert not [each for each in details if each and "@pantry" in each]


@pytest.mark.parametrize(
    ("mine", "role", "status"),
    [
        ("ADMIN", "OWNER", 403),
        ("EDITOR", "VIEWER", 403),
        ("VIEWER", "VIEWER", 403),
        (None, "VIEWER", 404),
        ("ADMIN", "KING", 400),
        ("ADMIN", "", 400),
    ],
)
async def test_nobody_gives_more_than_they_may(
    counter: Counter,
    contents: Contents,
    mine: str | None,
    role: str,
    status: int,
) -> None:
    """Also where a form is made up: the page offers only what may be."""
    browser = await somebody(counter, "Max", mine)
    await browser.open("/account")
    form = browser.form()
    form.action, form.method = INVITE, "post"
    before = await contents()
    answer = await browser.send(form, address=MIA, role=role)
    after = await contents()
    assert answer.status_code == status
    assert without_throttles(after) == without_throttles(before)


def without_throttles(rows: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: kept for name, kept in rows.items() if name != "throttles"}


async def test_the_page_offers_what_may_be_given(counter: Counter) -> None:
    page = await counter.anna.open(INVITE)
    assert re.findall(r'name="role" value="([A-Z_]+)"', page.text) == [
        "OWNER", "ADMIN", "EDITOR", "EVENT_MANAGER", "VIEWER",
    ]  # fmt: skip
    max_ = await somebody(counter, "Max", "ADMIN")
    page = await max_.open(INVITE)
    assert "OWNER" not in re.findall(r'name="role" value="([A-Z_]+)"', page.text)
    vera = await somebody(counter, "Vera", "VIEWER")
    assert (await vera.open(INVITE)).status_code == 403
    assert INVITE not in (await vera.open(PANTRY)).text
    lee = await somebody(counter, "Nobody", None)
    assert (await lee.open(PANTRY)).status_code == 404


async def test_who_has_not_shown_who_they_are_of_late_does_so_first(
    counter: Counter, database: Database, clock: StandingClock
) -> None:
    await counter.anna.open(INVITE)
    form = counter.anna.form(INVITE)
    clock.forward(seconds=FRESH.total_seconds() + 1)
    for answer in (
        await counter.anna.open(INVITE),
        await counter.anna.send(form, address=MIA, role="EDITOR"),
    ):
        to = urlsplit(answer.headers["location"])
        assert (answer.status_code, to.path) == (303, "/account/sign-in")
        assert parse_qs(to.query) == {"next": [INVITE], "again": ["yes"]}
    assert await letters(database) == []
    assert (await counter.anna.open(PANTRY)).status_code == 200


async def test_one_waits_for_an_address_until_it_is_over(
    counter: Counter, database: Database, clock: StandingClock
) -> None:
    first = await invited(counter, database)
    await counter.anna.open(INVITE)
    answer = await counter.anna.send(counter.anna.form(INVITE), address=MIA, role="ADMIN")
    assert answer.status_code == 400
    assert "waits for this address already" in problem(answer)
    clock.forward(days=14)
    assert (await counter.browser.open(first)).status_code == 404
    await sign_in(counter.desk, counter.anna, counter.cast.anna_id, "Anna")
    page = await counter.anna.open(PANTRY)
    assert "is over." in page.text
    second = await invited(counter, database)
    assert (await counter.browser.open(second)).status_code == 200
    async with database.reading() as db:
        outcomes = await db.scalars(
            select(team_invitations.c.outcome).order_by(team_invitations.c.created_at)
        )
        assert list(outcomes) == ["EXPIRED", None]


async def test_sent_again_it_has_a_new_link_and_the_old_one_is_dead(
    counter: Counter, database: Database, clock: StandingClock
) -> None:
    first = await invited(counter, database)
    max_ = await somebody(counter, "Max", "ADMIN")
    await max_.open(PANTRY)
    clock.forward(minutes=1)
    (page,) = [each for each in max_.links if "/invitations/" in each]
    await max_.open(page)
    answer = await max_.send(max_.form(), do="again")
    assert answer.status_code == 303
    second = await link(database)
    assert second != first
    assert (await counter.browser.open(first)).status_code == 404
    shown = await counter.browser.open(second)
    assert '<dd><bdi lang="">Max</bdi></dd>' in shown.text


async def test_an_admin_neither_sends_again_nor_withdraws_what_makes_an_owner(
    counter: Counter, database: Database, contents: Contents
) -> None:
    await invited(counter, database, "OWNER")
    max_ = await somebody(counter, "Max", "ADMIN")
    page = await max_.open(PANTRY)
    assert MIA in page.text
    assert "/invitations/" not in page.text
    async with database.reading() as db:
        name = await db.scalar(select(team_invitations.c.id))
    before = await contents()
    for do in ("again", "withdraw"):
        form = max_.form()
        form.action, form.method = f"{PANTRY}/invitations/{name}", "post"
        assert (await max_.send(form, do=do)).status_code == 403
        await max_.open(PANTRY)
    assert without_throttles(await contents()) == without_throttles(before)


async def test_withdrawn_it_lets_nobody_in(counter: Counter, database: Database) -> None:
    letter = await invited(counter, database)
    await counter.browser.open(letter)
    form = counter.browser.form(INVITATION)
    await counter.anna.open(PANTRY)
    (page,) = [each for each in counter.anna.links if "/invitations/" in each]
    await counter.anna.open(page)
    await counter.anna.send(counter.anna.form(), do="withdraw")
    answer = await counter.browser.send(form, do="new", displayName="Mia")
    assert answer.status_code == 404
    assert "not good any more" in answer.text
    assert await team(database, counter.cast.pantry) == {"Anna": "OWNER"}
    assert (await counter.anna.open(page)).status_code == 404


async def test_nobody_is_written_to_again_and_again(
    counter: Counter, database: Database, clock: StandingClock
) -> None:
    await invited(counter, database)
    await counter.anna.open(PANTRY)
    (page,) = [each for each in counter.anna.links if "/invitations/" in each]
    answers = []
    for _ in range(6):
        await counter.anna.open(page)
        answers.append(await counter.anna.send(counter.anna.form(), do="again"))
    assert [each.status_code for each in answers] == [303] * 4 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 60
    assert len(await letters(database)) == 5


# ── coming in ────────────────────────────────────────────────────────────────────────────────


async def test_somebody_new_makes_an_account_and_is_told_of_passkeys(
    counter: Counter, database: Database
) -> None:
    letter = await invited(counter, database)
    browser = counter.browser
    page = await browser.open(letter)
    # No other site is told the address; with no-referrer, forms would come from nowhere (Fetch s3.2).
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"
    for words in ("River City Pantry", "Anna", "Editor", MIA, "15 March 2027"):
        assert words in page.text
    answer = await browser.send(browser.form(INVITATION), do="new", displayName="Mia  Rivera")
    assert answer.status_code == 303
    there = await browser.open(answer.headers["location"])
    assert "Welcome, <bdi>Mia Rivera</bdi>." in there.text
    assert 'href="/account/security"' in there.text
    assert await team(database, counter.cast.pantry) == {"Anna": "OWNER", "Mia Rivera": "EDITOR"}
    async with database.reading() as db:
        owner = await db.scalar(
            select(persons.c.display_name)
            .join(sign_in_addresses, sign_in_addresses.c.person_id == persons.c.id)
            .where(sign_in_addresses.c.address == MIA)
        )
        methods = await db.scalar(
            select(session_rows.c.methods)
            .join(sign_in_addresses, sign_in_addresses.c.person_id == session_rows.c.person_id)
            .where(sign_in_addresses.c.address == MIA)
        )
    assert (owner, methods) == ("Mia Rivera", ["otp"])
    assert "organization.team_member_added" in await actions(database)
    assert (await browser.open(letter)).status_code == 404


async def test_programs_that_look_at_links_use_nothing_up(
    counter: Counter, contents: Contents, database: Database
) -> None:
    letter = await invited(counter, database)
    before = await contents()
    for _ in range(20):
        assert (await counter.browser.http.get(letter)).status_code == 200
        assert (await counter.browser.http.head(letter)).status_code == 200
    assert await contents() == before


async def test_whoever_is_signed_in_joins_with_that_account(
    counter: Counter, database: Database
) -> None:
    """Whatever its address: the page says with whom."""
    letter = await invited(counter, database, "VIEWER")
    sam = await counter.new_browser()
    await sign_in(counter.desk, sam, counter.cast.sam_id, "Sam")
    page = await sam.open(letter)
    assert 'Join as <bdi lang="">Sam</bdi>' in page.text
    assert "displayName" not in page.text
    answer = await sam.send(sam.form(INVITATION), do="accept")
    assert (answer.status_code, answer.headers["location"]) == (303, PANTRY)
    assert await team(database, counter.cast.pantry) == {"Anna": "OWNER", "Sam": "VIEWER"}
    async with database.reading() as db:
        assert (
            await db.scalar(
                select(func.count())
                .select_from(sign_in_addresses)
                .where(sign_in_addresses.c.address == MIA)
            )
            == 0
        )


async def test_whoever_has_an_account_signs_in_and_comes_back(
    counter: Counter, database: Database, contents: Contents
) -> None:
    letter = await invited(counter, database, address="lee@library.example")
    browser = counter.browser
    page = await browser.open(letter)
    assert "opens an account here already" in page.text
    (sign_in_link,) = [each for each in browser.links if each.startswith("/account/sign-in")]
    assert parse_qs(urlsplit(sign_in_link).query)["next"] == [letter]
    form = browser.form(INVITATION)
    before = await contents()
    answer = await browser.send(form, do="new", displayName="Eve")
    assert answer.status_code == 400
    assert "opens an account already" in problem(answer)
    answer = await browser.send(form, do="accept")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["next"] == [letter]
    assert without_throttles(await contents()) == without_throttles(before)


async def test_whoever_is_in_the_team_keeps_their_role(
    counter: Counter, database: Database, contents: Contents
) -> None:
    letter = await invited(counter, database, "VIEWER")
    page = await counter.anna.open(letter)
    assert "You are in this team already" in page.text
    before = await contents()
    answer = await counter.anna.send(counter.anna.form(INVITATION), do="accept")
    assert answer.status_code == 400
    assert without_throttles(await contents()) == without_throttles(before)


async def test_it_is_declined_without_an_account(counter: Counter, database: Database) -> None:
    letter = await invited(counter, database)
    await counter.browser.open(letter)
    answer = await counter.browser.send(counter.browser.form(INVITATION), do="decline")
    assert "You are not in the team" in answer.text
    assert (await counter.browser.open(letter)).status_code == 404
    assert "organization.team_invitation_declined" in await actions(database)
    await invited(counter, database)  # may be asked once more


async def test_what_its_sender_may_not_do_any_more_it_does_not_do(
    counter: Counter, database: Database
) -> None:
    """Nobody sends themselves an invitation for the day after they are removed."""
    max_ = await somebody(counter, "Max", "ADMIN")
    await max_.open(INVITE)
    await max_.send(max_.form(INVITE), address=MIA, role="ADMIN")
    letter = await link(database)
    browser = counter.browser
    assert (await browser.open(letter)).status_code == 200
    form = browser.form(INVITATION)
    await counter.anna.open(f"{PANTRY}/members/tmb_Max@hub.test")
    await counter.anna.send(counter.anna.form(), do="remove")
    assert (await browser.open(letter)).status_code == 404
    answer = await browser.send(form, do="new", displayName="Max again")
    assert answer.status_code == 404
    assert await team(database, counter.cast.pantry) == {"Anna": "OWNER"}


async def test_a_name_is_needed_and_nothing_is_made_without_one(
    counter: Counter, database: Database, contents: Contents
) -> None:
    letter = await invited(counter, database)
    await counter.browser.open(letter)
    before = await contents()
    answer = await counter.browser.send(counter.browser.form(INVITATION), do="new", displayName=" ")
    assert answer.status_code == 400
    assert "displayName: write something here." in problem(answer)
    assert without_throttles(await contents()) == without_throttles(before)


# ── changing and going ───────────────────────────────────────────────────────────────────────


async def change(browser: Browser, name: str, **fields: str) -> httpx.Response:
    await browser.open("/account")
    form = browser.form()
    form.action, form.method = f"{PANTRY}/members/tmb_{name}@hub.test", "post"
    return await browser.send(form, **fields)


async def test_a_role_is_changed_by_whoever_stands_above_it(
    counter: Counter, database: Database
) -> None:
    max_ = await somebody(counter, "Max", "ADMIN")
    await somebody(counter, "Vera", "VIEWER")
    await somebody(counter, "Olga", "OWNER")
    await max_.open(PANTRY)
    assert [each for each in max_.links if "/members/" in each] == [
        f"{PANTRY}/members/tmb_{name}%40hub.test" for name in ("Max", "Vera")
    ]
    assert (await change(max_, "Vera", do="role", role="ADMIN")).status_code == 303
    for refused in (
        await change(max_, "Vera", do="role", role="OWNER"),
        await change(max_, "Olga", do="role", role="VIEWER"),
        await change(max_, "Olga", do="remove"),
        await change(max_, "Max", do="role", role="OWNER"),
    ):
        assert refused.status_code == 403
    assert await team(database, counter.cast.pantry) == {
        "Anna": "OWNER", "Max": "ADMIN", "Vera": "ADMIN", "Olga": "OWNER",
    }  # fmt: skip
    assert (await change(max_, "Max", do="role", role="EDITOR")).status_code == 303
    assert (await change(max_, "Max", do="role", role="ADMIN")).status_code == 403
    assert (await change(counter.anna, "Olga", do="remove")).status_code == 303
    assert await team(database, counter.cast.pantry) == {
        "Anna": "OWNER", "Max": "EDITOR", "Vera": "ADMIN",
    }  # fmt: skip
    assert await actions(database) == [
        "organization.team_member_removed",
        "organization.team_role_changed",
        "organization.team_role_changed",
    ]


async def test_the_last_owner_neither_goes_nor_steps_down(
    counter: Counter, database: Database, contents: Contents
) -> None:
    async with database.reading() as db:
        anna = await db.scalar(
            select(team_members.c.id).where(team_members.c.organization_id == counter.cast.pantry)
        )
    before = await contents()
    await counter.anna.open(f"{PANTRY}/leave")
    answer = await counter.anna.send(counter.anna.form(f"{PANTRY}/leave"))
    assert answer.status_code == 403
    assert "at least one owner" in problem(answer)
    for fields in ({"do": "role", "role": "ADMIN"}, {"do": "remove"}):
        await counter.anna.open(f"{PANTRY}/members/{anna}")
        form = counter.anna.form()
        answer = await counter.anna.send(form, **fields)
        assert answer.status_code == 403
        assert "at least one owner" in problem(answer)
    assert await contents() == before


async def test_whoever_leaves_sees_the_team_no_more(counter: Counter, database: Database) -> None:
    olga = await somebody(counter, "Olga", "OWNER")
    await counter.anna.open(f"{PANTRY}/leave")
    answer = await counter.anna.send(counter.anna.form(f"{PANTRY}/leave"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert (await counter.anna.open(PANTRY)).status_code == 404
    assert await team(database, counter.cast.pantry) == {"Olga": "OWNER"}
    assert (await olga.open(PANTRY)).status_code == 200
    assert await actions(database) == ["organization.team_left"]


async def test_an_old_form_of_another_session_changes_nothing(
    counter: Counter, database: Database
) -> None:
    await somebody(counter, "Max", "ADMIN")
    await counter.anna.open(f"{PANTRY}/members/tmb_Max@hub.test")
    form = counter.anna.form()
    form.fields["form_token"] = "another"
    assert (await counter.anna.send(form, do="remove")).status_code == 403
    assert await team(database, counter.cast.pantry) == {"Anna": "OWNER", "Max": "ADMIN"}
