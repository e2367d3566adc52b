"""Alliances in the console: coming in, letting in, agreeing, deciding, leaving."""

import re

import pytest
from sqlalchemy import select, update

from auth.sessions import FRESH
from domain.alliances import AllianceRole, DecisionRule
from domain.sharing import FINAL_STATUSES, JoinPolicy
from resolvers import agreements, memberships
from resolvers.agreements import NewAgreement
from resolvers.operating import operator_for
from storage.tables import agreement_acceptances, alliance_members, alliances
from tests.conftest import Contents
from tests.web.account.browsing import Browser
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff

HOSTILE = "<script>alert(1)</script>\u202egnp"
PLACES = """query ($id: ID!) { alliance(id: $id) { members(statuses: null, first: 100) { nodes {
    id status role message endReason organization { name } } } } }"""


async def places(staff: Staff) -> dict[str, str]:
    """Of City Table, as its convener is told; of an organization that had several, all of them."""
    told = await staff.asked(PLACES, id=staff.cast.city_table)
    found: dict[str, list[str]] = {}
    for each in told["alliance"]["members"]["nodes"]:
        found.setdefault(each["organization"]["name"], []).append(each["status"])
    return {name: " ".join(sorted(statuses)) for name, statuses in found.items()}


async def membership(staff: Staff, organization_id: str) -> str:
    """The one of which something may come."""
    async with staff.database.reading() as db:
        found: str | None = await db.scalar(
            select(alliance_members.c.id).where(
                alliance_members.c.organization_id == organization_id,
                alliance_members.c.status.not_in(FINAL_STATUSES),
            )
        )
    assert found is not None
    return found


