"""The events of a feed, read page by page: those to come first, and then those that were.

A feed is of the whole hub, narrowed by what its address says, or of one organization, group or
alliance. It holds what the contract tells nobody in particular, and is bounded: in events, in bytes
of words, and in time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import quote, urlencode

from starlette.requests import Request

from domain.errors import Busy
from domain.occurrences import kept_since
from domain.recurrence import horizon
from web.feeds.asking import PublicReading, TooMuch, id_in
from web.feeds.events import DATES, PLACE, moment, written
from web.feeds.filters import Filter, Wanted
from web.feeds.told import OneDate, Row

MOST = 1_000  # events of a calendar or a table
MOST_NEWS = 100  # of a page for news readers
MOST_BYTES = 3_000_000  # of words; calendars that subscribe take some 5 MB
MOST_SECONDS = 20
LOOKING_BACK = timedelta(days=90)
_PAGE = 20  # what the contract's price of an operation allows
_SERIES = 2  # with a hundred dates each
_DATES = 100  # of a series, from a month ago on, that are looked at for what differs

_ENTRY = f"""
    id url version createdAt updatedAt status startsAt endsAt timeZone allDay
    title(language: $language) summary(language: $language) description(language: $language)
    cancellationReason recurrence {{ rrule dates exceptions }}
    attendanceMode place {PLACE} onlineUrl causes languages isFree registrationUrl
    host {{ name url }} group {{ name url }} follows {{ id }}
    hosts(roles: [HOST, CO_HOST], first: 20) {{ nodes {{ role organization {{ name url }} }} }}
    nextOnes: occurrences(from: $now, to: $horizon, first: 1) {{ nodes {{ startsAt }} }}
"""
_GIVEN = """
  $filter: EventFilter!, $order: EventOrder!, $first: Int!, $after: String, $language: Locale,
  $now: DateTime!, $horizon: DateTime!
"""
_EVENTS = f"""
  events(filter: $filter, orderBy: $order, first: $first, after: $after) {{
    nodes {{ {_ENTRY} }} pageInfo {{ hasNextPage endCursor }}
  }}
