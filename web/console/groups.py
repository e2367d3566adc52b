"""An organization's groups: the list, making one, changing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import Route

from web.console import event_words
from web.console.event_choices import offered
from web.console.outcomes import status_of
from web.console.own_words import filled_with, typed_words
from web.console.rooms import Console, Room, by_field, given_id, there
from web.console.typed import Typed
from web.forms import Form

_ERRORS: Final = "userErrors { code field message }"
LISTED: Final = """
query GroupsOfOrganization($organization: ID!, $after: String) {
  organization(id: $organization) {
    nextActions
    groups(first: 50, after: $after) {
      nodes { id name purpose kind memberCount requests(first: 0) { totalCount } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
TO_CHANGE: Final = """
query GroupToChange($id: ID!) {
  group(id: $id) {
    id version name purpose description kind causes languages joinPolicy visibility links
    place {
      name streetAddress postalCode locality region country latitude longitude precision
    }
  }
}
"""
CREATE: Final = f"""
mutation CreateGroup($input: CreateGroupInput!) {{
  createGroup(input: $input) {{ group {{ id }} {_ERRORS} }}
}}
"""
UPDATE: Final = f"""
mutation UpdateGroup($input: UpdateGroupInput!) {{
  updateGroup(input: $input) {{ group {{ id }} {_ERRORS} }}
}}
"""
KINDS = ("LOCAL", "CHAPTER", "WORKING_GROUP", "TEAM", "CAMPAIGN", "OTHER")
JOINING = ("OPEN", "BY_REQUEST", "INVITE_ONLY")
TEXTS = ("name", "purpose", "description")
NAMES = {"organization": "main", "id": "main", "version": "main"}


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    return [
        console.route("/groups", pages.listed),
        console.route("/groups/new", pages.new, "GET", "POST"),
        console.route("/groups/{id}/edit", pages.edit, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def listed(self, room: Room) -> Response:
        asked = await room.talk.ask(
            LISTED, organization=room.organization_id, after=room.said.get("after")
        )
        organization = there(asked["organization"])
        groups, page = organization["groups"]["nodes"], organization["groups"]["pageInfo"]
        return self.console.shown(
            room,
            "console_groups.html",
            page="groups",
            groups=groups,
            asking={each["id"]: _asking(each) for each in groups},
            may_create="createGroup" in organization["nextActions"],
            further=room.to("groups", after=page["endCursor"]) if page["hasNextPage"] else None,
        )

    async def new(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        typed, done = Typed(form), None
        if room.is_sent:
            wanted = _typed(typed) | {
                "organization": room.organization_id,
                "slug": form.get("slug", ""),
            }
            if not typed.problems:
                done = await room.talk.change(CREATE, form, input=wanted)
                if not done.problems:
                    made = there(done.payload["group"])["id"]
                    return self.console.sent_on(room.to("groups", made, done="made"))
        problems = {**typed.problems, **by_field(done, NAMES)}
        return self._form(room, None, dict(form), problems, status_of(problems, done))

    async def edit(self, room: Room) -> Response:
        form = await self.console.form(room) if room.is_sent else Form({})
        group = there((await room.talk.ask(TO_CHANGE, id=given_id(room)))["group"])
        typed, done = Typed(form), None
        if room.is_sent:
            wanted = _typed(typed) | {"id": group["id"], "version": typed.number("version")}
            if not typed.problems:
                done = await room.talk.change(UPDATE, form, input=wanted)
                if not done.problems:
                    return self.console.sent_on(room.to("groups", group["id"], done="changed"))
        problems = {**typed.problems, **by_field(done, NAMES)}
        filled = dict(form) if room.is_sent else _filled(group)
        if done is not None and done.is_stale:
            filled["version"] = str(group["version"])
        return self._form(room, group, filled, problems, status_of(problems, done))

    def _form(
        self,
        room: Room,
        group: Mapping[str, Any] | None,
        filled: dict[str, str],
        problems: dict[str, str],
        status: int,
    ) -> Response:
        is_stale = status == 409 and group is not None
        return self.console.shown(
            room,
            "console_group_edit.html",
            status,
            page="groups",
            group=group,
            filled=filled,
            stale=_filled(group) if is_stale and group else None,
            offered=offered(filled, None, is_off=False),
            words=event_words,
            kinds=KINDS,
            joining=JOINING,
            here=room.visit.request.url.path,
            back=room.to("groups", group["id"]) if group else room.to("groups"),
            problems=problems,
        )


def _asking(group: Mapping[str, Any]) -> int:
    """How many ask to come in or were invited, for whoever may answer."""
    return int((group["requests"] or {"totalCount": 0})["totalCount"] or 0)


def _typed(typed: Typed) -> dict[str, Any]:
    lines = (typed.text("links") or "").split("\n")
    return {
        **typed_words(typed, TEXTS),
        "name": typed.text("name") or "",
        "kind": typed.chosen("kind", KINDS, "LOCAL"),
        "joinPolicy": typed.chosen("joinPolicy", JOINING, "OPEN"),
        "links": typed_links(typed, "links", lines),
    }


def typed_links(typed: Typed, name: str, lines: list[str]) -> list[str]:
    """One web address a line."""
    found = []
    for line in filter(None, (each.strip() for each in lines)):
        one = Typed(Form({name: [line]}), typed.problems)
        found.append(one.web_address(name) or "")
    return found


def _filled(group: Mapping[str, Any]) -> dict[str, str]:
    plain = filled_with(group, (*TEXTS, "kind", "joinPolicy"))
    return {**plain, "links": "\n".join(group["links"])}
