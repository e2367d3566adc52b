"""A peer's answer, read strictly: a page of records, or `BadPage`.

A record that cannot be believed is left out with its reason, and the rest of the page counts; a page
that contradicts itself counts for nothing. What comes out has the shapes of `storage.mirrors_told`.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import orjson

from domain.channels import RemovalReason
from domain.ids import Kind, kind_of
from federation.mirroring import things
from federation.mirroring.values import Object, Unbelievable, own, text
from storage.mirrors_told import (
    Refusal,
    Told,
    ToldAlliance,
    ToldEvent,
    ToldGroup,
    ToldOrganization,
    ToldPage,
)

Kept = TypeVar("Kept")
MOST_CURSOR = 2_000
MOST_NAME = 120  # of what is refused, in the list of refusals
_PREFIXES = {
    "Organization": Kind.ORGANIZATION,
    "Group": Kind.GROUP,
    "Alliance": Kind.ALLIANCE,
    "Event": Kind.EVENT,
}
_READERS: Mapping[str, Callable[[Object, str], Told]] = {
    "Organization": things.organization,
    "Group": things.group,
    "Alliance": things.alliance,
    "Event": things.event,
}


class BadPage(Exception):  # noqa: N818 - what a peer answered, not a fault of ours
    """Nothing of the answer counts, and our place stays where it is."""


class AskedInVain(Exception):  # noqa: N818 - an answer as well
    """The peer refused, with a code: RESYNC, CHANNEL_CLOSED, or another of its own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def read_page(body: bytes, authority: str, after: str | None, first: int) -> ToldPage:
    """Of the peer whose ids end with this authority, asked for `first` changes after that cursor.
    Raises `BadPage`, and `AskedInVain` where the peer refused."""
    page = _opened(body, authority, after, first)
    for edge in page.edges:
        page.take(edge)
    return page.told()


async def read_page_by_turns(
    body: bytes, authority: str, after: str | None, first: int
) -> ToldPage:
    """The same, and after each change it is somebody else's turn: a page that holds as much as fits
    takes a third of a second, and whoever asks this process something would wait for all of it."""
    page = _opened(body, authority, after, first)
    for edge in page.edges:
        page.take(edge)
        await asyncio.sleep(0)
    return page.told()


def _opened(body: bytes, authority: str, after: str | None, first: int) -> "_Page":
    changes = _changes(body)
    page, edges = changes.get("pageInfo"), changes.get("edges")
    if not isinstance(page, dict) or not isinstance(edges, list):
        raise BadPage("a page without its edges or its pageInfo")
    if len(edges) > first:
        raise BadPage(f"{len(edges):,} changes, where {first:,} were asked for")
    cursor, has_more = page.get("endCursor"), page.get("hasNextPage")
    if not isinstance(cursor, str) or not 0 < len(cursor) <= MOST_CURSOR:
        raise BadPage("no cursor to go on from")
    if not isinstance(has_more, bool):
        raise BadPage("it is not said whether there is more")
    if edges and cursor == after:
        raise BadPage("the cursor does not advance")
    if has_more and not edges:
        raise BadPage("more is promised, and nothing is there")
    return _Page(authority, edges, cursor, is_all=not has_more)


def _changes(body: bytes) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(body)  # strict: UTF-8, no NaN, bounded depth
    except orjson.JSONDecodeError:
        raise BadPage("no JSON") from None
    if not isinstance(answer, dict):
        raise BadPage("no GraphQL answer")
    errors = answer.get("errors")
    if errors:
        raise _refused(errors)
    data = answer.get("data")
    changes = data.get("changes") if isinstance(data, dict) else None
    if not isinstance(changes, dict):
        raise BadPage("an answer without changes")
    return changes


def _refused(errors: Any) -> Exception:
    first = errors[0] if isinstance(errors, list) else None
    extensions = first.get("extensions") if isinstance(first, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(code, str):
        return BadPage("errors without a code")
    return AskedInVain(_said(code, 60), _said(message, 300))


def _said(value: Any, most: int) -> str:
    """A stranger's words, for a list that admins read: short, and on one line."""
    said = value if isinstance(value, str) else ""
    return "".join(sign if sign.isprintable() else "?" for sign in said[:most])


class _Page:
    """One page as it is read: what was met on it, so that nothing stands on it twice."""

    def __init__(self, authority: str, edges: list[Any], cursor: str, *, is_all: bool) -> None:
        self.edges = edges
        self._authority = authority
        self._cursor = cursor
        self._is_all = is_all
        self._ids: set[str] = set()
        self._parts: set[str] = set()
        self._told: dict[str, list[Told]] = {name: [] for name in _READERS}
        self._removed: list[str] = []
        self._refusals: list[Refusal] = []

    def take(self, edge: Any) -> None:
        node = edge.get("node") if isinstance(edge, dict) else None
        if not isinstance(node, dict):
            raise BadPage("an edge without its change")
        self._change(node)

    def told(self) -> ToldPage:
        return ToldPage(
            cursor=self._cursor,
            is_all=self._is_all,
            organizations=self._of("Organization", ToldOrganization),
            groups=self._of("Group", ToldGroup),
            alliances=self._of("Alliance", ToldAlliance),
            events=self._of("Event", ToldEvent),
            removed=tuple(self._removed),
            refusals=tuple(self._refusals),
        )

    def _of(self, name: str, kept: type[Kept]) -> tuple[Kept, ...]:
        return tuple(each for each in self._told[name] if isinstance(each, kept))

    def _change(self, node: Object) -> None:
        kind, entity = node.get("__typename"), node.get("entity")
        if kind == "Removed":
            said: Object = node
        elif kind == "Upserted" and isinstance(entity, dict):
            said = entity
        else:
            raise BadPage("a change that is neither Upserted nor Removed")
        try:
            self._believed(said, removed=kind == "Removed")
        except Unbelievable as unbelievable:
            named = _said(said.get("id"), MOST_NAME) or "(no id)"
            self._refusals.append(Refusal(named, _said(str(unbelievable), 300)))

    def _believed(self, said: Object, *, removed: bool) -> None:
        identifier = text(said, "id")
        if identifier in self._ids:
            raise BadPage(f"{_said(identifier, MOST_NAME)} stands on it twice")
        if removed:
            self._remove(said, identifier)
            return
        name = said.get("__typename")
        if not isinstance(name, str) or name not in _READERS:
            raise Unbelievable("a kind of thing that is not known here")
        own(said, "id", _PREFIXES[name], self._authority)
        told = _READERS[name](said, self._authority)
        self._require_new_parts(told)
        self._ids.add(identifier)
        self._told[name].append(told)

    def _remove(self, said: Object, identifier: str) -> None:
        kind = kind_of(identifier)
        if kind is None or kind not in _PREFIXES.values():
            raise Unbelievable("id: nothing that is published")
        own(said, "id", kind, self._authority)
        if said.get("reason") not in RemovalReason.__members__:
            raise Unbelievable("reason: a word that is not known here")
        self._ids.add(identifier)
        self._removed.append(identifier)

    def _require_new_parts(self, told: Told) -> None:
        parts = things.part_ids(told)
        if len(set(parts)) < len(parts) or not self._parts.isdisjoint(parts):
            raise Unbelievable("one of its parts stands on the page twice")
        self._parts.update(parts)
