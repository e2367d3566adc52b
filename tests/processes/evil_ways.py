"""What an evil hub does, and by which words it is known at the hub that asked it.

Each way is a server's whole answer at one address, mostly its feed. `told` says where its reason is
to be found afterwards: with the peer (its `lastError`), among what was not believed, in the answer to
an admin who looks at it, or nowhere, where there is nothing to tell.
"""

import asyncio
import gzip
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from auth import addresses
from domain.ids import Kind
from tests.federation.telling import Said, connection, page, removed, told
from tests.processes.evil_peer import RESYNC, Answering, Asked, Evil, send

Writer = asyncio.StreamWriter
FEED = "feed"
SECOND_HOP = "http://169.254.169.254/latest/meta-data/"


class Told(StrEnum):
    PEER = "with the peer"
    REFUSED = "among what was not believed"
    ADMIN = "to the admin who looks"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Way:
    name: str
    answering: Answering
    why: str  # a pattern of the words
    where: str = FEED
    told: Told = Told.PEER


def saying(body: bytes, media_type: str = "application/json", status: str = "200 OK") -> Answering:
    async def answer(_evil: Evil, _asked: Asked, writer: Writer) -> None:
        send(writer, body, media_type, status)

    return answer


def raw(*pieces: bytes) -> Answering:
    async def answer(_evil: Evil, _asked: Asked, writer: Writer) -> None:
        for piece in pieces:
            writer.write(piece)
        await writer.drain()

    return answer


def for_ever(begin: bytes, piece: bytes, pause_seconds: float = 0.0) -> Answering:
    async def answer(_evil: Evil, _asked: Asked, writer: Writer) -> None:
        writer.write(begin)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_seconds)

    return answer


async def silence(_evil: Evil, _asked: Asked, _writer: Writer) -> None:
    await asyncio.sleep(3_600)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = b"10000\r\n" + b"x" * 65_536 + b"\r\n"


async def a_gigabyte(_evil: Evil, _asked: Asked, writer: Writer) -> None:
    writer.write(HEAD + b"Content-Length: 1073741824\r\n\r\n")
    await for_ever(b"", b"x" * 65_536)(_evil, _asked, writer)


def lying(**given: Any) -> Answering:
    """A page of one event, which is as it should be but for what is given."""

    async def answer(evil: Evil, asked: Asked, writer: Writer) -> None:
        event = evil.telling.event(evil.organization_id, **given)
        send(writer, told(event, cursor=evil.cursor(evil.turns)))

    return answer


def written(before: str, after: str) -> Answering:
    """An event, of whose text a part is another: what no JSON writer would write."""

    async def answer(evil: Evil, asked: Asked, writer: Writer) -> None:
        event = evil.telling.event(evil.organization_id)
        body = told(event, cursor=evil.cursor(evil.turns))
        assert before.encode() in body
        send(writer, body.replace(before.encode(), after.encode(), 1))

    return answer


async def theirs(evil: Evil, _asked: Asked, writer: Writer) -> None:
    stranger = "org_01JD8XAAAAAAAAAAAAAAAAAAAA@other.example"
    event = evil.telling.event(stranger, id=f"evt_01JD8XAAAAAAAAAAAAAAAAAAAA@{stranger[31:]}")
    send(writer, told(event, cursor=evil.cursor(evil.turns)))


async def ours(evil: Evil, _asked: Asked, writer: Writer) -> None:
    event = evil.telling.event(evil.organization_id, id=evil.victim["event"])
    hosted = evil.telling.event(evil.victim["organization"])
    send(writer, told(event, hosted, cursor=evil.cursor(evil.turns)))


async def ours_removed(evil: Evil, _asked: Asked, writer: Writer) -> None:
    gone = [removed(evil.victim[name], "DELETED") for name in ("event", "organization")]
    send(writer, page(*gone, cursor=evil.cursor(evil.turns)))


async def cursor_round(evil: Evil, asked: Asked, writer: Writer) -> None:
    one, two, three = (evil.cursor(number) for number in (1, 2, 3))
    cursor = {one: two, two: three}.get(asked.variables["after"], one)
    gone = removed(evil.telling.id(Kind.EVENT))
    send(writer, page(gone, cursor=cursor, more=True))


async def cursor_falls(evil: Evil, asked: Asked, writer: Writer) -> None:
    """Forward by two, and back by one."""
    steps = [2, 1, 3, 2, 4]
    cursor = evil.cursor(steps[evil.turns % len(steps)])
    send(writer, page(removed(evil.telling.id(Kind.EVENT)), cursor=cursor, more=True))


async def cursor_stays(evil: Evil, asked: Asked, writer: Writer) -> None:
    after = asked.variables["after"] or "here"
    send(writer, page(removed(evil.telling.id(Kind.EVENT)), cursor=after, more=True))


async def too_many(evil: Evil, asked: Asked, writer: Writer) -> None:
    gone = [removed(evil.telling.id(Kind.EVENT)) for _ in range(asked.variables["first"] + 1)]
    send(writer, page(*gone, cursor="many"))


