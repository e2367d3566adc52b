"""What changed in a channel since a reader's place, as one statement, and that place as a cursor.

A change is a thing in its latest state, or that it left. What the reader does not see, though it
stands in the channel, is told as having left: the feed says where to look, and policy what is seen.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
)

from domain.channels import PUBLIC, RemovalReason
from domain.errors import BadInput
from domain.peering import MOST_A_PAGE
from resolvers.reading import json_text
from resolvers.reading.answers import (
    TROUBLE,
    Constant,
    Edges,
    Object,
    OneOf,
    OnPage,
    Part,
    Shown,
    told_of,
)
from resolvers.reading.given import Given
from resolvers.reading.json_text import Form, Template, or_null
from resolvers.reading.listing import Listing, Page
from resolvers.reading.rows import numbered
from storage import feeds
from storage.feeds import TROUBLES as TROUBLES
from storage.feeds import After, NoPlace
from storage.tables import events
from storage.visibility import Eyes, reads_channel, sees_event
from storage.words import exists_for_row, word

_ORDER = "CHANGES"
# The table of a feed's entry says which type the thing is of.
TYPES = {
    "organizations": "Organization",
    "groups": "Group",
    "events": "Event",
    "alliances": "Alliance",
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place as a reader shows it. The numbers are texts of digits: they outgrow an Int."""

    epoch: Given[str]
    seq: Given[str]
    began: Given[str]
    seal: Given[str]


@dataclass(frozen=True, slots=True)
class ChangesWanted:
    channel: Given[str]
    after: Cursor | None
    first: Given[int]
    is_public: bool  # nobody is asked whether they may read it


def wanted(channel: str | None, after: str | None, first: int) -> ChangesWanted:
    """Raises BadInput, naming the argument."""
    if not 0 <= first <= MOST_A_PAGE:
        raise BadInput(
            f"first: ask for 0 to {MOST_A_PAGE:,} at a time, and go on with after.", ("first",)
        )
    name = channel or PUBLIC
    return ChangesWanted(name, _read(after, name) if after else None, first, name == PUBLIC)


def _read(cursor: str, channel: str) -> Cursor:
    try:
        told = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        order, of_channel, epoch, seq, began, seal = told
    except (binascii.Error, ValueError, TypeError):
        raise NoPlace from None
    numbers = all(type(each) is int and 0 <= each < 2**62 for each in (seq, began))
    texts = all(isinstance(each, str) and "\x00" not in each for each in (epoch, seal))
    if order != _ORDER or of_channel != channel or not numbers or not texts:
        raise NoPlace
    return Cursor(epoch, str(seq), str(began), seal)


def place_in(cursor: str, channel: str | None) -> int:
    """The number that a cursor of ours stands at."""
    found = _read(cursor, channel or PUBLIC)
    return int(str(found.seq))


def page_of(eyes: Eyes, asked: ChangesWanted) -> Select[Any]:
    """The rows of `storage.feeds.page_of`."""
    rows = _entries_of(eyes, asked).subquery()
    removed = case(
        (_is_led_away(eyes, rows), word(RemovalReason.NO_LONGER_VISIBLE)), else_=rows.c.removed
    )
    others = [each for each in rows.c if each.name not in {"removed", "channel"}]
    return select(*others, removed.label("removed"), rows.c.channel).order_by(rows.c.seq)


def _entries_of(eyes: Eyes, asked: ChangesWanted) -> Select[Any]:
    """The same, whatever the reader sees of them."""
    after = None
    if asked.after is not None:
        after = After(
            cast(asked.after.epoch, Text),
            cast(asked.after.seq, BigInteger),
            cast(asked.after.began, BigInteger),
            cast(asked.after.seal, Text),
        )
    channel = cast(asked.channel, Text)
    is_open = true() if asked.is_public else reads_channel(eyes, channel)
    rows = feeds.page_of(channel, after, cast(asked.first, Integer), is_open).subquery()
    return select(*rows.c, channel.label("channel")).order_by(rows.c.seq)