async def send(browser: Browser, address: str, **fields: str) -> str:
    """The page's own form, sent; where it leads to."""
    page = await browser.open(address)
    assert page.status_code == 200, page.text
    answer = await browser.send(browser.form(address.partition("?")[0]), **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def table(staff: Staff, *more: str, home: str = PANTRY) -> str:
    return "/".join([home, "alliances", staff.cast.city_table, *more])


async def test_an_organization_is_found_invited_and_comes_in(staff: Staff) -> None:
    page = await staff.anna.open(table(staff, "invite") + "?search=library")
    assert "Northside Library" in page.text
    page = await staff.anna.open(table(staff, "invite") + "?search=shelter")
    assert "it is in the alliance already" in page.text
    to = await send(
        staff.anna,
        table(staff, "invite") + f"?organization={staff.cast.library}",
        role="OBSERVER",
        message=HOSTILE,
    )
    page = await staff.anna.open(to)
    assert "The invitation is sent." in page.text
    assert "On the way in" in page.text
    page = await staff.lee.open(f"{LIBRARY}/alliances")
    assert "1 alliance invites you" in page.text
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    place = await membership(staff, staff.cast.library)
    here = f"{LIBRARY}/alliances/{staff.cast.city_table}/members/{place}/accept"
    assert here in staff.lee.links
    page = await staff.lee.open(here)
    assert "Your organization comes in." in page.text
    to = await send(staff.lee, here)
    assert (await places(staff))["Northside Library"] == "ACTIVE"
    page = await staff.lee.open(to)
    assert "3 members" in page.text
    assert len(page.content) < 50_000


async def test_an_invitation_is_declined_with_a_word_and_another_taken_back(staff: Staff) -> None:
    city = staff.cast.city_table
    await memberships.invite(staff.context(staff.cast.anna), city, staff.cast.library)
    place = await membership(staff, staff.cast.library)
    here = f"{LIBRARY}/alliances/{city}/members/{place}"
    await send(staff.lee, f"{here}/decline", reason="Not this year.")
    assert (await places(staff))["Northside Library"] == "DECLINED"
    await memberships.invite(staff.context(staff.cast.anna), city, staff.cast.library)
    place = await membership(staff, staff.cast.library)
    page = await staff.anna.open(table(staff, "members", place))
    assert "Take the invitation back" in page.text, page.text
    assert "Accept the invitation" not in page.text
    await send(staff.anna, table(staff, "members", place, "take-back-invitation"))
    assert (await places(staff))["Northside Library"] == "CANCELED DECLINED"


async def test_an_organization_asks_and_is_let_in_once(staff: Staff) -> None:
    async with staff.database.writing() as db:
        await db.execute(update(alliances).values(join_policy=JoinPolicy.BY_REQUEST))
    page = await staff.lee.open(f"{LIBRARY}/alliances/find?search=city")
    assert "City Table" in page.text
    assert table(staff, "join", home=LIBRARY) in staff.lee.links
    here = table(staff, "join", home=LIBRARY)
    page = await staff.lee.open(here)
    assert "By joining, organizations grant one another:" in page.text
    form = staff.lee.form(here)
    for _ in range(2):
        assert (await staff.lee.send(form, message="Please.")).status_code == 303
    place = await membership(staff, staff.cast.library)
    page = await staff.anna.open(table(staff, "members", place))
    assert "Please." in page.text
    await send(staff.anna, table(staff, "members", place, "let-in"))
    assert (await places(staff))["Northside Library"] == "ACTIVE"
    async with staff.database.reading() as db:
        found = await db.scalars(
            select(alliance_members.c.id).where(
                alliance_members.c.organization_id == staff.cast.library
            )
        )
        assert len(found.all()) == 1


async def test_a_member_is_set_aside_with_a_reason_and_taken_back(
    staff: Staff, contents: Contents
) -> None:
    place = await membership(staff, staff.cast.shelter)
    here = table(staff, "members", place, "suspend")
    await staff.anna.open(here)
    form = staff.anna.form(here)
    before = await contents()
    refused = await staff.anna.send(form, reason=" ")
    assert refused.status_code == 422
    assert 'id="reason-problem"' in refused.text
    assert await contents() == before
    await send(staff.anna, here, reason="A question is open.")
    assert (await places(staff))["Harbor Shelter"] == "SUSPENDED"
    page = await staff.sam.open(table(staff, home=SHELTER))
    assert "A question is open." in page.text
    await send(staff.anna, table(staff, "members", place, "reinstate"))
    assert (await places(staff))["Harbor Shelter"] == "ACTIVE"
    await send(staff.anna, table(staff, "members", place, "remove"), reason="It is closed.")
    assert (await places(staff))["Harbor Shelter"] == "REMOVED"


async def test_leaving_says_what_it_means_and_takes_somebody_who_may(
    staff: Staff, contents: Contents
) -> None:
    place = await membership(staff, staff.cast.shelter)
    here = table(staff, "members", place, "leave", home=SHELTER)
    assert here not in (await staff.sam.open(table(staff, home=SHELTER))).text
    await staff.sam.open(here)
    form = staff.sam.form(here)
    before = await contents()
    refused = await staff.sam.send(form)  # an editor, who binds the organization to nothing
    assert refused.status_code == 422
    assert "owners and admins" in refused.text
    form.fields["form_token"] = "forged"
    assert (await staff.sam.send(form)).status_code == 403
    assert await contents() == before
    ada = await staff.somebody("Ada", staff.cast.shelter, "ADMIN")
    page = await ada.open(here)
    assert "Your organization leaves at once" in page.text
    to = await send(ada, here, reason="We merge.")
    assert "Your organization has left the alliance." in (await ada.open(to)).text
    assert (await places(staff))["Harbor Shelter"] == "LEFT"


async def test_an_agreement_is_published_read_whole_and_accepted(staff: Staff) -> None:
    to = await send(
        staff.anna, table(staff, "agreements", "new"), title="Charter", body=f"Be kind.\n{HOSTILE}"
    )
    assert "The agreement is published." in (await staff.anna.open(to)).text
    ada = await staff.somebody("Ada", staff.cast.shelter, "ADMIN")
    page = await ada.open(f"{SHELTER}/alliances")
    assert "Agreements that wait for you" in page.text
    found = re.search(r'href="([^"]+/agreements/[^"]+)"', page.text)
    assert found is not None
    page = await ada.open(found[1])
    assert "Be kind." in page.text
    assert "<script" not in page.text
    assert f"{found[1]}/accept" in ada.links
    staff.clock.forward(seconds=FRESH.total_seconds() + 1)
    answer = await ada.open(f"{found[1]}/accept")
    assert answer.status_code == 303
    assert "/account/sign-in" in answer.headers["location"]
    staff.clock.forward(seconds=-FRESH.total_seconds())
    page = await ada.open(f"{found[1]}/accept")
    assert "Be kind." in page.text
    to = await send(ada, f"{found[1]}/accept")
    assert "Your organization has accepted the agreement." in (await ada.open(to)).text
    async with staff.database.reading() as db:
        who = await db.scalars(select(agreement_acceptances.c.organization_id))
        assert staff.cast.shelter in who.all()
    assert f"{found[1]}/accept" not in (await ada.open(found[1])).text


async def test_an_editor_accepts_nothing_for_the_organization(
    staff: Staff, contents: Contents
) -> None:
    new = NewAgreement(alliance_id=staff.cast.city_table, title="Charter", body="Be kind.")
    agreement_id = await agreements.publish(staff.context(staff.cast.anna), new)
    here = table(staff, "agreements", agreement_id, home=SHELTER)
    page = await staff.sam.open(here)
    assert f"{here}/accept" not in page.text
    await staff.sam.open(f"{here}/accept")
    form = staff.sam.form(f"{here}/accept")
    before = await contents()
    assert (await staff.sam.send(form)).status_code == 422
    assert await contents() == before


async def test_members_put_a_question_and_decide_it(staff: Staff) -> None:
    async with staff.database.writing() as db:
        await db.execute(update(alliances).values(decision_rule=DecisionRule.UNANIMITY))
    to = await send(
        staff.anna,
        table(staff, "proposals", "new"),
        kind="OTHER",
        title="A summer market",
        body="Together, in June.",
    )
    page = await staff.anna.open(to)
    assert "The question is put to the members." in page.text
    here = to.partition("?")[0]
    await send(staff.anna, here, choice="AGREE", do="vote")
    ada = await staff.somebody("Ada", staff.cast.shelter, "ADMIN")
    page = await ada.open(table(staff, home=SHELTER))
    assert "Your ballot is awaited." in page.text
    theirs = here.replace(PANTRY, SHELTER)
    await ada.open(theirs)
    refused = await ada.send(ada.form(theirs), choice="BLOCK", do="vote")
    assert refused.status_code == 422
    assert 'id="reason-problem"' in refused.text
    await send(ada, theirs, choice="DISAGREE", reason="In July.", do="vote")
    page = await staff.anna.open(here)
    assert "Turned down" in page.text
    assert "In July." in page.text


async def test_who_put_a_question_takes_it_back_and_who_has_no_vote_says_nothing(
    staff: Staff, contents: Contents
) -> None:
    async with staff.database.writing() as db:
        await db.execute(update(alliances).values(decision_rule=DecisionRule.CONSENT))
        await db.execute(
            update(alliance_members)
            .where(alliance_members.c.organization_id == staff.cast.shelter)
            .values(role=AllianceRole.OBSERVER)
        )
    to = await send(staff.anna, table(staff, "proposals", "new"), title="A market", body="In June.")
    here = to.partition("?")[0]
    ada = await staff.somebody("Ada", staff.cast.shelter, "ADMIN")
    theirs = here.replace(PANTRY, SHELTER)
    page = await ada.open(theirs)
    assert "What Harbor Shelter says" not in page.text
    form = ada.form("/account/sign-out")
    form.action = theirs
    before = await contents()
    refused = await ada.send(form, choice="AGREE", do="vote")
    assert refused.status_code == 422
    assert await contents() == before
    await staff.anna.open(here)
    answer = await staff.anna.send(staff.anna.form(here), do="withdraw")
    assert answer.status_code == 303
    assert "Taken back" in (await staff.anna.open(here)).text


async def test_an_alliance_is_founded_and_its_terms_are_changed(staff: Staff) -> None:
    to = await send(
        staff.anna,
        f"{PANTRY}/alliances/new",
        name="Harvest",
        slug="harvest",
        purpose="Nothing is thrown away.",
        kind="CAMPAIGN",
        causes="food, farms",
        events="ALLIANCE",
        joinPolicy="OPEN",
        decisionRule="MAJORITY",
        editing="ALL",
        attendees="NONE",
        visibility="PUBLIC",
    )
    page = await staff.anna.open(to)
    assert "The alliance is made." in page.text
    assert "for its members to see" in page.text
    here = to.partition("?")[0] + "/edit"
    await staff.anna.open(here)
    first = staff.anna.form(here)
    terms = {
        "events": "PUBLIC", "joinPolicy": "OPEN", "decisionRule": "MAJORITY",
        "editing": "ALL", "attendees": "NONE", "visibility": "PUBLIC",
    }  # fmt: skip
    words = {"purpose": "Nothing rots.", "name": "Harvest", **terms}
    assert (await staff.anna.send(first, **words)).status_code == 303
    late = await staff.anna.send(first, **{**words, "purpose": "Too late."})
    assert late.status_code == 409
    assert "Somebody else changed it meanwhile." in late.text
    assert "Nothing rots." in late.text
    assert "Too late." in late.text
    assert (await staff.anna.send(staff.anna.form(here), **words)).status_code == 303


@pytest.mark.parametrize("part", ["", "/invite", "/edit", "/agreements/new", "/proposals/new"])
async def test_a_stranger_finds_nothing_and_changes_nothing(
    staff: Staff, contents: Contents, part: str
) -> None:
    before = await contents()
    assert (await staff.lee.open(table(staff) + part)).status_code == 404
    async with staff.database.writing() as db:
        await db.execute(update(alliances).values(visibility="ALLIANCE"))
    before = await contents()
    answer = await staff.lee.open(table(staff, home=LIBRARY) + part)
    assert answer.status_code == 404
    after = await contents()
    assert after["alliances"] == before["alliances"]
    assert after["alliance_members"] == before["alliance_members"]


async def test_a_member_that_does_not_lead_is_offered_nothing_and_refused(
    staff: Staff, contents: Contents
) -> None:
    ada = await staff.somebody("Ada", staff.cast.shelter, "ADMIN")
    page = await ada.open(table(staff, home=SHELTER))
    for part in ("invite", "edit", "agreements/new"):
        assert f"/{part}" not in page.text
    whom = f"?organization={staff.cast.library}"
    await ada.open(table(staff, "invite", home=SHELTER) + whom)
    form = ada.form(table(staff, "invite", home=SHELTER))
    before = await contents()
    refused = await ada.send(form)
    assert refused.status_code == 422
    assert await contents() == before


async def test_the_operator_lets_in_an_organization_that_lacks_an_agreement(staff: Staff) -> None:
    """It is told on its first page of alliances what it has to read."""
    new = NewAgreement(alliance_id=staff.cast.city_table, title="Charter", body="Be kind.")
    await agreements.publish(staff.context(operator_for(staff.cast.pantry)), new)
    await memberships.invite(
        staff.context(staff.cast.anna), staff.cast.city_table, staff.cast.library
    )
    place = await membership(staff, staff.cast.library)
    here = table(staff, "members", place, "accept", home=LIBRARY)
    to = await send(staff.lee, here)
    assert "Agreements that wait for you" in (await staff.lee.open(to)).text
    assert (await places(staff))["Northside Library"] == "PENDING_AGREEMENT"
