"""What would become of each entry of a calendar: the plan, which a preview shows and a run applies.

Look next at `facts.py`, what it is made from, and `applying.py`, what is done with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from domain import alliances, events, importing, policy, recurrence
from domain.alliances import SHAREABLE
from domain.calendars import CalendarItem
from domain.changes import contract_names
from domain.errors import Invalid, Problem, Taken
from domain.events import Event
from domain.identifiers import Identifier
from domain.importing import Key, Outcome, Planned, Wishes
from domain.occurrences import OneDate
from domain.words import say
from resolvers import events as use_cases
from resolvers.context import Context
from resolvers.events import NewEvent
from resolvers.importing.facts import Facts
from storage.imports import Item

_JOINED = "It was here already by its UID, from elsewhere; it follows this calendar too now."
_FAR_AHEAD = "Its date lies further ahead than dates are kept; a later run takes it in."
_BACK = "It is in the calendar again."


@dataclass(slots=True)
class Plan:
    """What is to be written, and what is told of each entry."""

    told: list[Planned] = field(default_factory=list)
    new: dict[str, Event] = field(default_factory=dict)
    named: list[tuple[str, Identifier]] = field(default_factory=list)
    # As each stood, and as it shall stand; with the names of the fields that change.
    changed: dict[str, tuple[Event, Event, set[str]]] = field(default_factory=dict)
    dates: list[OneDate] = field(default_factory=list)
    shares: set[tuple[str, str]] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)  # events that are for no alliance any more
    items: list[Item] = field(default_factory=list)

    def standing(self, event_id: str, facts: Facts) -> Event | None:
        """The event as it will be."""
        if event_id in self.changed:
            return self.changed[event_id][1]
        return self.new.get(event_id) or facts.events.get(event_id)

    @property
    def is_complete(self) -> bool:
        """Whether another run of the same file would find nothing to do."""
        return all(item.checksum for item in self.items) and not any(
            one.outcome is Outcome.DROPPED for one in self.told
        )


def made_of(
    ctx: Context, organization_id: str, items: Sequence[CalendarItem], wishes: Wishes, facts: Facts
) -> Plan:
    """Entries with one UID must be given together."""
    planner = _Planner(ctx, organization_id, wishes, facts)
    for group in by_uid(items):
        planner.take(group)
    return planner.plan


def by_uid(items: Sequence[CalendarItem]) -> Iterator[list[CalendarItem]]:
    """Each series before its single dates."""
    groups: dict[str, list[CalendarItem]] = {}
    for item in items:
        groups.setdefault(item.uid, []).append(item)
    for group in groups.values():
        yield sorted(group, key=importing.key_of)


def new_event(item: CalendarItem, organization_id: str, wishes: Wishes) -> NewEvent:
    return NewEvent(
        organization_id=organization_id,
        group_id=wishes.group_id,
        title=item.title,
        description=item.description,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        time_zone=item.time_zone,
        all_day=item.all_day,
        recurrence=item.recurrence,
        status=item.status,
        attendance_mode=importing.attendance_of(item),
        place=item.place,
        online_url=item.online_url,
        causes=item.categories,
        languages=(item.language,) if item.language else (),
        join_mode=importing.join_mode_of(item),
        registration_url=item.url,
        visibility=importing.visibility_of(item, wishes),
    )


class _Planner:
    def __init__(self, ctx: Context, organization_id: str, wishes: Wishes, facts: Facts) -> None:
        self.plan = Plan()
        self._ctx = ctx
        self._now = ctx.clock.now()
        self._organization_id = organization_id
        self._wishes = wishes
        self._facts = facts

    def take(self, group: Sequence[CalendarItem]) -> None:
        """One UID: a series and its single dates, or events that merely share it."""
        uid = group[0].uid
        series = next((item for item in group if item.recurrence_id is None), None)
        series_id = self._bound((uid, ""))
        series_told: Event | None = None
        for item in group:
            try:
                if item is series:
                    series_told = self._made(item)
                    series_id = self._event(item, series_id, series_told)
                elif series_id is not None and self._is_date_of(item, series_id, series_told):
                    self._date(item, series_id, series_told)
                else:
                    self._event(item, self._bound_alone(item, series_id), self._made(item))
            except Problem as problem:
                self._drop(item, problem)

    # ── events of their own ────────────────────────────────────────────────────────────────────

    def _event(self, item: CalendarItem, event_id: str | None, told: Event) -> str:
        """The entry's event, made, changed or left; its id."""
        if event_id is None:
            return self._create(item, told)
        if self._is_as_before(item):
            self._unchanged(item, event_id)
        else:
            self._update(item, event_id, told)
        return event_id

    def _create(self, item: CalendarItem, told: Event) -> str:
        name = importing.name_of(importing.key_of(item))
        if name.value in self._facts.named:
            raise Taken(
                say(
                    "%(system)s:%(name)s names something else of this organization, which is "
                    "no event. Take the identifier from it, and import again.",
                    system=name.system,
                    name=name.value,
                ),
                ("identifiers",),
            )
        shares = self._shares(told)
        self.plan.new[told.id] = told
        self.plan.named.append((told.id, name))
        self.plan.shares |= {(told.id, alliance_id) for alliance_id in shares}
        self._keep(item, told.id, importing.said_of(told) | {"share_with": sorted(shares)})
        self._tell(
            item,
            Outcome.CREATE,
            told.id,
            possible_duplicate_of=tuple(
                self._facts.alike.get((told.starts_at, told.title.casefold()), ())
            ),
        )
        return told.id

    def _update(self, item: CalendarItem, event_id: str, told: Event) -> None:
        before = self._facts.events[event_id]
        sources = self._facts.said.get((event_id, importing.written(item.recurrence_id)), [])
        known = self._facts.items.get(importing.key_of(item))
        merged = importing.merged(sources, before, told, known.said if known else None)
        after = replace(before, **merged.changes)
        shared_before = self._facts.shared_with(event_id)
        withdraws = bool(shared_before) and after.visibility not in SHAREABLE
        asked = {one for said in sources for one in said.get("share_with", ())}
        if withdraws:
            asked = set()
        shares = self._shares(after) - asked - shared_before
        changed = set(merged.changes) | ({"share_with"} if shares or withdraws else set())
        if changed:
            self._require_audience(after, frozenset() if withdraws else shared_before | shares)
            self._change(before, after, changed)
        self.plan.shares |= {(event_id, alliance_id) for alliance_id in shares}
        self.plan.withdrawn |= {event_id} if withdraws else set()
        said = importing.said_of(told)
        self._keep(item, event_id, said | {"share_with": sorted(asked | shares)})
        joined = importing.key_of(item) not in self._facts.items
        kept = tuple(contract_names(merged.kept))
        outcome = Outcome.UPDATE if changed else Outcome.KEEP if kept else Outcome.UNCHANGED
        self._tell(
            item,
            outcome,
            event_id,
            changed=tuple(contract_names(changed)),
            kept=kept,
            message=_JOINED if joined else None,
        )

    def _change(self, before: Event, after: Event, changed: set[str]) -> None:
        policy.require_event_edit(
            self._ctx.viewer, self._facts.reach.get(before.id), contract_names(changed)
        )
        after = replace(after, version=before.version + 1, updated_at=self._now)
        self.plan.changed[before.id] = (before, events.checked(after), changed)

    def _shares(self, event: Event) -> set[str]:
        """Those of the wished alliances that the event may be shared with."""
        return set(self._wishes.share_with) if event.visibility in SHAREABLE else set()

    def _require_audience(self, event: Event, shared_with: frozenset[str]) -> None:
        known = self._facts.alliances
        alliances.check_audience(event.visibility, [known[one] for one in sorted(shared_with)])

    # ── single dates of a series ───────────────────────────────────────────────────────────────

    def _is_date_of(self, item: CalendarItem, series_id: str, series_told: Event | None) -> bool:
        """The calendar decides, not what people made of the series. What became an event of its
        own stays one, and what said nothing new stays what it is."""
        if self._bound(importing.key_of(item)) not in {None, series_id}:
            return False
        series = series_told or self._standing(series_id)
        return self._is_as_before(item) or (
            item.recurrence_id is not None and importing.is_date_of(series, item.recurrence_id)
        )

    def _standing(self, series_id: str) -> Event:
        series = self.plan.standing(series_id, self._facts)
        if series is None:
            raise Invalid("Its series is not here any more.", ("recurrence",))
        return series

    def _date(self, item: CalendarItem, series_id: str, series_told: Event | None) -> None:
        if item.recurrence_id is None or self._is_as_before(item):
            self._unchanged(item, series_id)
            return
        series = self._standing(series_id)
        date = importing.one_date(
            series_id, item.recurrence_id, self._made(item), series_told or series
        )
        if not importing.is_date_of(series, date.recurrence_id):
            self._keep(item, series_id, importing.said_of_date(date))
            self._tell(item, Outcome.KEEP, series_id, kept=("recurrence",))
            return
        if date.recurrence_id >= recurrence.horizon(self._now):
            self._keep(item, series_id, {}, checksum="")
            self._tell(item, Outcome.UNCHANGED, series_id, message=_FAR_AHEAD)
            return
        said = importing.said_of_date(date)
        if said in self._facts.said.get((series_id, importing.written(date.recurrence_id)), ()):
            self._keep(item, series_id, said)
            self._tell(item, Outcome.UNCHANGED, series_id)
            return
        if series_id in self._facts.events:
            before, after, changed = self.plan.changed.get(series_id, (series, series, set()))
            self._change(before, after, changed | {"occurrences"})
        self._keep(item, series_id, said)
        self.plan.dates.append(date)
        is_new = importing.key_of(item) not in self._facts.items
        outcome = Outcome.CREATE if is_new else Outcome.UPDATE
        self._tell(item, outcome, series_id, changed=tuple(contract_names(date.overrides)))

    # ── what all have in common ────────────────────────────────────────────────────────────────

    def _made(self, item: CalendarItem) -> Event:
        new = new_event(item, self._organization_id, self._wishes)
        return use_cases.made(self._ctx, new, self._now)

    def _bound(self, key: Key) -> str | None:
        """The event that the entry is, or is a date of, as far as it is known."""
        known = self._facts.items.get(key)
        return known.event_id if known is not None else self._named(key)

    def _bound_alone(self, item: CalendarItem, series_id: str | None) -> str | None:
        """The same for an event of its own. It may have been a date of its series before."""
        key = importing.key_of(item)
        bound = self._bound(key)
        return self._named(key) if series_id is not None and bound == series_id else bound

    def _named(self, key: Key) -> str | None:
        try:
            named = self._facts.named.get(importing.name_of(key).value)
        except Invalid:  # said where the entry would be named so
            return None
        return named if named in self._facts.events else None

    def _is_as_before(self, item: CalendarItem) -> bool:
        known = self._facts.items.get(importing.key_of(item))
        return known is not None and known.checksum == importing.checksum(item, self._wishes)

    def _unchanged(self, item: CalendarItem, event_id: str) -> None:
        known = self._facts.items[importing.key_of(item)]
        is_back = known.missing_since is not None
        if is_back:
            self.plan.items.append(replace(known, missing_since=None))
        self._tell(item, Outcome.UNCHANGED, event_id, message=_BACK if is_back else None)

    def _keep(
        self,
        item: CalendarItem,
        event_id: str,
        said: importing.Said,
        checksum: str | None = None,
    ) -> None:
        uid, date = importing.key_of(item)
        checksum = importing.checksum(item, self._wishes) if checksum is None else checksum
        self.plan.items.append(
            Item(uid=uid, recurrence_id=date, event_id=event_id, checksum=checksum, said=said)
        )

    def _tell(
        self,
        item: CalendarItem,
        outcome: Outcome,
        event_id: str,
        *,
        changed: tuple[str, ...] = (),
        kept: tuple[str, ...] = (),
        possible_duplicate_of: tuple[str, ...] = (),
        message: str | None = None,
    ) -> None:
        uid, date = importing.key_of(item)
        self.plan.told.append(
            Planned(
                uid=uid,
                recurrence_id=date,
                title=item.title,
                outcome=outcome,
                event_id=event_id,
                changed=changed,
                kept=kept,
                possible_duplicate_of=possible_duplicate_of,
                message=message,
            )
        )

    def _drop(self, item: CalendarItem, problem: Problem) -> None:
        uid, date = importing.key_of(item)
        self.plan.told.append(
            Planned(
                uid=uid,
                recurrence_id=date,
                title=item.title,
                outcome=Outcome.DROPPED,
                reason=problem.code,
                message=problem.message,
            )
        )