def _is_led_away(eyes: Eyes, rows: FromClause) -> ColumnElement[bool]:
    """An event that was merged into one that the reader does not see: its id leads nowhere for them,
    and without that it would stand in their lists beside what it is."""
    merged, into = events.alias(), events.alias()
    seen = select(into.c.id).where(
        into.c.id == merged.c.replaced_by_id, sees_event(eyes, into, by_link=True)
    )
    led_away = select(merged.c.id).where(
        merged.c.id == rows.c.thing_id,
        merged.c.replaced_by_id.is_not(None),
        ~exists_for_row(seen),
    )
    return and_(
        rows.c.removed.is_(None), rows.c.kind == word(events.name), exists_for_row(led_away)
    )


def cursor_of(rows: FromClause, seq: ColumnElement[int]) -> ColumnElement[str]:
    """The place at that number."""
    return _cursor(rows.c.channel, rows.c.feed_seal, rows.c.epoch, rows.c.began, seq)


def _cursor(
    channel: ColumnElement[str],
    feed_seal: ColumnElement[str],
    epoch: ColumnElement[str],
    began: ColumnElement[int],
    seq: ColumnElement[int],
) -> ColumnElement[str]:
    seal = feeds.sealed(feed_seal, epoch, seq, began)
    texts = [json_text.as_json(each).cast(Text) for each in (channel, epoch)]
    numbers = [seq.cast(Text), began.cast(Text)]
    return json_text.cursor(_ORDER, [*texts, *numbers, json_text.as_json(seal).cast(Text)])


def with_cursors(eyes: Eyes, asked: ChangesWanted) -> Select[Any]:
    """The same rows for whoever goes through them one by one: each with its cursor, and those of
    where the page begins and of the feed's end."""
    rows = page_of(eyes, asked).subquery()
    return select(
        *rows.c,
        cursor_of(rows, rows.c.seq).label("cursor"),
        cursor_of(rows, rows.c.start).label("start_cursor"),
        cursor_of(rows, rows.c.head).label("head_cursor"),
    ).order_by(rows.c.seq)


# ── as JSON ──────────────────────────────────────────────────────────────────────────────────


class ShownChanges(Shown):
    """A page of changes: a row is always there, with an entry or without."""

    def __init__(self, asked: ChangesWanted, rows: Select[Any]) -> None:
        super().__init__(_NO_LISTING, Page(asked.first), ())
        self._rows = numbered(rows)

    @property
    def is_on_page(self) -> ColumnElement[bool]:
        return self.rows.c.seq.is_not(None) & (self.rows.c.position <= self.page.first)

    def cursor(self) -> ColumnElement[str]:
        return cursor_of(self.rows, self.rows.c.seq)

    @property
    def has_next(self) -> ColumnElement[bool]:
        return func.count(self.rows.c.seq) > self.page.first

    def cursor_at_end(self) -> ColumnElement[str]:
        """Of the last change on the page, or of the feed's end where there is no more."""
        rows = self.rows
        last = func.max(rows.c.seq).filter(self.is_on_page)
        reached = case(
            (self.has_next, func.coalesce(last, func.max(rows.c.start))),
            else_=func.max(rows.c.head),
        )
        words = (rows.c.channel, rows.c.feed_seal, rows.c.epoch)
        channel, feed_seal, epoch = (func.max(each, type_=Text) for each in words)
        return _cursor(channel, feed_seal, epoch, func.max(rows.c.began), reached)

    def cursor_at_start(self) -> ColumnElement[str]:
        first = case(
            (self.is_on_page & (self.rows.c.position == literal_column("1")), self.cursor())
        )
        return func.max(first, type_=Text)


_NO_LISTING = Listing(None, (), _ORDER, ())


