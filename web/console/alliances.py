"""The alliances of an organization: which it is in, which invite it, finding one, founding one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from web.console.alliance_documents import CREATE, FOUND, MINE
from web.console.alliance_form import NAMES, input_of
from web.console.alliance_steps import DONE, steps_of
from web.console.outcomes import notice_of, status_of
from web.console.rooms import Console, Room, by_field, there
from web.console.typed import Typed
from web.forms import Form


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    return [
        console.route("/alliances", pages.mine),
        console.route("/alliances/find", pages.find),
        console.route("/alliances/new", pages.new, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def mine(self, room: Room) -> Response:
        asked = await room.talk.ask(
            MINE, organization=room.organization_id, after=room.said.get("after")
        )
        organization = there(asked["organization"])
        places: list[Mapping[str, Any]] = organization["alliances"]["nodes"]
        return self.console.shown(
            room,
            "console_alliances.html",
            page="alliances",
            invited=[each for each in places if each["status"] == "INVITED"],
            asked=[each for each in places if each["status"] == "REQUESTED"],
            agreeing=[each for each in places if each["missingAgreements"]],
            mine=[each for each in places if each["status"] in ("ACTIVE", "SUSPENDED")],
            steps_of=lambda place: steps_of(place, room.organization_id),
            may_create="createAlliance" in organization["nextActions"],
            further=_further(room, organization["alliances"]["pageInfo"]),
            notice=notice_of(room, DONE),
        )

    async def find(self, room: Room) -> Response:
        search = room.said.get("search", "").strip()[:200]
        asked = await room.talk.ask(FOUND, search=search or None, after=room.said.get("after"))
        found = asked["alliances"]
        page, words = found["pageInfo"], {"search": search} if search else {}
        further = room.to("alliances", "find", **words, after=page["endCursor"] or "")
        return self.console.shown(
            room,
            "console_alliances_found.html",
            page="alliances",
            search=search,
            alliances=found["nodes"],
            further=further if page["hasNextPage"] else None,
        )

    async def new(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        typed, done = Typed(form), None
        if room.is_sent:
            wanted = input_of(typed)
            wanted |= {
                "convener": room.organization_id,
                "slug": form.get("slug", ""),
                "kind": typed.chosen(
                    "kind", ("COALITION", "NETWORK", "PARTNERSHIP", "CAMPAIGN"), "COALITION"
                ),
            }
            if not typed.problems:
                done = await room.talk.change(CREATE, form, input=wanted)
                if not done.problems:
                    made = there(done.payload["alliance"])["id"]
                    return self.console.sent_on(room.to("alliances", made, done="made"))
        problems = {**typed.problems, **by_field(done, NAMES)}
        return self.console.shown(
            room,
            "console_alliance_edit.html",
            status_of(problems, done),
            page="alliances",
            alliance=None,
            filled=form,
            here=room.to("alliances", "new"),
            back=room.to("alliances"),
            problems=problems,
            stale=None,
        )


def _further(room: Room, page: Mapping[str, Any]) -> str | None:
    return room.to("alliances", after=page["endCursor"]) if page["hasNextPage"] else None
