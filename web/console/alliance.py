"""The room of an alliance: who is in it, who waits, its terms; inviting, asking, changing, leaving.

Agreements are in `agreements.py`, what members decide in `proposals.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from web.console.alliance_documents import (
    ASK,
    BRIEFLY,
    INVITE,
    ONE_MEMBERSHIP,
    ORGANIZATION,
    OWN_PLACES,
    ROOM,
    TO_INVITE,
    UPDATE,
)
from web.console.alliance_form import NAMES, filled_of, input_of
from web.console.alliance_steps import DONE, STEPS, steps_of
from web.console.outcomes import notice_of, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.steps import taken
from web.console.typed import Typed
from web.forms import Form

OF_STATUS = {
    "INVITED": N_("Invited"),
    "REQUESTED": N_("Asks to come in"),
    "PENDING_AGREEMENT": N_("Has yet to accept the agreements"),
    "ACTIVE": N_("Member"),
    "SUSPENDED": N_("Set aside"),
    "LEFT": N_("Has left"),
    "REMOVED": N_("Was put out"),
    "DECLINED": N_("Declined"),
    "CANCELED": N_("Was taken back"),
    "REJECTED": N_("Was turned down"),
    "EXPIRED": N_("Nobody answered in time"),
}
ROLES = ("MEMBER", "STEWARD", "OBSERVER")


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    at = "/alliances/{id}"
    return [
        console.route(at, pages.room),
        console.route(f"{at}/edit", pages.edit, "GET", "POST"),
        console.route(f"{at}/invite", pages.invite, "GET", "POST"),
        console.route(f"{at}/join", pages.join, "GET", "POST"),
        console.route(f"{at}/members/{{membership}}", pages.member),
        console.route(f"{at}/members/{{membership}}/{{step}}", pages.step, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def room(self, room: Room) -> Response:
        asked = await room.talk.ask(ROOM, id=given_id(room), after=room.said.get("after"))
        alliance = there(asked["alliance"])
        own = room.organization_id
        mine = await own_place(room, alliance["id"])
        page = alliance["members"]["pageInfo"]
        return self.console.shown(
            room,
            "console_alliance.html",
            page="alliances",
            alliance=alliance,
            mine=mine,
            waiting=[
                each for each in alliance["waiting"]["nodes"] if each["organization"]["id"] != own
            ],
            steps_of=lambda place: steps_of(place, own),
            steps=STEPS,
            of_place=OF_STATUS,
            further=room.to("alliances", alliance["id"], after=page["endCursor"])
            if page["hasNextPage"]
            else None,
            notice=notice_of(room, DONE),
        )

    async def member(self, room: Room) -> Response:
        membership = await _membership(room)
        return self.console.shown(
            room,
            "console_alliance_member.html",
            page="alliances",
            membership=membership,
            possible=steps_of(membership, room.organization_id),
            steps=STEPS,
            of_place=OF_STATUS,
            back=room.to("alliances", given_id(room)),
        )

    async def step(self, room: Room) -> Response:
        """A step that is not possible now is refused by the contract, which says why."""
        name = room.visit.request.path_params["step"]
        membership = await _membership(room)
        if name not in STEPS:
            there(None)
        step = STEPS[name]
        alliance = room.to("alliances", given_id(room))
        is_own = membership["organization"]["id"] == room.organization_id
        leaves = is_own and name != "accept"  # it may not be there any more for who has left
        return await taken(
            self.console,
            room,
            step,
            page="alliances",
            about=membership["alliance" if is_own else "organization"]["name"],
            back=alliance,
            then=room.to("alliances") if leaves else alliance,
            variables={"membership": membership["id"]},
        )

    async def edit(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        alliance = there((await room.talk.ask(BRIEFLY, id=given_id(room)))["alliance"])
        typed, done = Typed(form), None
        if room.is_sent:
            wanted = input_of(typed) | {"id": alliance["id"], "version": typed.number("version")}
            if not typed.problems:
                done = await room.talk.change(UPDATE, form, input=wanted)
                if not done.problems:
                    to = room.to("alliances", alliance["id"], done="changed")
                    return self.console.sent_on(to)
        problems = {**typed.problems, **by_field(done, NAMES)}
        filled = dict(form) if room.is_sent else filled_of(alliance)
        is_stale = done is not None and done.is_stale
        if is_stale:
            filled["version"] = str(alliance["version"])
        return self.console.shown(
            room,
            "console_alliance_edit.html",
            status_of(problems, done),
            page="alliances",
            alliance=alliance,
            filled=filled,
            here=room.to("alliances", alliance["id"], "edit"),
            back=room.to("alliances", alliance["id"]),
            problems=problems,
            stale=filled_of(alliance) if is_stale else None,
        )

    async def invite(self, room: Room) -> Response:
        """First whom, by a part of the name; then with what part and what words."""
        form = await self.console.form(room) if room.is_sent else Form({})
        alliance = there((await room.talk.ask(BRIEFLY, id=given_id(room)))["alliance"])
        named = form.get("organization") or room.said.get("organization", "")
        problems: dict[str, str] = {}
        if room.is_sent:
            typed = Typed(form)
            done = await room.talk.change(
                INVITE,
                form,
                alliance=alliance["id"],
                organization=named,
                role=typed.chosen("role", ROLES, "MEMBER"),
                message=typed.text("message"),
            )
            if not done.problems:
                to = room.to("alliances", alliance["id"], done="invited")
                return self.console.sent_on(to)
            problems = by_field(done, {"alliance": "main", "organization": "main"})
        search = room.said.get("search", "").strip()[:200]
        whom = (await room.talk.ask(ORGANIZATION, id=named))["organization"] if named else None
        found = await _to_invite(room, alliance["id"], search) if search and not whom else None
        return self.console.shown(
            room,
            "console_alliance_invite.html",
            status_of(problems),
            page="alliances",
            alliance=alliance,
            whom=whom,
            found=found,
            search=search,
            filled=form,
            back=room.to("alliances", alliance["id"]),
            here=room.to("alliances", alliance["id"], "invite"),
            problems=problems,
        )

    async def join(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        alliance = there((await room.talk.ask(BRIEFLY, id=given_id(room)))["alliance"])
        problems: dict[str, str] = {}
        if room.is_sent:
            done = await room.talk.change(
                ASK,
                form,
                alliance=alliance["id"],
                organization=room.organization_id,
                message=Typed(form).text("message"),
            )
            if not done.problems:
                is_in = there(done.payload["membership"])["status"] == "ACTIVE"
                word = "joined" if is_in else "asked"
                return self.console.sent_on(room.to("alliances", alliance["id"], done=word))
            problems = by_field(done, {"alliance": "main", "organization": "main"})
        return self.console.shown(
            room,
            "console_alliance_join.html",
            status_of(problems),
            page="alliances",
            alliance=alliance,
            filled=form,
            here=room.to("alliances", alliance["id"], "join"),
            back=room.to("alliances", "find"),
            problems=problems,
        )


async def own_place(room: Room, alliance_id: str) -> Mapping[str, Any] | None:
    """That of the organization in it, as long as something may come of it."""
    after = None
    while True:
        asked = await room.talk.ask(OWN_PLACES, organization=room.organization_id, after=after)
        places = there(asked["organization"])["alliances"]
        for place in places["nodes"]:
            if place["alliance"]["id"] == alliance_id:
                found: Mapping[str, Any] | None = (
                    await room.talk.ask(ONE_MEMBERSHIP, id=place["id"])
                )["node"]
                return found
        after = places["pageInfo"]["endCursor"]
        if not places["pageInfo"]["hasNextPage"]:
            return None


async def _membership(room: Room) -> Mapping[str, Any]:
    """That of the address, in the alliance of the address."""
    asked = await room.talk.ask(ONE_MEMBERSHIP, id=room.visit.request.path_params["membership"])
    found = there(asked["node"])
    if found.get("alliance", {}).get("id") != given_id(room):
        there(None)
    return found


async def _to_invite(room: Room, alliance_id: str, search: str) -> list[dict[str, Any]]:
    """Whoever is in it, or is asked already, is left out."""
    asked = await room.talk.ask(TO_INVITE, search=search, id=alliance_id)
    members = there(asked["alliance"])["members"]["nodes"]
    known = {each["organization"]["id"] for each in members}
    return [each for each in asked["organizations"]["nodes"] if each["id"] not in known]