async def costly(evil: Evil, asked: Asked, writer: Writer) -> None:
    """As many parts as fit into an answer, and the last makes all of it unbelievable."""
    date = json.dumps(evil.telling.date(place=None, description=None, title=None))
    dates = []
    for n in range(150):
        head, _, tail = date.partition("occ_")
        dates.append(f"{head}occ_{n:026d}{tail[26:]}")
    event = evil.telling.event(evil.organization_id, occurrences=connection())
    said = json.dumps(event)
    nodes = f'"occurrences": {{"pageInfo": {{"hasNextPage": false}}, "nodes": [{",".join(dates)}]}}'
    empty = f'"occurrences": {json.dumps(connection())}'
    assert empty in said
    events = []
    for n in range(min(asked.variables["first"], 110)):
        own = said.replace(event["id"], f"evt_{n:026d}{event['id'][30:]}")
        many = nodes.replace("occ_000000000000000", f"occ_{n:015d}")
        entity = own.replace(empty, many).replace('"version": 1', '"version": 0')
        events.append(
            f'{{"cursor": "c", "node": {{"__typename": "Upserted", "entity": {entity}}}}}'
        )
    info = f'{{"hasNextPage": false, "endCursor": "{evil.cursor(evil.turns)}"}}'
    body = f'{{"data": {{"changes": {{"edges": [{",".join(events)}], "pageInfo": {info}}}}}}}'
    send(writer, body.encode())


def redirecting(to: str) -> Answering:
    async def answer(evil: Evil, _asked: Asked, writer: Writer) -> None:
        there = to.format(victim=evil.victim["url"])
        send(writer, b"", "text/html", "307 Temporary Redirect", f"Location: {there}")

    return answer


def with_header(status: str, *headers: str) -> Answering:
    async def answer(_evil: Evil, _asked: Asked, writer: Writer) -> None:
        send(writer, b"{}", "application/json", status, *headers)

    return answer


def token(**given: Any) -> Answering:
    usual: Said = {"access_token": "good", "token_type": "Bearer", "expires_in": 300}
    return saying(json.dumps(usual | given).encode())


async def another_hub(evil: Evil, _asked: Asked, writer: Writer) -> None:
    said = evil.documents()[addresses.HUB]
    send(writer, json.dumps(said | {"hub": said["hub"].replace("_01JD8", "_01JD9")}).encode())


BOMB = gzip.compress(b"[" * 50_000_000)
DEEP = b'{"data":' + b"[" * 1_000_000
LONG = {"title": "x" * 7_000_000}
WHOLE = '"version": 1'
NO_HTTP, IN_TIME = "what is no HTTP", "too long|in time"

