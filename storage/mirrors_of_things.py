"""Organizations, groups, alliances and events of a peer as rows, with all that stands in them."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, bindparam, text

from domain.events import TRANSLATED
from domain.places import Place
from storage import columns, mirrors_sql
from storage.columns import Columns
from storage.engine import Writing
from storage.mirrors_told import Told, ToldAlliance, ToldEvent, ToldGroup, ToldOrganization
from storage.tables import Id, alliances, events, groups, organizations

# What is no column of the thing's own row.
_BESIDE = frozenset(
    {
        "identifiers",
        "organization",
        "convener",
        "owner_languages",
        "group_organization",
        "place",
        "shared_with",
        "hosts",
        "dates",
        "members",
        "agreements",
        "member_count",
    }
)


async def write_organizations(
    db: Writing, hub_id: str, told: Sequence[ToldOrganization], now: datetime, *, anew: bool
) -> set[str]:
    rows = []
    for each in told:
        language = next(iter(each.languages), None)
        words = (each.name, each.summary, each.description)
        extra = (*each.causes, each.place.locality if each.place else None, each.slug)
        rows.append(_row(each, hub_id, language, each.place, words, extra))
    return await mirrors_sql.write_things(db, organizations, rows, now, anew=anew)


async def write_groups(
    db: Writing, hub_id: str, told: Sequence[ToldGroup], now: datetime, *, anew: bool
) -> set[str]:
    rows = []
    for each in told:
        language = next(iter((*each.languages, *each.owner_languages)), None)
        words = (each.name, each.purpose, each.description)
        extra = (*each.causes, each.place.locality if each.place else None)
        row = _row(each, hub_id, language, each.place, words, extra)
        rows.append(row | {"organization_id": each.organization.id})
    return await mirrors_sql.write_things(db, groups, rows, now, anew=anew)


async def write_alliances(
    db: Writing, hub_id: str, told: Sequence[ToldAlliance], now: datetime, *, anew: bool
) -> set[str]:
    rows = []
    for each in told:
        language = next(iter(each.owner_languages), None)
        words = (each.name, each.purpose, each.description)
        row = _row(each, hub_id, language, None, words, each.causes, placed=False)
        rows.append(row | {"convener_id": each.convener.id})
    return await mirrors_sql.write_things(db, alliances, rows, now, anew=anew)


async def write_events(
    db: Writing,
    hub_id: str,
    told: Sequence[ToldEvent],
    known: Collection[str],
    now: datetime,
    *,
    anew: bool,
) -> set[str]:
    """`known` are the events that there are: one it refers to and that is not here is left out."""
    seen_by = await _visibility(db, {each.organization.id for each in told})
    rows = []
    for each in told:
        language = next(iter((*each.languages, *each.owner_languages)), None)
        words = (each.title, each.summary, each.description)
        place = (each.place.name, each.place.locality) if each.place else ()
        row = _row(each, hub_id, language, each.place, words, (*each.causes, *place))
        row |= {"organization_id": each.organization.id, "over_at": each.over_at or "infinity"}
        row["owner_visibility"] = seen_by[each.organization.id]
        row |= {
            name: row[name] if row[name] in known else None
            for name in ("replaced_by_id", "follows_id")
        }
        rows.append(row)
    return await mirrors_sql.write_things(db, events, rows, now, anew=anew)


async def _visibility(db: Writing, ids: Collection[str]) -> dict[str, str]:
    """Of organizations. It stays as it is until this transaction ends, as migration 0009 has it."""
    if not ids:
        return {}
    found = await db.execute(_VISIBILITY, {"ids": sorted(ids)})
    return {row.id: row.visibility for row in found}


_VISIBILITY = text(
    "select id, visibility from organizations where id = any(:ids) order by id for share"
).bindparams(bindparam("ids", type_=ARRAY(Id)))


def _row(
    told: Told,
    hub_id: str,
    language: str | None,
    place: Place | None,
    words: mirrors_sql.Words,
    extra: mirrors_sql.Words,
    *,
    placed: bool = True,
) -> Columns:
    row: dict[str, Any] = {name: getattr(told, name) for name in _own_columns(type(told))}
    if placed:
        row |= columns.of_place(place)
    translations = told.translations if isinstance(told, ToldEvent) else {}
    return row | {
        "hub_id": hub_id,
        "translations": translations,
        "language": language,
        "documents": mirrors_sql.documents(language, words, extra, translations, TRANSLATED),
    }


_names: dict[type, tuple[str, ...]] = {}


def _own_columns(kind: type[Told]) -> tuple[str, ...]:
    if kind not in _names:
        _names[kind] = tuple(each.name for each in fields(kind) if each.name not in _BESIDE)
    return _names[kind]