@dataclass(frozen=True, slots=True)
class PlaceInChanges:
    """Where a page of changes stands. Its members by the contract's names, `__typename` as a
    constant."""

    members: tuple[tuple[str, str | Constant], ...]
    has_previous: bool

    def write_of_page(self, shown: Shown, out: Template) -> None:
        if not isinstance(shown, ShownChanges):
            raise TypeError("This tells of changes.")
        out.text("{")
        for index, (key, name) in enumerate(self.members):
            out.text(f'{"," if index else ""}"{key}":')
            self._write(name, shown, out)
        out.text("}")

    def _write(self, name: str | Constant, shown: ShownChanges, out: Template) -> None:
        match name:
            case Constant():
                name.write(None, out)
            case "hasNextPage":
                out.value(shown.has_next.cast(Text))
            case "hasPreviousPage":
                out.text("true" if self.has_previous else "false")
            case "startCursor":
                quote = literal_column("'\"'", Text)
                out.value(or_null(quote.concat(shown.cursor_at_start()).concat(quote)))
            case "endCursor":
                json_text.write(out, shown.cursor_at_end(), Form.WORD, nullable=False)


ChangesPart = Edges | PlaceInChanges | OnPage


@dataclass(frozen=True, slots=True)
class Changes:
    """The page of changes as JSON; trouble where the place is none, or the channel is closed."""

    eyes: Eyes
    asked: ChangesWanted
    members: tuple[tuple[str, ChangesPart], ...]

    def write(self, row: object, out: Template) -> None:
        shown = ShownChanges(self.asked, page_of(self.eyes, self.asked))
        told = _told(self.members, shown)
        answer = case((_is_well(shown), told), else_=json_text.text(TROUBLE))
        out.value(select(answer).select_from(shown.rows).scalar_subquery())


def _told(
    members: "tuple[tuple[str, ChangesPart], ...]", shown: ShownChanges
) -> ColumnElement[str]:
    told = Template()
    told.text("{")
    for index, (key, part) in enumerate(members):
        told.text(f'{"," if index else ""}"{key}":')
        part.write_of_page(shown, told)
    told.text("}")
    return told.expression()


def _is_well(shown: ShownChanges) -> ColumnElement[bool]:
    return func.max(shown.rows.c.trouble, type_=Text).is_(None)


NEWS = '"\\u0001"'  # as JSON; no cursor and no word of the contract holds it


@dataclass(frozen=True, slots=True)
class NoNews:
    """The same page where nothing has changed, and `NEWS` where something has.

    Of what a thing looks like it says nothing, so it takes PostgreSQL a hundredth of the time, and
    most hubs that ask have read everything."""

    changes: Changes

    def write(self, row: object, out: Template) -> None:
        none = replace(self.changes.asked, first=0)
        shown = ShownChanges(none, _entries_of(self.changes.eyes, none))
        members = tuple((key, _without_edges(part)) for key, part in self.changes.members)
        answer = case(
            (~_is_well(shown), json_text.text(TROUBLE)),
            (shown.has_next, json_text.text(NEWS)),
            else_=_told(members, shown),
        )
        out.value(select(answer).select_from(shown.rows).scalar_subquery())


def _without_edges(part: ChangesPart) -> ChangesPart:
    return OnPage(Constant("[]")) if isinstance(part, Edges) else part


def if_nothing_changed(part: Part) -> Part | None:
    """What answers in place of that part as long as there is no news; None where it tells of more
    than a page of changes behind a place."""
    if not isinstance(part, Object):
        return None
    members = [
        (key, NoNews(each) if isinstance(each, Changes) and each.asked.after else each)
        for key, each in part.members
    ]
    feeds_told = sum(isinstance(each, NoNews) for _, each in members)
    plain = sum(isinstance(each, Constant) for _, each in members)
    return Object(tuple(members)) if feeds_told and feeds_told + plain == len(members) else None


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `upserted` by the table of the thing, `removed` of the entry itself, which is told
    of what left, and of what is not to be seen."""

    upserted: Mapping[str, Part]
    removed: Object

    def write(self, row: FromClause, out: Template) -> None:
        here = case(
            (row.c.removed.is_(None), told_of(OneOf(lambda each: each.c.kind, self.upserted), row)),
        )
        out.value(
            func.coalesce(
                func.nullif(here, json_text.text("null")), told_of(self.removed, row), type_=Text
            )
        )


def reason_of(row: FromClause) -> ColumnElement[str]:
    return func.coalesce(row.c.removed, word(RemovalReason.NO_LONGER_VISIBLE), type_=Text)
