"""Whether a hub tells its changes as docs/protocol.md has it: pages, cursors, channels, records."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.channels import PUBLIC
from federation.mirroring import glancing
from web.conformance.probing import Answer, Check, Failed, NotChecked, Object, Probe, said

DOCUMENT = """
query Feed($channel: ID, $after: String, $first: Int) {
  changes(channel: $channel, after: $after, first: $first) {
    edges {
      cursor
      node {
        __typename
        ... on Removed { id reason }
        ... on Upserted { entity { __typename id visibility version } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
""".strip()
PAGE = 25
MOST_PAGES = 8  # of a large hub a part is enough
MOST_VERSION = 2**40
_ID = re.compile(r"[a-z]{3}_[0-9A-HJKMNP-TV-Z]{26}@(.{1,255})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    cursors: Sequence[object]
    records: Sequence[Object]  # each with its id
    end: str
    has_more: bool

    @property
    def ids(self) -> list[str]:
        return [str(record.get("id")) for record in self.records]


async def told(
    probe: Probe, after: str | None = None, first: int = PAGE, channel: str | None = None
) -> Page:
    return read(await asked(probe, after, first, channel))


async def asked(
    probe: Probe,
    after: str | None = None,
    first: int = PAGE,
    channel: str | None = None,
) -> Answer:
    variables = {"channel": channel, "after": after, "first": first}
    return await probe.as_peer.graphql(probe, DOCUMENT, variables)


def read(answer: Answer) -> Page:
    """Raises `NotChecked` where it is none: F-2 says so."""
    try:
        changes: Any = answer.body["data"]["changes"]
        edges, place = changes["edges"], changes["pageInfo"]
        records = [edge["node"].get("entity") or edge["node"] for edge in edges]
        cursors = [edge["cursor"] for edge in edges]
        return Page(cursors, records, str(place["endCursor"]), place["hasNextPage"] is True)
    except (KeyError, TypeError, AttributeError):
        raise NotChecked(f"There is no page of changes: {said(answer.fetched.body)}") from None


async def whole(probe: Probe) -> list[Page]:
    """The public channel from its start, or the first of it; read once for all checks."""
    if "pages" not in probe.kept:
        page = await told(probe)
        pages = [page]
        while page.has_more and len(pages) < MOST_PAGES:
            page = await told(probe, page.end)
            pages.append(page)
        probe.kept["pages"] = pages
    found: list[Page] = probe.kept["pages"]
    return found


async def is_told_to_nobody(probe: Probe) -> None:
    (await probe.graphql(DOCUMENT)).require_code("UNAUTHENTICATED")


async def is_told(probe: Probe) -> None:
    for channel in (None, PUBLIC):
        answer = await asked(probe, channel=channel)
        try:
            read(answer)
        except NotChecked:
            raise Failed(
                f"{answer.fetched.status}, {said(answer.fetched.body)}",
                "Answer `changes` of the public channel to each peer.",
            ) from None


async def pages_have_ends(probe: Probe) -> None:
    for page in (*await whole(probe), await told(probe, first=0)):
        if not page.end or page.end == "None":
            raise Failed("endCursor is missing", "Give the place that the page reached, always.")


async def pages_are_bounded(probe: Probe) -> None:
    for first in (0, 1, 3):
        page = await told(probe, first=first)
        if len(page.records) > first:
            raise Failed(f"{len(page.records)} for first: {first}", "Keep to `first`.")


async def a_glance_tells_of_news(probe: Probe) -> None:
    """Of the public channel from its start and at its end, and of one channel beside another."""
    page = await told(probe, first=1)
    seen = await told(probe, first=0)
    if seen.records or seen.has_more != bool(page.records):
        raise Failed(
            f"hasNextPage is {seen.has_more} for first: 0, where {len(page.records)} came for 1",
            "Say by hasNextPage whether anything stands behind the place.",
        )
    own = probe.as_peer.identity.hub_id
    variables = {"channel0": PUBLIC, "after0": page.end, "channel1": own, "after1": None}
    answer = await probe.as_peer.graphql(probe, glancing.document(2), variables)
    behind = await told(probe, page.end, first=1)
    try:
        both: Any = [
            answer.body["data"][name]["pageInfo"]["hasNextPage"] for name in ("of0", "of1")
        ]
    except (KeyError, TypeError):
        raise Failed(
            f"{answer.fetched.status}, {said(answer.fetched.body)}",
            "Answer the glance document.",
        ) from None
    if both[0] is not bool(behind.records):
        raise Failed(
            f"hasNextPage is {both[0]} at a place behind which {len(behind.records)} came",
            "Say of each channel by itself whether there are news.",
        )


async def first_is_bounded(probe: Probe) -> None:
    limits = (await probe.hub()).get("limits")
    most = limits.get("page") if isinstance(limits, dict) else None
    if type(most) is not int:
        raise NotChecked("The hub does not say its page: see D-10.")
    for first in (most + 1, -1):
        (await asked(probe, first=first)).require_code("BAD_USER_INPUT")


async def things_stand_once(probe: Probe) -> None:
    for page in await whole(probe):
        if len(set(page.ids)) < len(page.ids):
            twice = next(each for each in page.ids if page.ids.count(each) > 1)
            raise Failed(f"{twice[:80]} stands on a page twice", "Tell its latest state alone.")


async def asked_again_it_is_told_again(probe: Probe) -> None:
    """Three times, for a hub at work moves meanwhile."""
    for _ in range(3):
        one, other = await told(probe), await told(probe)
        if (one.ids, one.end, one.has_more) == (other.ids, other.end, other.has_more):
            return
    raise Failed("the same place told something else, three times", "Tell by the place alone.")


async def cursors_are_places(probe: Probe) -> None:
    came = ""
    for _ in range(3):
        page = await told(probe, first=3)
        if len(page.records) < 2:
            raise NotChecked("There are not two changes in the public channel.")
        behind = await told(probe, str(page.cursors[0]), first=len(page.records) - 1)
        if behind.ids == page.ids[1:]:
            return
        came = f"behind the first of {page.ids} came {behind.ids}"
    raise Failed(came, "Give each edge the place behind it.")


async def ends_with_an_empty_page(probe: Probe) -> None:
    """A hub at work moves meanwhile: it is read on for a while."""
    page = (await whole(probe))[-1]
    if page.has_more:
        raise NotChecked(f"The feed is longer than the {MOST_PAGES * PAGE} changes looked at.")
    for _ in range(4):
        page = await told(probe, page.end)
        if not page.records and not page.has_more:
            return
    raise Failed("behind the last change there is always more", "Answer an empty page there.")


async def knows_its_cursors(probe: Probe) -> None:
    end = (await whole(probe))[-1].end
    for wrong in ("nonsense", end[::-1]):
        (await asked(probe, wrong)).require_code("BAD_USER_INPUT")


async def channels_are_closed_alike(probe: Probe) -> None:
    """An alliance that there is not, and the tester's own channel, which nobody else reads."""
    other = f"aln_00000000000000000000000000@{probe.authority}"
    own = str((await probe.hub()).get("hub"))
    answers = [await asked(probe, channel=name) for name in (other, own, "nonsense")]
    for answer in answers:
        answer.require_code("CHANNEL_CLOSED")
    told = {json.dumps(answer.body.get("errors"), sort_keys=True) for answer in answers}
    if len({re.sub(r"[a-z]{3}_\w{26}@[\w.:-]+|req\w+", "", each) for each in told}) > 1:
        raise Failed(
            "what does not exist is told from what is not for the reader",
            "Refuse both in the same words.",
        )


async def ids_are_its_own(probe: Probe) -> None:
    for page in await whole(probe):
        for identifier in page.ids:
            found = _ID.fullmatch(identifier)
            if found is None or found[1] != probe.authority:
                raise Failed(
                    f"{identifier[:100]}",
                    f"Tell of the hub's own things alone: their ids end with @{probe.authority}.",
                )


async def public_things_are_public(probe: Probe) -> None:
    for record in await _things(probe):
        if record.get("visibility") != "PUBLIC":
            raise Failed(
                f"{str(record.get('id'))[:80]} is {record.get('visibility')!r}",
                "Tell in `public` what everybody finds, and nothing else.",
            )


async def versions_are_numbers(probe: Probe) -> None:
    for record in await _things(probe):
        version = record.get("version")
        if type(version) is not int or not 1 <= version < MOST_VERSION:
            raise Failed(
                f"{str(record.get('id'))[:80]} has the version {version!r}",
                "Count each change of a thing, from 1.",
            )


async def a_peer_has_a_channel(probe: Probe) -> None:
    read_as_peer = await asked(probe, channel=probe.as_peer.identity.hub_id)
    try:
        read(read_as_peer)
    except NotChecked:
        raise Failed(
            f"{read_as_peer.fetched.status}, {said(read_as_peer.fetched.body)}",
            "Let a peer read the channel that bears its own hub id.",
        ) from None


async def cursors_are_of_a_channel(probe: Probe) -> None:
    end = read(await asked(probe)).end
    own = probe.as_peer.identity.hub_id
    (await asked(probe, end, channel=own)).require_code("BAD_USER_INPUT")


async def _things(probe: Probe) -> list[Object]:
    """Of the public channel; what was removed is none any more."""
    pages = await whole(probe)
    found = [each for page in pages for each in page.records if each["__typename"] != "Removed"]
    if not found:
        raise NotChecked("There is nothing in the public channel.")
    return found


CHECKS: Mapping[str, Check] = {
    "F-1": is_told_to_nobody,
    "F-2": is_told,
    "F-3": pages_have_ends,
    "F-4": pages_are_bounded,
    "F-5": first_is_bounded,
    "F-6": things_stand_once,
    "F-7": asked_again_it_is_told_again,
    "F-8": cursors_are_places,
    "F-9": ends_with_an_empty_page,
    "F-10": knows_its_cursors,
    "F-11": channels_are_closed_alike,
    "F-12": ids_are_its_own,
    "F-13": public_things_are_public,
    "F-14": versions_are_numbers,
    "F-15": a_peer_has_a_channel,
    "F-16": cursors_are_of_a_channel,
    "F-22": a_glance_tells_of_news,
}
