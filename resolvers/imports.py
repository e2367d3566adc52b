"""Importing a calendar into an organization: a preview of it, and the run.

Whoever calls reads the file, or fetches it, and hands its entries over: nothing is fetched here.
The rules are in `domain/importing.py` and docs/importing.md; look next at `resolvers/importing`.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from domain import alliances, importing, policy
from domain.calendars import Calendar, CalendarItem, ItemProblem
from domain.errors import Problem
from domain.ids import Kind
from domain.importing import Key, Outcome, Planned, Wishes
from domain.sharing import Visibility
from domain.words import say
from resolvers.context import Context
from resolvers.events import require_group
from resolvers.importing import applying, facts, planning
from resolvers.importing.planning import Plan
from storage import alliances as stored_alliances
from storage import imports, reach, statistics
from storage.engine import Reading
from storage.imports import Left
from storage.imports import Source as Source

BATCH = 250  # entries in one transaction: none lasts long, and few are made

Progress = Callable[[int], None]  # how many entries were taken in by now


class TooSoon(Problem):
    """The source was fetched often enough for now."""

    code: ClassVar[str] = "RATE_LIMITED"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is asked to do. Where no visibility is given, it is that of the source's last
    run, so that nothing comes to be seen more widely by mistake; at first it is PUBLIC."""

    organization_id: str
    location: str  # an address, or the name of a file
    time_zone: str  # of times that say none, where the file does not either
    visibility: Visibility | None = None
    group_id: str | None = None
    share_with: tuple[str, ...] = ()
    position: tuple[float, float] | None = None  # of entries that say none: latitude, longitude

    def placed(self, calendar: Calendar) -> Calendar:
        items = tuple(importing.placed(item, self.position) for item in calendar.items)
        return replace(calendar, items=items)

    def wishes(self, source: Source | None) -> Wishes:
        before = source.visibility if source else None
        visibility = self.visibility or before or Visibility.PUBLIC
        return Wishes(visibility, self.group_id, self.share_with)


