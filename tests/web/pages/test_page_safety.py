"""No page runs, loads or frames what is not its own, whatever a peer or a person wrote."""

from domain.places import Place
from resolvers import organizations
from tests.cast import publish, start_group
from tests.web.pages.reading import read
from tests.web.visiting import Visit

ATTACK = "<img src=x onerror=alert(1)> \"'><script>alert(2)</script> {{ 7*7 }}"
TURNED = "\u202eevitarap\u202c"  # shown from right to left: it must not take its neighbours along


async def paths(visit: Visit) -> list[str]:
    anna, table = visit.cast.anna, visit.cast.city_table
    renamed: organizations.OrganizationChanges = {"name": ATTACK[:60], "summary": ATTACK}
    await organizations.update(visit.context(anna), visit.cast.pantry, 1, renamed)
    event = await publish(
        visit.context,
        anna,
        title=ATTACK,
        summary=f"{TURNED} {ATTACK}",
        description=f"javascript:alert(3) {ATTACK}",
        place=Place(name=ATTACK, locality=ATTACK, latitude=39.1, longitude=-86.5),
        share_with=(table,),
    )
    group = await start_group(visit.context, anna, "drivers", purpose=ATTACK)
    views = ("", "?view=week&on=2027-03-06", "?view=month&on=2027-03-06", "?view=map")
    return [
        "/",
        "/organizations",
        "/alliances",
        "/search?q=script",
        f"/search?q={ATTACK.replace('&', '')}",
        f"/events/{event}",
        f"/events/{event}?zone=<script>&lang=<script>",
        f"/events/{event}/rsvp",
        f"/events/{event}/rsvp?sent",
        f"/groups/{group}",
        *(f"/events{view}" for view in views),
        *(f"/organizations/{visit.cast.pantry}{view}" for view in views),
        *(f"/alliances/{table}{view}" for view in views),
    ]


async def test_peoples_words_are_words_on_every_page(visit: Visit) -> None:
    for path in await paths(visit):
        answer = await visit.get(path)
        assert answer.status_code == 200, path
        assert "<img" not in answer.text, path
        assert "<script>alert" not in answer.text, path
        page = read(answer.text)
        names = {name for _, name, _ in page.attributes}
        assert not [name for name in names if name.startswith("on") or name == "style"], path
        assert not [link for link in page.links if link.lower().startswith("javascript")], path


async def test_every_page_is_sent_with_the_policy_that_lets_it_run_its_own_alone(
    visit: Visit,
) -> None:
    for path in [*await paths(visit), "/nothing-here", "/events/none", "/events?near=here"]:
        answer = await visit.get(path)
        if path == "/nothing-here":
            assert answer.status_code == 404
            continue
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; "), path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "set-cookie" not in answer.headers, path
        loaded = read(answer.text).loaded
        assert all(each.startswith("/static/pages.") for each in loaded), path
