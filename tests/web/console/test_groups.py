"""Groups in the console: making and changing one, who asks to come in, inviting, one's own place."""

import pytest
from sqlalchemy import select

from domain.sharing import JoinPolicy
from resolvers import group_memberships
from storage.tables import group_members
from storage.tables import groups as rows
from tests.cast import start_group
from tests.conftest import Contents
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff

NEW = f"{PANTRY}/groups/new"
HOSTILE = "<script>alert(1)</script>\u202egnp"


async def places(staff: Staff) -> dict[str, str]:
    async with staff.database.reading() as db:
        found = await db.execute(select(group_members.c.person_id, group_members.c.status))
        return {row.person_id: row.status for row in found}


async def test_a_group_is_made_once_listed_and_changed(staff: Staff) -> None:
    await staff.anna.open(NEW)
    form = staff.anna.form(NEW)
    fields = {
        "name": HOSTILE, "slug": "west-side", "purpose": "Soup on Sundays", "kind": "CHAPTER",
        "joinPolicy": "BY_REQUEST", "visibility": "PUBLIC", "causes": "food justice, housing",
        "language": "en", "links": "https://chat.example/west\n", "place-locality": "River City",
        "place-precision": "PRECISE",
    }  # fmt: skip
    await staff.anna.send(form, **fields)
    answer = await staff.anna.send(form, **fields)
    assert answer.status_code == 303, answer.text
    async with staff.database.reading() as db:
        (made,) = (await db.execute(select(rows))).all()
    assert (made.slug, made.kind, made.causes) == (
        "west-side",
        "CHAPTER",
        ["food-justice", "housing"],
    )
    page = await staff.anna.open(answer.headers["location"])
    assert "The group is made." in page.text
    assert "<script" not in page.text
    page = await staff.anna.open(f"{PANTRY}/groups")
    assert "&lt;script&gt;" in page.text
    here = f"{PANTRY}/groups/{made.id}/edit"
    page = await staff.anna.open(here)
    assert 'value="food-justice, housing"' in page.text
    assert 'value="River City"' in page.text
    first = staff.anna.form(here)
    assert (await staff.anna.send(first, **{**fields, "name": "West Side"})).status_code == 303
    late = await staff.anna.send(first, **{**fields, "name": "East Side"})
    assert late.status_code == 409
    assert "Somebody else changed it meanwhile." in late.text
    assert "West Side" in late.text
    assert 'value="East Side"' in late.text
    async with staff.database.reading() as db:
        assert await db.scalar(select(rows.c.name)) == "West Side"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "name"),
        ({"slug": "No Such"}, "slug"),
        ({"links": "nowhere"}, "links"),
        ({"place-latitude": "north"}, "place-latitude"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(
    staff: Staff, contents: Contents, fields: dict[str, str], said: str
) -> None:
    await staff.anna.open(NEW)
    form = staff.anna.form(NEW)
    before = await contents()
    answer = await staff.anna.send(form, **{"name": "West", "slug": "west", **fields})
    assert answer.status_code == 422, answer.text
    assert f'id="{said}-problem"' in answer.text
    assert await contents() == before


async def test_who_asks_to_come_in_stands_first_and_is_let_in(staff: Staff) -> None:
    group_id = await start_group(
        staff.context, staff.cast.anna, "west-side", join_policy=JoinPolicy.BY_REQUEST
    )
    await group_memberships.join(staff.context(staff.cast.lee), group_id, "I cook.")
    page = await staff.anna.open(f"{PANTRY}/groups")
    assert "1 waits for an answer" in page.text
    here = f"{PANTRY}/groups/{group_id}"
    page = await staff.anna.open(here)
    assert "I cook." in page.text
    answer = await staff.anna.send(staff.anna.form(here), do="let-in")
    assert answer.status_code == 303
    assert (await places(staff))[staff.cast.lee_id] == "ACTIVE"
    assert "They are in." in (await staff.anna.open(answer.headers["location"])).text


async def test_somebody_of_the_team_is_invited_comes_in_and_leaves(staff: Staff) -> None:
    group_id = await start_group(staff.context, staff.cast.anna, "west-side")
    bo = await staff.somebody("Bo", staff.cast.pantry, "VIEWER")
    here = f"{PANTRY}/groups/{group_id}"
    page = await staff.anna.open(f"{here}/invite")
    assert "Bo" in page.text
    form = staff.anna.form(f"{here}/invite")
    sent = await staff.anna.send(form, person="prs_Bo@hub.test", message="Come!")
    assert sent.status_code == 303, sent.text
    page = await bo.open(here)
    assert "Accept the invitation" in page.text
    await bo.send(bo.form(here), do="let-in")
    assert (await places(staff))["prs_Bo@hub.test"] == "ACTIVE"
    page = await bo.open(f"{here}/leave")
    assert "You leave at once." in page.text
    sent = await bo.send(bo.form(f"{here}/leave"))
    assert "You have left the group." in (await bo.open(sent.headers["location"])).text
    assert (await places(staff))["prs_Bo@hub.test"] == "LEFT"


async def test_whoever_may_not_is_offered_nothing_and_refused(
    staff: Staff, contents: Contents
) -> None:
    group_id = await start_group(staff.context, staff.cast.anna, "west-side")
    bo = await staff.somebody("Bo", staff.cast.pantry, "VIEWER")
    page = await bo.open(f"{PANTRY}/groups")
    assert NEW not in page.text
    page = await bo.open(f"{PANTRY}/groups/{group_id}")
    assert f"{group_id}/edit" not in page.text
    assert f"{group_id}/invite" not in page.text
    await bo.open(NEW)
    form = bo.form(NEW)
    before = await contents()
    assert (await bo.send(form, name="X", slug="x")).status_code == 422
    form.fields["form_token"] = "forged"
    assert (await bo.send(form, name="X", slug="x")).status_code == 403
    assert (await staff.lee.open(NEW)).status_code == 404
    assert await contents() == before
    # A group that all may see is no room of another organization's to change.
    await staff.sam.open(f"{SHELTER}/groups/{group_id}/edit")
    form = staff.sam.form(f"{SHELTER}/groups/{group_id}/edit")
    before = await contents()
    assert (await staff.sam.send(form, name="Ours")).status_code == 422
    assert await contents() == before
    assert (await staff.lee.open(f"{LIBRARY}/groups/grp_none")).status_code == 404
