"""A peer that lies: each way is refused with its reason, and nothing of it is kept."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from domain.peering import PeeringStatus
from federation.mirroring.pulling import MOST_FAULTS
from federation.mirroring.reading import AskedInVain, BadPage, read_page, read_page_by_turns
from storage import tables as t
from storage.mirrors_told import ToldPage
from storage.peer_tables import mirror_channels, mirror_entries, mirror_refusals
from tests.federation.neighbourhood import Neighbourhood
from tests.federation.side_by_side import SideBySide, rows, side_by_side
from tests.federation.telling import Said, Telling, connection, page, removed, told

THERE = "a.test"
there, elsewhere = Telling(THERE), Telling("b.test", "elsewhere")
MOSQUE = there.organization()["id"]
OURS = elsewhere.organization()["id"]
Lie = Callable[[], Said]


def read(body: bytes, after: str | None = None, first: int = 1_000) -> ToldPage:
    return read_page(body, THERE, after, first)


def event(**given: Any) -> Said:
    return there.event(MOSQUE, **given)


def alliance(**given: Any) -> Said:
    return there.alliance(MOSQUE, **given)


# ── records ──────────────────────────────────────────────────────────────────────────────────────

TWICE = there.date()
RECORDS: dict[str, tuple[Lie, str]] = {
    "another hub's event": (lambda: elsewhere.event(OURS), "speaks for another hub's id"),
    "an event of our organization": (lambda: there.event(OURS), "an organization of another hub"),
    "a group of our organization": (lambda: there.group(OURS), "an organization of another hub"),
    "an id of another kind": (lambda: event(id=MOSQUE), "no id of this kind"),
    "an authority in capitals": (
        lambda: there.organization(id=MOSQUE.replace("a.test", "A.TEST")),
        "no id of this kind",
    ),
    "a version without bounds": (lambda: event(version=2**40), "version: not from 1"),
    "a version that is none": (lambda: event(version=0), "version: not from 1"),
    "a version that is true": (lambda: event(version=True), "version: no whole number"),
    "a version in words": (lambda: event(version="3"), "version: no whole number"),
    "a moment that does not exist": (
        lambda: event(startsAt="2027-02-30T00:00:00Z"),
        "startsAt: no moment that exists",
    ),
    "a moment without an offset": (lambda: event(startsAt="2027-02-20T00:00:00"), "no moment"),
    "an end before its start": (
        lambda: event(endsAt="2001-01-01T00:00:00Z"),
        "not after its start",
    ),
    "a script for an address": (lambda: event(onlineUrl="javascript:alert(1)"), "no address that"),
    "data for a picture": (
        lambda: event(image={"url": "data:text/html,x", "alternativeText": ""}),
        "no address that",
    ),
    "an address with a line break": (
        lambda: event(registrationUrl="https://x/\nhost"),
        "no address that",
    ),
    "control characters in a title": (lambda: event(title="Open\x1b[31m house"), "control"),
    "a book for a title": (lambda: event(title="x" * 301), "at most 300"),
    "an endless description": (lambda: event(description="x" * 20_001), "at most 20,000"),
    "a number for a title": (lambda: event(title=7), "title: no text"),
    "a word that is none": (lambda: event(eventStatus="MAYBE"), "a word that is not known"),
    "a time zone that is none": (lambda: event(timeZone="Mars/Olympus"), "no time zone"),
    "a position off the globe": (
        lambda: event(place={"latitude": 91, "longitude": 0, "precision": "PRECISE"}),
        "no position on the globe",
    ),
    "half a position": (
        lambda: event(place={"latitude": 1, "longitude": None, "precision": "PRECISE"}),
        "half a position",
    ),
    "every second for ever": (
        lambda: event(recurrence={"rrule": "FREQ=SECONDLY", "dates": [], "exceptions": []}),
        "recurrence",
    ),
    "dates without number": (
        lambda: event(
            recurrence={
                "rrule": "",
                "dates": ["2027-03-06T09:00:00Z"] * 501,
                "exceptions": [],
            }
        ),
        "at most 500",
    ),
    "more dates than it shows": (
        lambda: event(occurrences=connection() | {"pageInfo": {"hasNextPage": True}}),
        "occurrences: more than",
    ),
    "a date of somebody else's": (
        lambda: event(occurrences=connection(elsewhere.date())),
        "speaks for another hub's id",
    ),
    "a date twice": (lambda: event(occurrences=connection(TWICE, TWICE)), "are one"),
    "a host that another answers for": (
        lambda: event(hosts=connection(there.host(there.organization()["id"], role="HOST"))),
        "somebody else than its host",
    ),
    "two places of one organization": (
        lambda: event(hosts=connection(there.host(MOSQUE), there.host(MOSQUE))),
        "two places under way",
    ),
    "minus one to come": (
        lambda: event(occurrences=connection(there.date(attendance={"accepted": -1}))),
        "accepted: not from 0",
    ),
    "causes without number": (lambda: event(causes=["food"] * 101), "at most 100"),
    "a language that is none": (lambda: event(languages=["<b>"]), "no language tag"),
    "a slug with a way out": (lambda: there.organization(slug="../admin"), "no slug"),
    "two memberships of one organization": (
        lambda: alliance(members=connection(there.member(MOSQUE), there.member(MOSQUE))),
        "two memberships under way",
    ),
    "a member of another hub's giving": (
        lambda: alliance(members=connection(elsewhere.member(MOSQUE))),
        "speaks for another hub's id",
    ),
    "an agreement twice": (
        lambda: alliance(agreements=[there.agreement(), there.agreement()]),
        "two agreements are one",
    ),
    "an alliance without its terms": (lambda: alliance(sharing=None), "sharing: no object"),
    "a kind that nobody knows": (lambda: event(__typename="Payment"), "not known here"),
    "a person": (lambda: event(__typename="Person"), "not known here"),
    "a list for a thing": (lambda: event(host=[]), "host: no object"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_that_lies_is_left_out_and_the_others_count(name: str) -> None:
    lie, why = RECORDS[name]
    honest = event()

    found = read(told(honest, lie()))

    assert [each.id for each in found.events] == [honest["id"]]
    assert not found.organizations
    assert not found.alliances
    assert not found.groups
    (refusal,) = found.refusals
    assert why in refusal.reason


def test_years_beyond_calendars_are_brought_within() -> None:
    (found,) = read(
        told(event(startsAt="0001-01-01T00:00:00Z", endsAt="9999-12-31T23:59:59Z"))
    ).events

    assert (found.starts_at.year, found.ends_at and found.ends_at.year) == (1900, 2300)


def test_what_is_not_asked_for_is_not_looked_at() -> None:
    (found,) = read(told(event(contact={"email": "anna@a.test"}, rsvps=["Anna"]))).events

    assert "anna" not in repr(found).lower()


def test_what_leaves_is_the_peers_own() -> None:
    found = read(page(removed(OURS), removed("nonsense"), removed(event()["id"], "WHIM")))

    assert found.removed == ()
    assert [each.reason for each in found.refusals] == [
        "id: speaks for another hub's id",
        "id: nothing that is published",
        "reason: a word that is not known here",
    ]


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def with_page_info(**given: Any) -> bytes:
    said = json.loads(told(event()))
    said["data"]["changes"]["pageInfo"] |= given
    return json.dumps(said).encode()


THE_SAME = event()
PAGES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no JSON"),
    "a web page": (b"<html>", "no JSON"),
    "NaN": (b'{"data": NaN}', "no JSON"),
    "letters that are none": (b'{"data": "\xff"}', "no JSON"),
    "half a pair of a letter": (told(event(title="\ud800")), "no JSON"),
    "a list": (b"[]", "no GraphQL answer"),
    "no data": (b'{"data": null}', "without changes"),
    "so deep that it hurts": (b'{"data":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "no JSON"),
    "the same twice": (told(THE_SAME, THE_SAME), "twice"),
    "more than asked for": (told(*(event() for _ in range(11))), "where 10 were asked for"),
    "no cursor": (with_page_info(endCursor=None), "no cursor"),
    "a cursor without end": (with_page_info(endCursor="x" * 2_001), "no cursor"),
    "a cursor that stays": (told(event(), cursor="here"), "does not advance"),
    "more of nothing": (page(cursor="there", more=True), "nothing is there"),
    "perhaps more": (with_page_info(hasNextPage="perhaps"), "whether there is more"),
    "a change that is none": (page({"__typename": "Both"}), "neither Upserted nor Removed"),
    "errors without a code": (b'{"errors": [{"message": "no"}]}', "without a code"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_contradicts_itself_counts_for_nothing(name: str) -> None:
    body, why = PAGES[name]

    with pytest.raises(BadPage, match=why):
        read(body, after="here", first=10)


async def test_while_a_page_is_read_others_have_their_turns() -> None:
    body = told(*(event() for _ in range(20)))
    turns = 0

    async def somebody_else() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody_else())
    found = await read_page_by_turns(body, THERE, None, 1_000)
    other.cancel()

    assert turns >= 20
    assert found == read(body)


def test_a_refusal_has_its_code_and_words_that_can_be_shown() -> None:
    said = {"message": "Gone\x1b[2J", "extensions": {"code": "RESYNC"}}

    with pytest.raises(AskedInVain) as refused:
        read(json.dumps({"errors": [said]}).encode())

    assert refused.value.code == "RESYNC"
    assert str(refused.value) == "RESYNC: Gone?[2J"


# ── over the network ─────────────────────────────────────────────────────────────────────────────

GRAPHQL = "https://a.test/graphql"
Answer = Callable[[httpx.Request], httpx.Response]


def answering(body: bytes, media: str = "application/json", status: int = 200) -> Answer:
    return lambda request: httpx.Response(
        status, content=body, headers={"content-type": media}, request=request
    )


def redirecting(request: httpx.Request) -> httpx.Response:
    return httpx.Response(302, headers={"location": "https://b.test/graphql"}, request=request)


def packing(request: httpx.Request) -> httpx.Response:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    return httpx.Response(200, content=b"", headers=headers, request=request)


async def test_twenty_bad_pages_in_a_row_suspend_the_peering_and_leave_no_trace(
    neighbourhood: Neighbourhood,
) -> None:
    async with side_by_side(neighbourhood) as hubs:
        honest = there.organization()
        hubs.a.roads.instead[GRAPHQL] = answering(told(honest, elsewhere.event(OURS), cursor="1"))
        await hubs.follow()
        before = await kept(hubs)
        assert [row["name"] for row in before["organizations"]] == [
            honest["name"],
            "Riverside Mosque",
        ]
        assert {row["reason"] for row in await rows(hubs.b.database, mirror_refusals)} == {
            "id: speaks for another hub's id"
        }
        ways: list[Answer] = [
            answering(told(there.organization()), media="text/html"),
            answering(b"[]"),
            answering(told(there.organization(), cursor="1")),  # the cursor stays
            redirecting,
            packing,
            answering(b"x" * (8 * 1024 * 1024 + 1)),
            answering(told(there.organization()), status=500),
        ]
        faults = []
        for n in range(60):
            hubs.a.roads.instead[GRAPHQL] = ways[n % len(ways)]
            hubs.b.clock.forward(minutes=11)
            await hubs.pull_b.turn(hubs.a.hub_id)
            peer = await hubs.b.peer(hubs.a)
            faults.append(peer.faults)
            if not peer.is_active:
                break

        peer = await hubs.b.peer(hubs.a)
        assert peer.status is PeeringStatus.SUSPENDED
        assert peer.faults >= MOST_FAULTS
        assert "bad pages in a row" in str(peer.suspended_why)
        assert await kept(hubs) == before
        audited = {row["action"] for row in await rows(hubs.b.database, t.audit_entries)}
        assert "peering.suspended" in audited


async def test_a_reader_is_not_led_round_in_a_circle(neighbourhood: Neighbourhood) -> None:
    async with side_by_side(neighbourhood) as hubs:
        bodies = [told(there.organization(), cursor=each, more=True) for each in "123121212"]
        hubs.a.roads.instead[GRAPHQL] = lambda request: answering(bodies.pop(0))(request)

        await hubs.follow()

        peer = await hubs.b.peer(hubs.a)
        assert peer.faults >= 1
        errors = {row["last_error"] for row in await rows(hubs.b.database, mirror_channels)}
        assert "the cursor goes round" in errors


async def test_epochs_that_change_all_the_time_are_a_fault(neighbourhood: Neighbourhood) -> None:
    async with side_by_side(neighbourhood) as hubs:
        resync = {"message": "Begin anew.", "extensions": {"code": "RESYNC"}}
        hubs.a.roads.instead[GRAPHQL] = answering(json.dumps({"errors": [resync]}).encode())

        await hubs.follow()

        assert (await hubs.b.peer(hubs.a)).faults >= 1
        assert len(hubs.a.roads.asked) < 20  # it is not asked again and again


async def test_one_change_that_is_too_large_does_not_stop_the_others(
    neighbourhood: Neighbourhood,
) -> None:
    async with side_by_side(neighbourhood) as hubs:
        things = [there.organization() for _ in range(6)]

        def as_much_as_fits(request: httpx.Request) -> httpx.Response:
            asked = json.loads(request.content)["variables"]
            if asked["first"] > 4:
                return answering(b"x" * (8 * 1024 * 1024 + 1))(request)
            start = int(asked["after"] or 0)
            some = things[start : start + asked["first"]]
            more, cursor = start + len(some) < len(things), str(start + len(some))
            return answering(told(*some, cursor=cursor, more=more))(request)

        hubs.a.roads.instead[GRAPHQL] = as_much_as_fits

        await hubs.follow()

        held = {row["thing_id"] for row in await rows(hubs.b.database, mirror_entries)}
        assert held == {each["id"] for each in things}


async def kept(hubs: SideBySide) -> dict[str, list[dict[str, Any]]]:
    tables = (t.organizations, t.groups, t.alliances, t.events, mirror_entries)
    return {table.name: sorted(await rows(hubs.b.database, table), key=str) for table in tables}


async def test_a_busy_peer_is_given_the_time_it_asks_for(neighbourhood: Neighbourhood) -> None:
    async with side_by_side(neighbourhood) as hubs:
        hubs.a.roads.instead[GRAPHQL] = lambda request: httpx.Response(
            429, headers={"retry-after": "900"}, request=request
        )

        await hubs.follow()

        nexts = [row["next_at"] for row in await rows(hubs.b.database, mirror_channels)]
        waits = [(at - hubs.b.clock.now()).total_seconds() for at in nexts if at is not None]
        assert max(waits) == 900
        assert (await hubs.b.peer(hubs.a)).faults == 0
