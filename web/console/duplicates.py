"""Events that may be one and the same: found, looked at side by side, made one, and taken apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import Route

from languages import N_
from web.console.event_words import OF_FIELD, in_words
from web.console.outcomes import notice_of
from web.console.rooms import Console, Room, given_id, there
from web.console.steps import Step, taken
from web.feeds.events import written

LOOKED_AT = 10  # events on a page, each with those that it may be the same as
COMING: Final = """
query ComingEvents($organization: ID!, $from: DateTime!, $after: String, $first: Int!) {
  organization(id: $organization) {
    events(filter: {from: $from}, first: $first, after: $after) {
      nodes { id title startsAt timeZone } pageInfo { hasNextPage endCursor }
    }
  }
}
"""
LIKE_IT: Final = """
query LikeIt($event: ID!) {
  possibleDuplicates(event: $event, first: 5) { score reasons event { id title host { name } } }
}
"""
_WHOLE: Final = """
fragment whole on Event {
  id title summary description startsAt endsAt timeZone url status onlineUrl
  host { id name } replacedBy { id title }
  place {
    name streetAddress postalCode locality region country latitude longitude precision
  }
  attendance { accepted }
}
"""
SIDE_BY_SIDE: Final = (
    "query SideBySide($one: ID!, $other: ID!) {"
    " one: event(id: $one) { ...whole } other: event(id: $other) { ...whole } }" + _WHOLE
)
MERGED: Final = "query MergedEvent($id: ID!) { event(id: $id) { ...whole } }" + _WHOLE
MERGE: Final = """
mutation MergeEvents($duplicate: ID!, $into: ID!) {
  mergeEvents(duplicate: $duplicate, into: $into) { userErrors { code field message } }
}
"""
UNMERGE: Final = """
mutation UnmergeEvents($duplicate: ID!) {
  unmergeEvents(duplicate: $duplicate) { userErrors { code field message } }
}
"""
MERGING = Step(
    document=MERGE,
    title=N_("Make these two one?"),
    says=(
        N_("This entry leaves all lists, and its address leads to the other one."),
        N_("Its co-hosts, with whom it is shared, and the answers to dates that both have go over to the other one."),
        N_("You can take it back: then it is an event of its own again, with what was brought from it."),
    ),
    button=N_("Make them one"),
    done="merged",
)  # fmt: skip
UNMERGING = Step(
    document=UNMERGE,
    title=N_("Take these two apart again?"),
    says=(
        N_("This entry is an event of its own again, with what was brought from it. Answers given since stay where they were given."),
    ),
    button=N_("Take them apart"),
    done="unmerged",
)  # fmt: skip
DONE = {
    "merged": N_("The two are one event now."),
    "unmerged": N_("They are two events again."),
}
_SHOWN = ("title", "startsAt", "endsAt", "place", "onlineUrl", "summary", "description")


def routes(console: Console) -> list[Route]:
    pages = _Pages(console)
    return [
        console.route("/duplicates", pages.listed),
        console.route("/events/{id}/like/{other}", pages.side_by_side),
        console.route("/events/{id}/merge/{other}", pages.merge, "GET", "POST"),
        console.route("/events/{id}/unmerge", pages.unmerge, "GET", "POST"),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    console: Console

    async def listed(self, room: Room) -> Response:
        """Of what is coming, some events at a time: each look costs a search."""
        asked = await room.talk.ask(
            COMING,
            organization=room.organization_id,
            first=LOOKED_AT,
            after=room.said.get("after"),
            **{"from": written(room.visit.desk.clock.now())},
        )
        events = there(asked["organization"])["events"]
        found = []
        for event in events["nodes"]:
            like = (await room.talk.ask(LIKE_IT, event=event["id"]))["possibleDuplicates"]
            if like:
                found.append((event, like))
        page = events["pageInfo"]
        return self.console.shown(
            room,
            "console_duplicates.html",
            page="more",
            found=found,
            looked_at=len(events["nodes"]),
            further=room.to("duplicates", after=page["endCursor"]) if page["hasNextPage"] else None,
            notice=notice_of(room, DONE),
        )

    async def side_by_side(self, room: Room) -> Response:
        one, other = await _both(room)
        return self.console.shown(
            room,
            "console_side_by_side.html",
            page="more",
            one=one,
            other=other,
            lines=[_line(name, one, other) for name in _SHOWN],
        )

    async def merge(self, room: Room) -> Response:
        """That of the address is the duplicate, the other one stays."""
        one, other = await _both(room)
        return await taken(
            self.console,
            room,
            MERGING,
            page="more",
            about=f"{one['title']} → {other['title']}",
            back=room.to("events", one["id"], "like", other["id"]),
            then=room.to("duplicates"),
            variables={"duplicate": one["id"], "into": other["id"]},
        )

    async def unmerge(self, room: Room) -> Response:
        event = there((await room.talk.ask(MERGED, id=given_id(room)))["event"])
        return await taken(
            self.console,
            room,
            UNMERGING,
            page="more",
            about=event["title"],
            back=room.to("events", event["id"]),
            then=room.to("duplicates"),
            variables={"duplicate": event["id"]},
        )


async def _both(room: Room) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    other = room.visit.request.path_params["other"]
    asked = await room.talk.ask(SIDE_BY_SIDE, one=given_id(room), other=other)
    return there(asked["one"]), there(asked["other"])


def _line(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": OF_FIELD[name],
        "one": in_words(name, one[name], one["timeZone"]),
        "other": in_words(name, other[name], other["timeZone"]),
        "differs": one[name] != other[name],
    }