WAYS = (
    # A body that is none.
    Way("a body without end", for_ever(CHUNKED, PIECE), f"larger than 8,388,608 bytes|{IN_TIME}"),
    Way("a gigabyte announced", a_gigabyte, "larger than 8,388,608 bytes"),
    Way(
        "a bomb packed in spite of identity",
        raw(
            HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB),
            BOMB,
        ),
        "compressed",
    ),
    Way("a byte a second", for_ever(HEAD + b"Content-Length: 5000\r\n\r\n", b"x", 1.0), IN_TIME),
    Way("headers a line a second", for_ever(HEAD, b"X-More: of it\r\n", 1.0), IN_TIME),
    Way("headers without end", for_ever(HEAD, b"X-More: " + b"y" * 8_000 + b"\r\n"), NO_HTTP),
    Way("a header of a megabyte", raw(HEAD + b"X-Long: " + b"z" * 1_000_000), NO_HTTP),
    Way("interim answers without end", for_ever(b"", b"HTTP/1.1 103 Early\r\n\r\n"), IN_TIME),
    Way("chunks that are none", raw(CHUNKED + b"zz\r\nnot a chunk\r\n"), NO_HTTP),
    Way("a chunk of a size beyond numbers", raw(CHUNKED + b"f" * 40 + b"\r\nx"), NO_HTTP),
    Way("no HTTP at all", raw(b"SSH-2.0-OpenSSH_9.9\r\n"), NO_HTTP),
    Way("an end in the middle", raw(HEAD + b"Content-Length: 1000\r\n\r\n{"), NO_HTTP),
    Way("an end before the beginning", raw(b""), NO_HTTP),
    Way("taken on, and never answered", silence, IN_TIME),
    Way("two lengths", raw(HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n{}"), NO_HTTP),
    # Answers of the wrong kind.
    Way("a redirect inward", redirecting(SECOND_HOP), "sends us on to 169.254.169.254"),
    Way("a redirect to ourselves", redirecting("{victim}/graphql"), "sends us on to localhost"),
    Way("a web page", saying(b"<html>", "text/html"), "of the type 'text/html'"),
    Way("no type", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), "of the type ''"),
    Way("come back in a year", with_header("429 Too Many", "Retry-After: 31536000"), "come back"),
    Way("unavailable for ever", with_header("503 No", "Retry-After: 31536000"), "come back later"),
    Way("an error of its own", saying(b"{}", status="500 Oh"), "answered 500"),
    Way("a status that is none", saying(b"{}", status="999 What"), "answered 999"),
    # JSON that is none, or of another shape.
    Way("not a number", written(WHOLE, '"version": NaN'), "no JSON"),
    Way("a number beyond numbers", written(WHOLE, '"version": 1e400'), "no JSON"),
    Way("so deep that it hurts", saying(DEEP), "no JSON"),
    Way("letters that are none", saying(b'{"data": "\xff"}'), "no JSON"),
    Way("a list for an answer", saying(b"[]"), "no GraphQL answer"),
    Way("changes that are a list", saying(b'{"data": {"changes": []}}'), "without changes"),
    Way("errors alone", saying(b'{"errors": [{"message": "no"}]}'), "errors without a code"),
    Way(
        "a refusal in strange words",
        saying(
            b'{"errors": [{"message": "\\u001b[2J\\u202e", "extensions": {"code": "NO\\nWAY"}}]}'
        ),
        r"NO\?WAY: \?\[2J\?",
    ),
    # A feed that goes nowhere.
    Way("a cursor that goes round", cursor_round, "goes round"),
    Way("a cursor that falls", cursor_falls, "goes round"),
    Way("a cursor that stands still", cursor_stays, "does not advance"),
    Way("epochs that flap", saying(RESYNC), "RESYNC once more"),
    Way("more than was asked for", too_many, "where 250 were asked for|were asked for"),
    # Records that nobody believes.
    Way("another hub's event", theirs, "another hub", told=Told.REFUSED),
    Way("an event of ours", ours, "another hub", told=Told.REFUSED),
    Way("ours is gone, it says", ours_removed, "another hub", told=Told.REFUSED),
    Way("a version of 5,000 digits", written(WHOLE, f'"version": {"9" * 5_000}'), "no JSON"),
    Way("a version of 2^63", lying(version=2**63), "version", told=Told.REFUSED),
    Way("a version below nothing", lying(version=-1), "version: not from 1", told=Told.REFUSED),
    Way("a capacity that is not whole", lying(capacity=1.5), "capacity", told=Told.REFUSED),
    Way(
        "the year nought",
        lying(startsAt="0000-01-01T00:00:00Z"),
        "startsAt: no moment",
        told=Told.REFUSED,
    ),
    Way(
        "a date with a tail",
        lying(startsAt="9999-12-31T23:59:59Z'; --"),
        "startsAt: no moment",
        told=Told.REFUSED,
    ),
    Way(
        "a title of seven megabytes",
        lying(**LONG),
        "title: 7,000,000 characters",
        told=Told.REFUSED,
    ),
    Way(
        "control characters",
        lying(title="Free\x00\x1b[31m"),
        "title: holds control",
        told=Told.REFUSED,
    ),
    Way(
        "a script for an address",
        lying(onlineUrl="javascript:alert(1)"),
        "onlineUrl: no address",
        told=Told.REFUSED,
    ),
    Way(
        "nothing where something must be",
        lying(startsAt=None),
        "startsAt: no moment",
        told=Told.REFUSED,
    ),
    Way(
        "a thing that says two ids",
        written(
            '"version": 1', '"version": 1, "id": "evt_01JD8XAAAAAAAAAAAAAAAAAAAA@other.example"'
        ),
        "another hub",
        told=Told.REFUSED,
    ),
    Way("as many parts as fit", costly, "version: not from 1", told=Told.REFUSED),
    # Tokens.
    Way(
        "a token without end", for_ever(CHUNKED, PIECE), "larger than 16,384 bytes", addresses.TOKEN
    ),
    Way(
        "a token of 10,000 letters",
        token(access_token="x" * 10_000),
        "no bearer token",
        addresses.TOKEN,
    ),
    Way("a token of another type", token(token_type="mac"), "no bearer token", addresses.TOKEN),
    Way(
        "a token with a line break",
        token(access_token="a\r\nHost: b"),
        "no bearer token",
        addresses.TOKEN,
    ),
    Way(
        "a token for half a second",
        token(expires_in=0.5),
        "how long its token lives",
        addresses.TOKEN,
    ),
    Way("a token a byte a second", for_ever(HEAD + b"\r\n", b"x", 1.0), IN_TIME, addresses.TOKEN),
    Way("a token elsewhere", redirecting(SECOND_HOP), "sends us on", addresses.TOKEN),
    # Documents and keys, where an admin looks at it again.
    Way(
        "documents without end",
        for_ever(CHUNKED, PIECE),
        "larger than 65,536",
        addresses.HUB,
        Told.ADMIN,
    ),
    Way("the name of another hub", another_hub, "another hub", addresses.HUB, Told.ADMIN),
    Way(
        "keys without end",
        for_ever(CHUNKED, PIECE),
        "larger than 65,536",
        addresses.CLIENT_KEYS,
        Told.ADMIN,
    ),
    # Where there is nothing to tell: it is told no more than that something moved.
    Way("a poke that nobody takes", silence, "", addresses.POKE, Told.NOWHERE),
)
