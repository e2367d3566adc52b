"""Other hubs: which this one works with, and how well; and, for whoever runs this hub, agreeing with
another, stopping, going on and ending."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import Route

from domain.peering import PEERING, PeeringStatus
from domain.transitions import Party
from languages import N_
from web.console.outcomes import notice_of, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.steps import Step, taken
from web.forms import Form

_ERRORS: Final = "userErrors { code field message }"
_HUB: Final = """
fragment told on Hub {
  id name url software isLocal
  peering { status since lastSyncedAt lagSeconds lastError pendingDeliveries }
}
"""
LISTED: Final = (
    """
query HubsOfConsole($after: String) {
  hub { id name url software }
  hubs(first: 50, after: $after) { nodes { ...told } pageInfo { hasNextPage endCursor } }
  viewer { scopes }
}
"""
    + _HUB
)
ONE: Final = "query HubOfConsole($id: ID!) { node(id: $id) { ...told } }" + _HUB
PROPOSE: Final = f"""
mutation ProposePeering($url: String!) {{ proposePeering(url: $url) {{ {_ERRORS} }} }}
"""
ACCEPT: Final = f"mutation AcceptPeering($hub: ID!) {{ acceptPeering(hub: $hub) {{ {_ERRORS} }} }}"
SUSPEND: Final = f"""
mutation SuspendPeering($hub: ID!, $reason: String!) {{
  suspendPeering(hub: $hub, reason: $reason) {{ {_ERRORS} }}
}}
"""
RESUME: Final = f"mutation ResumePeering($hub: ID!) {{ resumePeering(hub: $hub) {{ {_ERRORS} }} }}"
END: Final = f"mutation EndPeering($hub: ID!) {{ endPeering(hub: $hub) {{ {_ERRORS} }} }}"
STEPS = {
    "acceptPeering": Step(
        document=ACCEPT,
        title=N_("Agree to what this hub says of itself?"),
        says=(
            N_("From when both have agreed, each reads at the other what it may see, and people of each take part at the other."),
            N_("Make sure that the address is that of the hub you mean."),
        ),
        button=N_("Agree"),
        done="accepted",
    ),
    "suspendPeering": Step(
        document=SUSPEND,
        title=N_("Stop working with this hub for a while?"),
        says=(
            N_("Neither hub reads at the other, and nobody of the other acts here, until you go on. What is held of it stays."),
        ),
        button=N_("Stop for a while"),
        done="suspended",
        reason=True,
        is_grave=True,
    ),
    "resumePeering": Step(
        document=RESUME,
        title=N_("Go on working with this hub?"),
        says=(N_("What was missed meanwhile is read in the next minutes."),),
        button=N_("Go on"),
        done="resumed",
    ),
    "endPeering": Step(
        document=END,
        title=N_("End working with this hub?"),
        says=(
            N_("What the other hub and its people hold here ends at once: places on events, memberships, answers. What is held here of its things goes."),
            N_("It may be proposed anew; what was lost does not come back by itself."),
        ),
        button=N_("End it"),
        done="ended",
        is_grave=True,
    ),
}  # fmt: skip
OF_STATUS = {
    "PROPOSED": N_("Proposed: one of the two has yet to agree"),
    "ACTIVE": N_("Working together"),
    "SUSPENDED": N_("Stopped for a while"),
    "ENDED": N_("Ended"),
}
DONE = {
    "proposed": N_("It is proposed. It begins when the other hub agrees."),
    "accepted": N_("You have agreed."),
    "suspended": N_("It is stopped."),
    "resumed": N_("It goes on."),
    "ended": N_("It is ended."),
}


def routes(console: Console, operated_by: str | None) -> list[Route]:
    """`operated_by` is the short name of the organization that runs this hub."""
    pages = _Pages(console, operated_by)
    return [
        console.route("/hubs", pages.listed),
        console.route("/hubs/new", pages.propose, "GET", "POST", fresh=True),
        console.route("/hubs/{id}/{step}", pages.step, "GET", "POST", fresh=True),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console
    operated_by: str | None

    async def listed(self, room: Room) -> Response:
        asked = await room.talk.ask(LISTED, after=room.said.get("after"))
        hubs, page = asked["hubs"]["nodes"], asked["hubs"]["pageInfo"]
        runs_it = self._runs_it(room)
        return self.console.shown(
            room,
            "console_hubs.html",
            page="more",
            own=asked["hub"],
            hubs=[each for each in hubs if not each["isLocal"]],
            may_propose=runs_it,
            steps_of=lambda hub: _steps_of(hub) if runs_it else (),
            steps=STEPS,
            of_peering=OF_STATUS,
            further=room.to("hubs", after=page["endCursor"]) if page["hasNextPage"] else None,
            notice=notice_of(room, DONE),
        )

    async def propose(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        problems: dict[str, str] = {}
        if room.is_sent:
            done = await room.talk.change(PROPOSE, form, url=form.get("url", "").strip())
            if not done.problems:
                return self.console.sent_on(room.to("hubs", done="proposed"))
            problems = by_field(done)
        return self.console.shown(
            room,
            "console_hub_new.html",
            status_of(problems),
            page="more",
            url=form.get("url", ""),
            problems=problems,
        )

    async def step(self, room: Room) -> Response:
        hub = there((await room.talk.ask(ONE, id=given_id(room)))["node"])
        name = room.visit.request.path_params["step"]
        if name not in STEPS or "url" not in hub:
            there(None)
        return await taken(
            self.console,
            room,
            STEPS[name],
            page="more",
            about=f"{hub['name']} ({hub['url']})",
            back=room.to("hubs"),
            variables={"hub": hub["id"]},
        )

    def _runs_it(self, room: Room) -> bool:
        """Where the page offers it; whether it may be done is decided with the change."""
        is_lead = room.acting.role in ("OWNER", "ADMIN")
        return is_lead and self.operated_by == room.acting.organization.slug


def _steps_of(hub: dict[str, Any]) -> tuple[str, ...]:
    if hub["peering"] is None:
        return ()
    status = PeeringStatus(hub["peering"]["status"])
    return tuple(each for each in PEERING.next_actions(status, (Party.HUB,)) if each in STEPS)
