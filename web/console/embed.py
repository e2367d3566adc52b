"""Dates on the organization's own site: a page that writes what to put there, and the sites that may
show them in a frame.

The contract has no word for the sites; the use case is `resolvers/embedding.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from domain.embedding import MOST
from domain.errors import Invalid, Problem, Refused, Stale
from languages import N_, OFFERED, current, names
from resolvers import embedding
from web.account import problems
from web.account.visits import HEADERS
from web.console.outcomes import notice_of
from web.console.rooms import Console, Room, there
from web.embed.routes import integrity
from web.embed.snippets import HEIGHTS, USUAL_HEIGHT, Wanted, snippets_of
from web.forms import Form
from web.pages.views import View

TO_EMBED: Final = """
query ToEmbed($id: ID!) {
  organization(id: $id) {
    id name url visibility nextActions
    groups(first: 100) { nodes { id name url } }
    alliances(first: 100) {
      nodes { status alliance { id name url status convener { id name } } }
    }
  }
  hub { url }
}
"""
OF_VIEW = {
    View.LIST: N_("A list"),
    View.WEEK: N_("A week"),
    View.MONTH: N_("A month"),
    View.MAP: N_("A map"),
}
DONE = {"changed": N_("The sites are saved. It may take a minute until browsers know.")}
# The one page that shows another in a frame: one of this hub.
_WITH_PREVIEW = {
    "Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; frame-src 'self'"
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something with dates; `allowed_by` is who says which sites may show it, where others do."""

    id: str
    name: str
    page: str
    path: str
    allowed_by: str | None = None


def routes(console: Console, *, allow_loopback: bool) -> list[Route]:
    pages = _Pages(console, allow_loopback)
    return [
        console.route("/embed", pages.snippets),
        console.route("/embed/sites", pages.sites, "GET", "POST", fresh=True),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console
    allow_loopback: bool

    async def snippets(self, room: Room) -> Response:
        asked = await room.talk.ask(TO_EMBED, id=room.organization_id)
        organization = there(asked["organization"])
        choices = _choices(organization)
        chosen = next((one for one in choices if one.id == room.said.get("what")), choices[0])
        wanted = _wanted(room.said, chosen)
        async with room.talk.working() as ctx:
            sites = await embedding.sites_of(ctx, room.organization_id)
        return self.console.shown(
            room,
            "console_embed.html",
            headers=_WITH_PREVIEW,
            page="more",
            choices=choices,
            chosen=chosen,
            wanted=wanted,
            views=OF_VIEW.items(),
            spoken_here=[(tag, names.own_name(tag)) for tag in OFFERED],
            heights=HEIGHTS,
            snippets=snippets_of(asked["hub"]["url"], wanted),
            integrity=integrity(),
            is_public=organization["visibility"] in ("PUBLIC", "UNLISTED"),
            sites=sites,
            may_change=_may_change(organization),
            notice=notice_of(room, DONE),
        )

    async def sites(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        organization = there(
            (await room.talk.ask(TO_EMBED, id=room.organization_id))["organization"]
        )
        problem: Problem | None = None
        if room.is_sent:
            try:
                async with room.talk.working() as ctx:
                    await embedding.allow(
                        ctx,
                        room.organization_id,
                        form.get("sites", "").splitlines(),
                        form.get("seen", "").splitlines(),
                        allow_loopback=self.allow_loopback,
                    )
                return self.console.sent_on(room.to("embed", done="changed") + "#sites")
            except (Invalid, Stale, Refused) as refused:
                problem = refused
        async with room.talk.working() as ctx:
            now = "\n".join(await embedding.sites_of(ctx, room.organization_id))
        keeps = room.is_sent and not isinstance(problem, Stale)
        return self.console.shown(
            room,
            "console_embed_sites.html",
            _status_of(problem),
            page="more",
            here=room.to("embed", "sites"),
            typed=form.get("sites", "") if keeps else now,
            seen=form.get("seen", "") if keeps else now,
            most=MOST,
            may_change=_may_change(organization),
            problems=problems.by_field(problem),
        )


def _status_of(problem: Problem | None) -> int:
    """RFC 9110 s15.5."""
    match problem:
        case None:
            return 200
        case Stale():
            return 409
        case Refused():
            return 403
    return 422


def _may_change(organization: Mapping[str, Any]) -> bool:
    """Where the page offers it; whether it may be done is decided with the change."""
    return "updateOrganization" in organization["nextActions"]


def _choices(organization: Mapping[str, Any]) -> list[Choice]:
    """The organization, its groups, and the alliances in which it is at work."""
    found = [_choice("organizations", organization)]
    found += [_choice("groups", one) for one in organization["groups"]["nodes"]]
    for place in organization["alliances"]["nodes"]:
        alliance = place["alliance"]
        if place["status"] == "ACTIVE" and alliance["status"] != "DISSOLVED":
            convener = alliance["convener"]
            is_ours = convener["id"] == organization["id"]
            found.append(_choice("alliances", alliance, None if is_ours else convener["name"]))
    return found


def _choice(kind: str, thing: Mapping[str, Any], allowed_by: str | None = None) -> Choice:
    path = f"/{kind}/{quote(thing['id'], safe='@:')}"
    return Choice(thing["id"], thing["name"], thing["url"], path, allowed_by)


def _wanted(said: Mapping[str, str], chosen: Choice) -> Wanted:
    """As the form says; what it does not say, or says wrongly, is as usual."""
    view, language, height = (said.get(each, "") for each in ("view", "language", "height"))
    least, most = HEIGHTS
    is_height = height.isascii() and height.isdigit() and len(height) < 6
    return Wanted(
        path=chosen.path,
        name=chosen.name,
        page=chosen.page,
        view=View(view) if view in list(View) else View.LIST,
        language=language if language in OFFERED else current(),
        height=min(max(int(height), least), most) if is_height else USUAL_HEIGHT,
    )
