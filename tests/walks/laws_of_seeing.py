"""Everybody sees what policy lets them see, and nothing else: by id, in lists, and in numbers."""

from functools import cache
from typing import Any

from domain.events import PublicationStatus
from domain.ids import Kind
from resolvers.reading.sources import SOURCE_OF_KIND
from tests.walks.actors import Actor
from tests.walks.picture import Picture
from tests.walks.seeing import SHOWN, Facts, Sight
from tests.walks.walk import CONTRACT, Walk

AT_ONCE = 100
ALL = f"first: {AT_ONCE}"
EVERY_STATE = ", ".join(PublicationStatus)
QUESTION = f"""query(DECLARED) {{
  NODES
  organizations({ALL}) {{ totalCount nodes {{ id }} }}
  groups({ALL}) {{ totalCount nodes {{ id memberCount }} }}
  alliances({ALL}) {{ totalCount nodes {{ id }} }}
  events({ALL}, filter: {{includeCancelled: true, publicationStatuses: [{EVERY_STATE}]}}) {{ totalCount nodes {{
    id remainingCapacity attendance {{ accepted tentative waitlisted }}
    hosts({ALL}) {{ totalCount nodes {{ id }} }}
    ANSWERS
  }} }}
}}"""
OF_SOMEBODY = QUESTION.replace("ANSWERS", f"rsvps({ALL}) {{ totalCount nodes {{ id }} }}")
OF_NOBODY = QUESTION.replace("ANSWERS", "")
LISTS = ("organizations", "groups", "alliances", "events")
_NODES = {
    f"{kind.value}_"
    for kind, source in SOURCE_OF_KIND.items()
    if "Node"
    in {each.name for each in getattr(CONTRACT.type_map[source.type_name], "interfaces", ())}
    and kind is not Kind.AUDIT_ENTRY
}


def nodes_of(picture: Picture) -> list[str]:
    return sorted(
        row["id"]
        for table in SHOWN
        for row in picture[table].values()
        if f"{row['id'][:3]}_" in _NODES
    )


async def what_is_seen_is_what_policy_allows(walk: Walk, actor: Actor) -> None:
    picture = walk.picture
    ids = nodes_of(picture)
    asked = OF_NOBODY if actor.viewer.is_nobody else OF_SOMEBODY
    pages = {f"some{n}": ids[n : n + AT_ONCE] for n in range(0, len(ids), AT_ONCE)}
    answer = await walk.asked(actor, _by_pages(asked, tuple(pages)), pages)
    sight = Sight(Facts(picture), actor)
    shown = {node["id"] for page in pages for node in answer[page] if node is not None}
    allowed = sight.everything() & set(ids)
    agree(actor, "opens", shown, allowed)
    for name in LISTS:
        _is_listed(sight, name, answer[name])
    for event in answer["events"]["nodes"]:
        _tells_what_it_may(sight, event)


@cache
def _by_pages(question: str, pages: tuple[str, ...]) -> str:
    declared = ", ".join(f"${page}: [ID!]!" for page in pages)
    nodes = " ".join(f"{page}: nodes(ids: ${page}) {{ id }}" for page in pages)
    return question.replace("DECLARED", declared).replace("NODES", nodes)


def agree(actor: Actor, does: str, shown: set[str], allowed: set[str]) -> None:
    assert shown == allowed, (
        f"{actor} {does} what policy does not allow: {sorted(shown - allowed)};"
        f" and not what it allows: {sorted(allowed - shown)}"
    )


def _is_listed(sight: Sight, name: str, page: dict[str, Any]) -> None:
    shown = [node["id"] for node in page["nodes"]]
    allowed = sight.listed & set(sight.picture[name])
    agree(sight.actor, f"lists under {name}", set(shown), allowed)
    assert page["totalCount"] == len(shown) == len(set(shown)), (name, page)
    if name == "groups":
        for node in page["nodes"]:
            members = sight.picture.all("group_members", group_id=node["id"], status="ACTIVE")
            assert node["memberCount"] == len(members), node


def _tells_what_it_may(sight: Sight, event: dict[str, Any]) -> None:
    row = sight.picture["events"][event["id"]]
    coming = sum(
        1 + answer["additional_guests"]
        for answer in sight.picture.all("rsvps", event_id=row["id"], status="ACCEPTED")
    )
    left = None
    if row["capacity"] is not None and row["rrule"] is None:
        once_was = {
            date["id"]
            for date in sight.picture.all("occurrences", event_id=row["id"])
            if "left_out" in date["overrides"]
        }
        no_more = sum(
            1 + answer["additional_guests"]
            for answer in sight.picture.all("rsvps", event_id=row["id"], status="ACCEPTED")
            if answer["occurrence_id"] in once_was
        )
        left = max(0, row["capacity"] - (coming - no_more))
    assert event["remainingCapacity"] == left, (sight.actor, event)
    told = {
        "accepted": coming,
        "tentative": sight.numbers(row["id"], "TENTATIVE"),
        "waitlisted": sight.numbers(row["id"], "WAITLISTED"),
    }
    assert event["attendance"] == told, f"{sight.actor} is told {event}, and should be {told}"
    places = sight.picture.all("event_hosts", event_id=row["id"])
    for field, rows in (
        ("hosts", [each for each in places if sight.place(each)]),
        (
            "rsvps",
            [each for each in sight.picture.all("rsvps", event_id=row["id"]) if sight.answer(each)],
        ),
    ):
        if field in event:
            shown = {node["id"] for node in event[field]["nodes"]}
            agree(sight.actor, f"finds in {field}", shown, {each["id"] for each in rows})
            assert event[field]["totalCount"] == len(shown), event