@dataclass(frozen=True, slots=True)
class File:
    """What tells the file from what it may be next time."""

    digest: str  # of its bytes
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each entry, or would."""

    entries: tuple[Planned, ...]
    problems: tuple[ItemProblem, ...] = ()  # of entries that were kept all the same, or of the file
    as_before: int = 0  # entries of a file that is the same as at the last run

    @property
    def counts(self) -> dict[Outcome, int]:
        found = Counter(entry.outcome for entry in self.entries)
        found[Outcome.UNCHANGED] += self.as_before
        return {outcome: found[outcome] for outcome in Outcome}


async def source_of(ctx: Context, wanted: Wanted) -> Source | None:
    """The source as the last run left it; None before the first."""
    async with ctx.database.reading(fresh=True) as db:
        await _require(ctx, db, wanted, wanted.wishes(None))
        return await imports.source(db, wanted.organization_id, wanted.location)


async def take_turn(ctx: Context, wanted: Wanted, *, counted: bool) -> None:
    """Before an address is fetched: `TooSoon` where that was done often enough in the last hour.
    A preview is not `counted`: it writes nothing."""
    now = ctx.clock.now()
    async with ctx.writing() as db:
        source = await imports.source(db, wanted.organization_id, wanted.location)
        if source is None and not counted:
            return
        if counted:
            new_id = ctx.names.new(Kind.IMPORT_SOURCE)
            await _require(ctx, db, wanted, wanted.wishes(source))
            source = await imports.ensure_source(
                db, new_id, wanted.organization_id, wanted.location
            )
        recent = source.recent_runs if source else ()
        turn = importing.next_turn(recent, now)
        if turn is not None:
            raise TooSoon(
                say(
                    "%(location)s was imported %(runs)s times in the last hour. The "
                    "next time may be at %(turn)s UTC.",
                    location=wanted.location,
                    runs=importing.RUNS_AN_HOUR,
                    turn=f"{turn:%H:%M}",
                ),
                ("source",),
            )
        if counted and source is not None:
            runs = [run for run in recent if run > now - timedelta(hours=1)]
            await imports.keep_source(db, source.id, recent_runs=[*runs, now])


def is_as_before(source: Source | None, wanted: Wanted, fetched_digest: str | None) -> bool:
    """Whether that file was taken in whole by the last run, and the same was wished for it. With
    no digest: whether one that the source calls unmodified would be the same."""
    if source is None or source.checksum is None:
        return False
    before, _, digest = source.checksum.partition(":")
    return before == _wished(wanted, wanted.wishes(source)) and fetched_digest in {None, digest}


async def unchanged(ctx: Context, source: Source) -> Report:
    """Of a file that is as it was."""
    async with ctx.database.reading(fresh=True) as db:
        return Report((), as_before=await imports.count_items(db, source.id))


async def preview(ctx: Context, wanted: Wanted, calendar: Calendar) -> Report:
    """What a run would do now. Nothing is written."""
    calendar = wanted.placed(calendar)
    async with ctx.database.reading(fresh=True) as db:
        source = await imports.source(db, wanted.organization_id, wanted.location)
        wishes = wanted.wishes(source)
        await _require(ctx, db, wanted, wishes)
        source_id = source.id if source else None
        told: list[Planned] = []
        for batch in batches(calendar.items):
            known = await facts.gathered(
                db, wanted.organization_id, source_id, batch, wishes, lock=False
            )
            plan = planning.made_of(ctx, wanted.organization_id, batch, wishes, known)
            # What is not made has no id yet.
            told += [
                replace(one, event_id=None) if one.event_id in plan.new else one
                for one in plan.told
            ]
        if source_id is not None:
            gone = await _gone(ctx, db, source_id, calendar)
            told += [one.told for one in gone if one.told is not None]
    return _report(told, calendar)


async def run(
    ctx: Context,
    wanted: Wanted,
    calendar: Calendar,
    file: File,
    progress: Progress = lambda done: None,
) -> Report:
    """Takes the entries in, some hundreds in each transaction. What breaks off in the middle
    leaves whole entries behind, and run again takes in the rest."""
    calendar = wanted.placed(calendar)
    source, wishes = await _begun(ctx, wanted)
    told: list[Planned] = []
    # A file of which something was left out is read again, so that it is told again.
    complete = not any(problem.dropped for problem in calendar.problems)
    done = 0
    for batch in batches(calendar.items):
        plan = await _batch(ctx, wanted, wishes, source.id, batch)
        told += plan.told
        complete = complete and plan.is_complete
        done += len(batch)
        progress(done)
    async with ctx.writing() as db:
        if done >= statistics.MANY_ROWS:
            await statistics.look_again(db)
        gone = await _gone(ctx, db, source.id, calendar)
        news = [one.key for one in gone if one.is_news]
        await imports.mark_missing(db, source.id, news, ctx.clock.now())
        await imports.keep_source(
            db,
            source.id,
            etag=file.etag if complete else None,
            last_modified=file.last_modified if complete else None,
            checksum=f"{_wished(wanted, wishes)}:{file.digest}" if complete else None,
            last_run_at=ctx.clock.now(),
        )
    told += [one.told for one in gone if one.told is not None]
    return _report(told, calendar)


def batches(items: Sequence[CalendarItem]) -> Iterator[list[CalendarItem]]:
    """Some hundreds of entries each, those with one UID together."""
    batch: list[CalendarItem] = []
    for group in planning.by_uid(items):
        batch += group
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


async def _begun(ctx: Context, wanted: Wanted) -> tuple[Source, Wishes]:
    """The source, which from now on knows how its events are published."""
    async with ctx.writing() as db:
        before = await imports.source(db, wanted.organization_id, wanted.location)
        wishes = wanted.wishes(before)
        await _require(ctx, db, wanted, wishes)
        new_id = ctx.names.new(Kind.IMPORT_SOURCE)
        source = await imports.ensure_source(db, new_id, wanted.organization_id, wanted.location)
        # A run that breaks off must not leave the file known as taken in.
        await imports.keep_source(
            db,
            source.id,
            visibility=wishes.visibility,
            checksum=None,
            etag=None,
            last_modified=None,
        )
    return source, wishes


async def _batch(
    ctx: Context, wanted: Wanted, wishes: Wishes, source_id: str, batch: Sequence[CalendarItem]
) -> Plan:
    async with ctx.writing() as db:
        await imports.hold(db, wanted.organization_id)
        await _require(ctx, db, wanted, wishes)
        known = await facts.gathered(
            db, wanted.organization_id, source_id, batch, wishes, lock=True
        )
        plan = planning.made_of(ctx, wanted.organization_id, batch, wishes, known)
        await applying.apply(ctx, db, plan, wanted.organization_id, source_id)
    return plan


async def _require(ctx: Context, db: Reading, wanted: Wanted, wishes: Wishes) -> None:
    """The viewer may publish there, in that group, with these alliances; or a `Problem`."""
    owner = policy.require_event_work(
        ctx.viewer, await reach.organization(db, wanted.organization_id), ("organization",)
    )
    await require_group(ctx, db, wishes.group_id, wanted.organization_id)
    policy.require_sharing(owner, wishes.share_with, ("shareWith",))
    shared_with = await stored_alliances.by_ids(db, wishes.share_with)
    alliances.check_audience(wishes.visibility, shared_with)


@dataclass(frozen=True, slots=True)
class _Gone:
    """An entry that the source has no longer. Another source may have it: then nobody is told."""

    key: Key
    is_news: bool
    told: Planned | None


async def _gone(ctx: Context, db: Reading, source_id: str, calendar: Calendar) -> list[_Gone]:
    """Those that are still to come: calendars drop what is over, and that is no news."""
    now = ctx.clock.now()
    present = {importing.key_of(item) for item in calendar.items}
    unread = {problem.item[:_SHOWN] for problem in calendar.problems if problem.dropped}
    found: list[_Gone] = []
    for left in await imports.left_out(db, source_id, now):
        item = left.item
        starts_at = str(item.said.get("starts_at", "9999"))
        is_over = left.is_over or (item.recurrence_id != "" and starts_at <= now.isoformat())
        if item.key in present or item.uid[:_SHOWN] in unread or is_over:
            continue
        told = None if left.is_elsewhere else _vanished(left)
        found.append(_Gone(item.key, item.missing_since is None, told))
    return found


def _vanished(left: Left) -> Planned:
    since = left.item.missing_since
    return Planned(
        uid=left.item.uid,
        recurrence_id=left.item.recurrence_id,
        title=left.title,
        outcome=Outcome.VANISHED,
        event_id=left.item.event_id,
        reason="NOT_IN_SOURCE",
        message=f"Not in the source since {since:%Y-%m-%d}." if since else _LEFT_ALONE,
    )


_LEFT_ALONE = "Not in the source any more. Its event stays; cancel it here if it is off."
_SHOWN = 199  # characters of a UID that a problem's name surely has


def _report(told: Sequence[Planned], calendar: Calendar) -> Report:
    """Entries that could not be read stand with the others; what was only noted stands apart."""
    unread = [
        Planned(
            uid=problem.item,
            outcome=Outcome.DROPPED,
            reason=problem.reason,
            message=problem.message,
        )
        for problem in calendar.problems
        if problem.dropped
    ]
    return Report((*told, *unread), tuple(p for p in calendar.problems if not p.dropped))


def _wished(wanted: Wanted, wishes: Wishes) -> str:
    """In the file's checksum: the same file with other wishes is to be read again."""
    shared = sorted(wishes.share_with)
    told = [importing.READING, wanted.time_zone, wishes.visibility, shared, wanted.position]
    return importing.digest(told)[:16]
