"""Which sites may show a frame: who says so, and what browsers are told."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from domain.actors import TeamRole
from domain.embedding import MOST
from domain.errors import Invalid, NotFound, Problem, Refused, Stale
from domain.hubs import LocalHub
from resolvers import embedding
from storage.tables import audit_entries
from tests.conftest import Contents
from tests.outside import SeededChance
from tests.web.embed.shown import something_on
from tests.web.visiting import Visit, visiting
from web.settings import SettingProblem, read_settings

OURS, THEIRS = "https://www.pantry.example", "https://city.example"


async def allow(visit: Visit, *sites: str, seen: tuple[str, ...] = ()) -> None:
    ctx = visit.context(visit.cast.anna)
    await embedding.allow(ctx, visit.cast.pantry, sites, seen)


async def ancestors(visit: Visit, path: str) -> list[str]:
    answer = await visit.get(path)
    assert answer.status_code == 200, path
    assert "x-frame-options" not in answer.headers
    policy = answer.headers["content-security-policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    (said,) = (each for each in policy if each.startswith("frame-ancestors "))
    return said.split()[1:]


async def test_nobody_may_until_somebody_says_so(visit: Visit) -> None:
    for path in (await something_on(visit.context, visit.cast)).all:
        assert await ancestors(visit, path) == ["'self'"]


async def test_the_organization_says_it_for_itself_its_groups_and_what_it_convenes(
    visit: Visit,
) -> None:
    paths = await something_on(visit.context, visit.cast)
    await allow(visit, f"{THEIRS}/", OURS)
    for path in (paths.organization, paths.group, paths.alliance):
        for view in ("list", "week", "month", "map"):
            assert await ancestors(visit, f"{path}?view={view}") == ["'self'", THEIRS, OURS]
    others = f"/embed/organizations/{visit.cast.shelter}"
    for path in (paths.hub, others):
        assert await ancestors(visit, path) == ["'self'"]
    await allow(visit, OURS, seen=(THEIRS, OURS))
    assert await ancestors(visit, paths.group) == ["'self'", OURS]
    await allow(visit, seen=(OURS,))
    assert await ancestors(visit, paths.group) == ["'self'"]


async def test_every_other_page_is_refused_in_a_frame(visit: Visit) -> None:
    paths = await something_on(visit.context, visit.cast)
    await allow(visit, OURS)
    pages = [path.removeprefix("/embed") for path in paths.all]
    refused = (f"{paths.hub}?view=agenda", "/embed/groups/none", "/events/none", "/events?near=x")
    for path in ("/", "/account/sign-in", "/search", *pages, *refused):
        answer = await visit.get(path)
        assert answer.headers["content-type"].startswith("text/html"), path
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy, path
        assert OURS not in policy, path
        assert answer.headers["x-frame-options"] == "DENY", path


async def test_a_change_is_on_record_without_what_it_says(visit: Visit) -> None:
    await allow(visit, OURS)
    await allow(visit, OURS)
    async with visit.database.reading() as db:
        found = await db.execute(
            select(audit_entries).where(audit_entries.c.action == "organization.embedding_changed")
        )
        (entry,) = found.mappings().all()
    assert entry["subject_id"] == visit.cast.pantry
    assert entry["person_id"] == visit.cast.anna_id
    assert entry["detail"] == "allowedSites"


@pytest.mark.parametrize("role", [each for each in TeamRole if each not in ("OWNER", "ADMIN")])
async def test_who_does_not_lead_the_organization_says_nothing(
    visit: Visit, contents: Contents, role: TeamRole
) -> None:
    cast = visit.cast
    before = await contents()
    for viewer in (replace(cast.anna, role=role), cast.sam, cast.lee, cast.shelter_app):
        with pytest.raises(Refused):
            await embedding.allow(visit.context(viewer), cast.pantry, (OURS,), ())
    with pytest.raises(NotFound):
        await embedding.allow(visit.context(cast.anna), "org_none@hub.test", (OURS,), ())
    assert await contents() == before


@pytest.mark.parametrize(
    ("sites", "seen", "why"),
    [
        (("http://pantry.example",), (OURS,), Invalid),
        (("https://pantry.example;script-src",), (OURS,), Invalid),
        (("http://localhost:8000",), (OURS,), Invalid),
        (tuple(f"https://s{each}.example" for each in range(MOST + 1)), (OURS,), Invalid),
        ((THEIRS,), (), Stale),
    ],
)
async def test_what_is_refused_leaves_the_sites_as_they_are(
    visit: Visit,
    contents: Contents,
    sites: tuple[str, ...],
    seen: tuple[str, ...],
    why: type[Problem],
) -> None:
    await allow(visit, OURS)
    before = await contents()
    with pytest.raises(why) as refused:
        await allow(visit, *sites, seen=seen)
    assert refused.value.field == ("sites",)
    assert await contents() == before


async def test_the_operator_says_it_for_the_hub(
    visit: Visit, hub: LocalHub, chance: SeededChance
) -> None:
    paths = await something_on(visit.context, visit.cast)
    said = f"{THEIRS}/, http://localhost:8001"
    parts = (visit.cast, visit.context, visit.database, hub, visit.clock, chance)
    async with visiting(*parts, CONVOKE_EMBED_SITES=said) as there:
        assert await ancestors(there, paths.hub) == ["'self'", "http://localhost:8001", THEIRS]
        assert await ancestors(there, paths.organization) == ["'self'"]
    with pytest.raises(SettingProblem, match="CONVOKE_EMBED_SITES must be at most 20 sites"):
        read_settings({"CONVOKE_EMBED_SITES": "https://*.city.example"})
