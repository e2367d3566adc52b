"""The page that writes what to put on one's own site, and the sites that may show the frame."""

from html import unescape

from sqlalchemy import select

from resolvers import embedding
from storage.embed_tables import embedding_sites
from tests.cast import start_group
from tests.conftest import Contents
from tests.web.account.browsing import Form
from tests.web.console.conftest import LIBRARY, PANTRY, SHELTER, Staff

HERE, SITES = f"{PANTRY}/embed", f"{PANTRY}/embed/sites"
OURS, THEIRS = "https://www.pantry.example", "https://city.example"


async def sites(staff: Staff) -> list[str]:
    async with staff.database.reading() as db:
        return sorted(await db.scalars(select(embedding_sites.c.origin)))


async def written(staff: Staff, **said: str) -> tuple[str, str, str]:
    """What the page has in its two fields, and all of it."""
    words = "&".join(f"{name}={word}" for name, word in said.items())
    page = await staff.anna.open(f"{HERE}?{words}")
    assert page.status_code == 200, page.text
    frame, element = (
        unescape(
            page.text.partition(f'id="{name}-html"')[2].partition(">")[2].split("</textarea>")[0]
        )
        for name in ("frame", "element")
    )
    return frame, element, page.text


async def test_it_writes_a_frame_and_an_element_with_a_plain_link_in_both(staff: Staff) -> None:
    pantry = staff.cast.pantry
    frame, element, page = await written(staff)
    link = f'<a href="http://hub.test/organizations/{pantry}">All dates of River City Pantry</a>'
    assert frame == (
        f'<iframe src="http://hub.test/embed/organizations/{pantry}?view=list&amp;lang=en" '
        'title="Dates of River City Pantry" width="100%" height="600" loading="lazy" '
        f'frameborder="0"></iframe>\n<p>{link}</p>'
    )
    assert element == (
        '<script type="module" src="http://hub.test/static/convoke-events.js"></script>\n'
        f'<convoke-events src="http://hub.test/embed/organizations/{pantry}" view="list" lang="en">'
        f"{link}</convoke-events>"
    )
    assert f'src="/embed/organizations/{pantry}?view=list&amp;lang=en"' in page


async def test_whose_dates_how_and_in_which_language_is_chosen(staff: Staff) -> None:
    group = await start_group(staff.context, staff.cast.anna, "drivers")
    await staff.anna.open(HERE)
    form = staff.anna.form(HERE)
    assert form.fields == {
        "what": staff.cast.pantry,
        "view": "list",
        "language": "en",
        "height": "600",
    }
    frame, element, _ = await written(
        staff, what=group, view="month", language="ar", height="90000"
    )
    assert f"/embed/groups/{group}?view=month&amp;lang=ar" in frame
    assert 'height="2000"' in frame
    assert f"http://hub.test/groups/{group}?lang=ar" in frame
    assert "All dates of" not in frame
    assert 'view="month" lang="ar"' in element
    odd, _, _ = await written(staff, what="x", view="x", language="x", height="-1")
    assert "view=list" in odd
    assert 'height="600"' in odd


async def test_its_own_page_shows_the_frame_and_no_other_page_may(staff: Staff) -> None:
    policy = (await staff.anna.open(HERE)).headers["content-security-policy"].split("; ")
    assert "frame-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    for path in (PANTRY, f"{PANTRY}/more", SITES):
        assert "frame-src" not in (await staff.anna.open(path)).headers["content-security-policy"]


async def test_an_owner_says_which_sites_may_show_it(staff: Staff) -> None:
    page = await staff.anna.open(HERE)
    assert "browsers refuse to show the frame anywhere but here" in page.text
    await staff.anna.open(SITES)
    form = staff.anna.form(SITES)
    for _ in range(2):
        done = await staff.anna.send(form, sites=f"{OURS}/\r\n\r\n {THEIRS}\r\n")
        assert done.headers["location"] == f"{HERE}?done=changed#sites"
    assert await sites(staff) == [THEIRS, OURS]
    page = await staff.anna.open(f"{HERE}?done=changed")
    assert "The sites are saved." in page.text
    assert f"<li>{OURS}</li>" in page.text
    await staff.anna.open(SITES)
    form = staff.anna.form(SITES)
    assert form.fields["sites"] == f"{THEIRS}\n{OURS}"
    await staff.anna.send(form, sites="")
    assert await sites(staff) == []


async def test_what_is_no_site_is_said_beside_the_field_and_kept(
    staff: Staff, contents: Contents
) -> None:
    await staff.anna.open(SITES)
    form = staff.anna.form(SITES)
    before = await contents()
    typed = f"{OURS}\r\nhttp://pantry.example"
    refused = await staff.anna.send(form, sites=typed)
    assert refused.status_code == 422
    assert "is no address of a site" in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert staff.anna.form(SITES).fields["sites"].splitlines() == typed.splitlines()
    assert await contents() == before


async def test_somebody_else_was_first(staff: Staff) -> None:
    await staff.anna.open(SITES)
    form = staff.anna.form(SITES)
    await embedding.allow(staff.context(staff.cast.anna), staff.cast.pantry, (THEIRS,), ())
    refused = await staff.anna.send(form, sites=OURS)
    assert refused.status_code == 409
    assert await sites(staff) == [THEIRS]
    form = staff.anna.form(SITES)
    assert form.fields["sites"] == THEIRS
    assert (await staff.anna.send(form, sites=f"{THEIRS}\n{OURS}")).status_code == 303
    assert await sites(staff) == [THEIRS, OURS]


async def test_an_editor_sees_it_and_changes_nothing(staff: Staff, contents: Contents) -> None:
    for path in (f"{SHELTER}/embed", f"{SHELTER}/embed/sites"):
        page = await staff.sam.open(path)
        assert page.status_code == 200
        assert "owners and admins of your organization change them" in page.text
    ada = await staff.somebody("Ada", staff.cast.shelter, "OWNER")
    await ada.open(f"{SHELTER}/embed/sites")
    fields = ada.form(f"{SHELTER}/embed/sites").fields
    await staff.sam.open("/account/sessions")
    fields["form_token"] = staff.sam.form("/account/sign-out").fields["form_token"]
    before = await contents()
    refused = await staff.sam.send(Form(f"{SHELTER}/embed/sites", "post", fields), sites=OURS)
    assert refused.status_code == 403
    assert "owners and admins" in refused.text
    assert await contents() == before


async def test_a_stranger_finds_nothing_and_a_forged_form_does_nothing(
    staff: Staff, contents: Contents
) -> None:
    await staff.anna.open(SITES)
    before = await contents()
    for path in (f"{LIBRARY}/embed", f"{LIBRARY}/embed/sites"):
        assert (await staff.anna.open(path)).status_code == 404
    await staff.anna.open(SITES)
    form = staff.anna.form(SITES)
    forged = await staff.anna.send(form, sites=OURS, form_token="x")
    assert forged.status_code == 403
    assert await contents() == before


async def test_for_an_alliance_of_others_its_convener_is_named(staff: Staff) -> None:
    page = await staff.sam.open(f"{SHELTER}/embed?what={staff.cast.city_table}")
    assert "<bdi>River City Pantry</bdi>, which convenes it, says which sites may" in page.text
    own = await staff.anna.open(f"{HERE}?what={staff.cast.city_table}")
    assert "which convenes it" not in own.text
