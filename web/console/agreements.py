"""What members of an alliance agree to: read whole, accepted for the organization, published."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from web.console.alliance import own_place
from web.console.alliance_documents import ACCEPT, AGREEMENT, BRIEFLY, PUBLISH
from web.console.outcomes import status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.typed import Typed
from web.forms import Form


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    at = "/alliances/{id}/agreements"
    return [
        console.route(f"{at}/new", pages.publish, "GET", "POST"),
        console.route(f"{at}/{{agreement}}", pages.agreement),
        console.route(f"{at}/{{agreement}}/accept", pages.accept, "GET", "POST", fresh=True),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def agreement(self, room: Room) -> Response:
        alliance, agreement, may_accept = await _read(room)
        page = agreement["acceptances"]["pageInfo"]
        here = ("alliances", alliance["id"], "agreements", agreement["id"])
        return self.console.shown(
            room,
            "console_agreement.html",
            page="alliances",
            alliance=alliance,
            agreement=agreement,
            accept=room.to(*here, "accept") if may_accept else None,
            is_newest=agreement["id"] in {each["id"] for each in alliance["agreements"]},
            further=room.to(*here, after=page["endCursor"]) if page["hasNextPage"] else None,
        )

    async def accept(self, room: Room) -> Response:
        """It binds the organization: by somebody who has just shown who they are."""
        form = await self.console.form(room) if room.is_sent else Form({})
        problems: dict[str, str] = {}
        if room.is_sent:
            done = await room.talk.change(
                ACCEPT,
                form,
                agreement=room.visit.request.path_params["agreement"],
                organization=room.organization_id,
            )
            if not done.problems:
                return self.console.sent_on(room.to("alliances", given_id(room), done="agreed"))
            problems = by_field(done, {"agreement": "main", "organization": "main"})
        alliance, agreement, _may = await _read(room)
        return self.console.shown(
            room,
            "console_agreement_accept.html",
            status_of(problems),
            page="alliances",
            alliance=alliance,
            agreement=agreement,
            problems=problems,
        )

    async def publish(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        alliance = there((await room.talk.ask(BRIEFLY, id=given_id(room)))["alliance"])
        typed, done = Typed(form), None
        if room.is_sent:
            day = typed.day("activeFrom")
            wanted = {
                "alliance": alliance["id"],
                "title": typed.text("title") or "",
                "body": typed.text("body") or "",
                "required": typed.is_ticked("required"),
                "activeFrom": f"{day.isoformat()}T00:00:00Z" if day else None,
            }
            if not typed.problems:
                done = await room.talk.change(PUBLISH, form, input=wanted)
                if not done.problems:
                    to = room.to("alliances", alliance["id"], done="published")
                    return self.console.sent_on(to)
        problems = {**typed.problems, **by_field(done, {"alliance": "main"})}
        filled = dict(form) if room.is_sent else {"required": "on"}
        if not room.is_sent:
            filled["title"] = room.said.get("title", "")
        return self.console.shown(
            room,
            "console_agreement_new.html",
            status_of(problems, done),
            page="alliances",
            alliance=alliance,
            filled=filled,
            problems=problems,
        )


async def _read(room: Room) -> tuple[Mapping[str, Any], Mapping[str, Any], bool]:
    """The alliance, the agreement, and whether the organization may accept it now."""
    asked = await room.talk.ask(
        AGREEMENT,
        id=room.visit.request.path_params["agreement"],
        alliance=given_id(room),
        after=room.said.get("after"),
    )
    alliance, agreement = there(asked["alliance"]), there(asked["node"])
    there(agreement.get("acceptances"))
    mine = await own_place(room, alliance["id"])
    may_accept = (
        mine is not None
        and "acceptAgreement" in mine["nextActions"]
        and agreement["id"] in {each["id"] for each in mine["missingAgreements"]}
    )
    return alliance, agreement, may_accept