"""
_OF_HUB = f"query FeedOfHub({_GIVEN}) {{ {_EVENTS} }}"
_HOLDER = "{ url name(language: $language) changed: updatedAt visibility }"
_OF_HOLDER = {
    name: f"query FeedOf{name.title()}($id: ID!, {_GIVEN}) {{ {name}(id: $id) {_HOLDER} {_EVENTS} }}"
    for name in ("organization", "group", "alliance")
}
_DATES_OF = f"""
query DatesOfSeries($ids: [ID!]!, $from: DateTime!, $to: DateTime!, $language: Locale) {{
  nodes(ids: $ids) {{
    ... on Event {{ id occurrences(from: $from, to: $to, first: {_DATES}) {{ {DATES} }} }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose events they are."""

    name: str
    url: str
    changed: str | None = None
    visibility: str = "PUBLIC"


@dataclass(frozen=True, slots=True)
class Feed:
    """`further` is the address of what did not fit."""

    holder: Holder
    hub: str
    address: str
    entries: list[Row]
    since: datetime
    further: str | None
    dates: dict[str, list[OneDate]] = field(default_factory=dict)  # of series, by their id

    @property
    def changed(self) -> str | None:
        """When anything in it changed last; what left it is not in it any more."""
        changes = [each["updatedAt"] for each in self.entries]
        if self.holder.changed is not None:
            changes.append(self.holder.changed)
        return max(changes, key=moment, default=None)


@dataclass(frozen=True, slots=True)
class _Page:
    holder: Holder | None
    rows: list[Row]
    cursor: str | None  # of what follows


@dataclass(frozen=True, slots=True)
class _Asked:
    filter: Filter
    order: str
    most: int
    after: str | None = None


class Lists:
    """`kind` is what the feed is of, or None for the whole hub, which is called `site`."""

    def __init__(self, reading: PublicReading, site: str, kind: str | None) -> None:
        self.reading = reading
        self.site = site
        self.kind = kind

    async def calendar(self, request: Request, wanted: Wanted) -> Feed | None:
        """With the dates of its series; None where the public sees no such thing."""
        async with _in_time():
            feed = await self._in_order_of_time(request, wanted)
            if feed is None:
                return None
            series = [each["id"] for each in feed.entries if each["recurrence"]]
            for start in range(0, len(series), _SERIES):
                ids = series[start : start + _SERIES]
                feed.dates.update(await self._dates(request, ids, wanted.language))
            return feed

    async def table(self, request: Request, wanted: Wanted) -> Feed | None:
        async with _in_time():
            return await self._in_order_of_time(request, wanted)

    async def news(self, request: Request, wanted: Wanted) -> Feed | None:
        """Last changed first."""
        since = self.reading.clock.now() - LOOKING_BACK
        asked = _Asked(
            {"from": written(since), **self._filter(request, wanted)},
            "UPDATED_AT_DESC",
            MOST_NEWS,
            wanted.after,
        )
        async with _in_time():
            page = await self._read(request, wanted, asked)
            return await self._feed(request, page, page.rows, page.cursor)

    async def _in_order_of_time(self, request: Request, wanted: Wanted) -> Feed | None:
        now = self.reading.clock.now()
        since = written(now - LOOKING_BACK)
        narrowed = self._filter(request, wanted)
        has_window = "from" in narrowed or "to" in narrowed
        begin = since if has_window else written(now)
        asked = _Asked({"from": begin, **narrowed}, "STARTS_AT_ASC", MOST, wanted.after)
        coming = await self._read(request, wanted, asked)
        rows = coming.rows
        if not has_window and coming.cursor is None and wanted.after is None and len(rows) < MOST:
            was = {**narrowed, "from": since, "to": written(now)}
            asked = _Asked(was, "STARTS_AT_DESC", MOST - len(rows))
            known = {each["id"] for each in rows}
            past = await self._read(request, wanted, asked)
            rows = rows + [each for each in past.rows if each["id"] not in known]
        rows = sorted(rows, key=lambda row: (moment(row["nextAt"] or row["startsAt"]), row["id"]))
        return await self._feed(request, coming, rows, coming.cursor)

    def _filter(self, request: Request, wanted: Wanted) -> Filter:
        of = {f"{self.kind}s": [id_in(request)]} if self.kind else {}
        return {**wanted.filter, **of, "includeCancelled": True}

    async def _feed(
        self, request: Request, page: _Page, rows: list[Row], cursor: str | None
    ) -> Feed | None:
        if page.holder is None:
            return None
        now = self.reading.clock.now()
        hub = await self.reading.address(request)
        path = hub + quote(request.url.path, safe="/@:")
        given = [each for each in request.query_params.multi_items() if each[0] != "after"]
        holder = page.holder if self.kind else Holder(self.site, f"{hub}/")
        return Feed(
            holder,
            hub,
            _with(path, request.query_params.multi_items()),
            [each for each in rows if _is_kept(each, now)],
            kept_since(now),
            _with(path, [*given, ("after", cursor)]) if cursor else None,
        )

    async def _read(self, request: Request, wanted: Wanted, asked: _Asked) -> _Page:
        """Up to so many, or so many bytes."""
        rows: list[Row] = []
        cursor = asked.after
        holder, size = None, 0
        async for page in self._pages(request, wanted, asked):
            holder, cursor = page.holder, page.cursor
            rows += page.rows
            size += sum(_size(each) for each in page.rows)
            if size > MOST_BYTES:
                break
        return _Page(holder, rows, cursor)

    async def _pages(self, request: Request, wanted: Wanted, asked: _Asked) -> AsyncIterator[_Page]:
        now = self.reading.clock.now()
        given: dict[str, Any] = {
            "filter": asked.filter,
            "order": asked.order,
            "language": wanted.language,
            "now": written(now),
            "horizon": written(horizon(now)),
            **({"id": id_in(request)} if self.kind else {}),
        }
        first, most, after = _PAGE, asked.most, asked.after
        while most > 0:
            # Each in a turn of its own: others who wait are let in between.
            try:
                async with self.reading.opened(request) as ask:
                    document = _OF_HOLDER[self.kind] if self.kind else _OF_HUB
                    told = await ask(document, **given, first=min(first, most), after=after)
            except TooMuch:
                if first == 1:
                    raise
                first //= 2
                continue
            page = _page(told, self.kind)
            yield page
            most -= len(page.rows)
            after = page.cursor
            if after is None:
                return

    async def _dates(
        self, request: Request, ids: list[str], language: str | None
    ) -> dict[str, list[OneDate]]:
        now = self.reading.clock.now()
        window = {"from": written(kept_since(now)), "to": written(horizon(now))}
        async with self.reading.opened(request) as ask:
            told = await ask(_DATES_OF, ids=ids, language=language, **window)
        return {each["id"]: each["occurrences"]["nodes"] for each in told["nodes"] if each}


def _page(told: dict[str, Any], kind: str | None) -> _Page:
    holder = Holder("", "")
    if kind is not None:
        if told[kind] is None:
            return _Page(None, [], None)
        holder = Holder(**told[kind])
    end = told["events"]["pageInfo"]
    cursor = end["endCursor"] if end["hasNextPage"] else None
    return _Page(holder, [_row(each) for each in told["events"]["nodes"]], cursor)


def _row(found: dict[str, Any]) -> Row:
    row = {name: value for name, value in found.items() if name != "nextOnes"}
    row["hosts"] = found["hosts"]["nodes"]
    row["nextAt"] = next((each["startsAt"] for each in found["nextOnes"]["nodes"]), None)
    return cast("Row", row)


def _is_kept(row: Row, now: datetime) -> bool:
    """What was called off stays so long that everybody's calendar has heard of it."""
    return row["status"] != "CANCELLED" or moment(row["updatedAt"]) >= now - LOOKING_BACK


def _size(row: Row) -> int:
    return sum(len((row[name] or "").encode()) for name in ("title", "summary", "description"))


def _with(path: str, given: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(given, safe=',@:')}" if given else path


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    deadline = asyncio.timeout(MOST_SECONDS)
    try:
        async with deadline:
            yield
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Busy("This took too long. Try again, or ask for less.") from None
