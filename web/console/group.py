"""The room of a group: who is in it, who asks to come in, inviting, and one's own place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from web.console.outcomes import notice_of, status_of
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.steps import Step, taken
from web.console.typed import Typed
from web.forms import Form

_ERRORS: Final = "userErrors { code field message }"
ROOM: Final = """
query GroupRoom($id: ID!, $after: String) {
  group(id: $id) {
    id name purpose kind url joinPolicy memberCount nextActions links
    organization { id name }
    place { name locality }
    requests(first: 100) { nodes { ...place } }
    members(first: 50, after: $after) { nodes { ...place } pageInfo { hasNextPage endCursor } }
  }
  viewer { groups(first: 100) { nodes { ...place group { id } } } }
}
fragment place on GroupMembership {
  id role status message nextActions person { id displayName }
}
"""
TEAM: Final = """
query TeamToInvite($group: ID!, $organization: ID!, $after: String) {
  group(id: $group) { id name members(first: 100) { nodes { person { id } } } }
  organization(id: $organization) {
    team(first: 100, after: $after) {
      nodes { person { id displayName } } pageInfo { hasNextPage endCursor }
    }
  }
}
"""
RESPOND: Final = f"""
mutation RespondToGroupMembership($membership: ID!, $accept: Boolean!) {{
  respondToGroupMembership(membership: $membership, accept: $accept) {{ {_ERRORS} }}
}}
"""
LEAVE: Final = f"mutation LeaveGroup($group: ID!) {{ leaveGroup(group: $group) {{ {_ERRORS} }} }}"
JOIN: Final = f"""
mutation JoinGroup($group: ID!) {{
  joinGroup(group: $group) {{ membership {{ status }} {_ERRORS} }}
}}
"""
INVITE: Final = f"""
mutation InviteToGroup($group: ID!, $person: ID!, $message: String) {{
  inviteToGroup(group: $group, person: $person, message: $message) {{ {_ERRORS} }}
}}
"""
LEAVING = Step(
    document=LEAVE,
    title=N_("Leave this group?"),
    says=(
        N_("You leave at once. What was shared with its members you see no more."),
        N_("The last admin of a group hands it over first."),
    ),
    button=N_("Leave the group"),
    done="left",
    is_grave=True,
)
OF_ROLE = {
    "MEMBER": N_("Member"),
    "CREW": N_("Helps to run things"),
    "MODERATOR": N_("Moderator"),
    "ADMIN": N_("Admin"),
}
DONE = {
    "made": N_("The group is made."),
    "changed": N_("Your changes are saved."),
    "let-in": N_("They are in."),
    "turned-down": N_("They are not let in."),
    "joined": N_("You are in."),
    "asked": N_("You ask to come in."),
    "left": N_("You have left the group."),
    "invited": N_("The invitation waits for their answer."),
}


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    at = "/groups/{id}"
    return [
        console.route(at, pages.room, "GET", "POST"),
        console.route(f"{at}/invite", pages.invite, "GET", "POST"),
        console.route(f"{at}/leave", pages.leave, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def room(self, room: Room) -> Response:
        problems: dict[str, str] = {}
        if room.is_sent:
            form = await self.console.form(room)
            word, problems = await _changed(room, form)
            if not problems:
                return self.console.sent_on(room.to("groups", given_id(room), done=word))
        asked = await room.talk.ask(ROOM, id=given_id(room), after=room.said.get("after"))
        group = there(asked["group"])
        own = [each for each in asked["viewer"]["groups"]["nodes"] if each["group"] is not None]
        mine = next((each for each in own if each["group"]["id"] == group["id"]), None)
        members = group["members"] or {"nodes": (), "pageInfo": {"hasNextPage": False}}
        page = members["pageInfo"]
        return self.console.shown(
            room,
            "console_group.html",
            status_of(problems),
            page="groups",
            group=group,
            mine=mine,
            requests=(group["requests"] or {"nodes": ()})["nodes"],
            members=members["nodes"],
            of_part=OF_ROLE,
            further=room.to("groups", group["id"], after=page["endCursor"])
            if page["hasNextPage"]
            else None,
            problems=problems,
            notice=notice_of(room, DONE),
        )

    async def leave(self, room: Room) -> Response:
        group = there((await room.talk.ask(ROOM, id=given_id(room), after=None))["group"])
        return await taken(
            self.console,
            room,
            LEAVING,
            page="groups",
            about=group["name"],
            back=room.to("groups", group["id"]),
            variables={"group": group["id"]},
        )

    async def invite(self, room: Room) -> Response:
        """Of one's own team, whom one knows."""
        form = await self.console.form(room) if room.is_sent else Form({})
        problems: dict[str, str] = {}
        if room.is_sent:
            done = await room.talk.change(
                INVITE,
                form,
                group=given_id(room),
                person=form.get("person", ""),
                message=Typed(form).text("message"),
            )
            if not done.problems:
                return self.console.sent_on(room.to("groups", given_id(room), done="invited"))
            problems = by_field(done, {"group": "main"})
        asked = await room.talk.ask(
            TEAM,
            group=given_id(room),
            organization=room.organization_id,
            after=room.said.get("after"),
        )
        group = there(asked["group"])
        team = there(asked["organization"])["team"]
        page = team["pageInfo"]
        return self.console.shown(
            room,
            "console_group_invite.html",
            status_of(problems),
            page="groups",
            group=group,
            people=_others(group, team["nodes"]),
            chosen=form.get("person", ""),
            message=form.get("message", ""),
            further=room.to("groups", group["id"], "invite", after=page["endCursor"])
            if page["hasNextPage"]
            else None,
            problems=problems,
        )


def _others(group: Mapping[str, Any], team: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the team who are not in it."""
    members = (group["members"] or {"nodes": ()})["nodes"]
    known = {each["person"]["id"] for each in members}
    return [each["person"] for each in team if each["person"]["id"] not in known]


async def _changed(room: Room, form: Form) -> tuple[str, dict[str, str]]:
    """What was done, or what hindered it."""
    names = {"group": "main", "membership": "main"}
    if form.get("do") == "join":
        done = await room.talk.change(JOIN, form, group=given_id(room))
        is_in = not done.problems and done.payload["membership"]["status"] == "ACTIVE"
        return "joined" if is_in else "asked", by_field(done, names)
    accept = form.get("do") == "let-in"
    done = await room.talk.change(
        RESPOND, form, membership=form.get("membership", ""), accept=accept
    )
    return "let-in" if accept else "turned-down", by_field(done, names)
