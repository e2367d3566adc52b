"""What a plan is made from: what is known of a source's entries and of their events."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import importing
from domain.alliances import Alliance
from domain.calendars import CalendarItem
from domain.errors import Invalid
from domain.events import Event
from domain.importing import Key, Said, Wishes
from domain.reach import EventReach
from storage import alliances, events, imports, reach
from storage.engine import Reading
from storage.imports import Item


@dataclass(frozen=True, slots=True)
class Facts:
    items: Mapping[Key, Item]  # what the source said before
    named: Mapping[str, str]  # events by the names that entries would give them
    events: Mapping[str, Event]  # those that may change, held until the transaction ends
    reach: Mapping[str, EventReach]
    alliances: Mapping[str, Alliance]
    said: Mapping[tuple[str, str], Sequence[Said]]  # by event and date, of every source
    alike: Mapping[tuple[datetime, str], Sequence[str]]  # others of that start and title

    def shared_with(self, event_id: str) -> frozenset[str]:
        known = self.reach.get(event_id)
        return known.shared_with if known else frozenset()


async def gathered(
    db: Reading,
    organization_id: str,
    source_id: str | None,
    items: Sequence[CalendarItem],
    wishes: Wishes,
    *,
    lock: bool,
) -> Facts:
    """A few statements, however many entries there are. `lock` for those who will write."""
    known = await imports.items(db, source_id, {i.uid for i in items}) if source_id else {}
    named = await imports.named(db, organization_id, _names(items, known))
    touched = _touched(items, known, named, wishes)
    found = await reach.events_by_ids(db, touched, lock=lock) if touched else {}
    shared = {one for event in found.values() for one in event.shared_with}
    new_starts = {item.starts_at for item in items if importing.key_of(item) not in known}
    return Facts(
        items=known,
        named=named,
        events=await events.by_ids(db, touched) if touched else {},
        reach=found,
        alliances={
            one.id: one for one in await alliances.by_ids(db, shared | set(wishes.share_with))
        },
        said=await imports.said_of_events(db, touched) if touched else {},
        alike=_alike(await imports.starting(db, organization_id, source_id, new_starts)),
    )


def _names(items: Sequence[CalendarItem], known: Mapping[Key, Item]) -> set[str]:
    """Those of entries, and of their series, that the source did not have before; and of single
    dates, which may come to be events of their own."""
    names: set[str] = set()
    for item in items:
        own, series = importing.key_of(item), (item.uid, "")
        for key in {own, series}:
            if key in known and (key == series or item.recurrence_id is None):
                continue
            try:
                names.add(importing.name_of(key).value)
            except Invalid:  # the plan says so, of the entry
                continue
    return names


def _touched(
    items: Sequence[CalendarItem],
    known: Mapping[Key, Item],
    named: Mapping[str, str],
    wishes: Wishes,
) -> Collection[str]:
    """The events of entries that changed: the others need not be read."""
    changed = {
        item.uid
        for item in items
        if (before := known.get(importing.key_of(item))) is None
        or before.checksum != importing.checksum(item, wishes)
    }
    of_items = {item.event_id for item in known.values() if item.uid in changed}
    return of_items | set(named.values())


def _alike(found: Sequence[tuple[datetime, str, str]]) -> dict[tuple[datetime, str], list[str]]:
    alike: dict[tuple[datetime, str], list[str]] = {}
    for starts_at, title, event_id in found:
        alike.setdefault((starts_at, title.casefold()), []).append(event_id)
    return alike
