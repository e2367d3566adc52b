"""What the three questions come to when somebody writes the SQL by hand, and JSON comes out of it.

As few steps as PostgreSQL lets one take. It is right for the data of the benchmark and no more:
every event takes place once, within a day and in UTC, and every organization is public.
"""


def _text(*pieces: str) -> str:
    """An expression for all of it in a row. What stands in '…' is put together here."""
    merged: list[str] = []
    for piece in pieces:
        if merged and merged[-1].endswith("'") and piece.startswith("'"):
            merged[-1] = merged[-1][:-1] + piece[1:]
        else:
            merged.append(piece)
    return merged[0] if len(merged) == 1 else f"concat({', '.join(merged)})"


def _object(**values: tuple[str, ...]) -> str:
    """The text of a JSON object."""
    pieces = ["'{'"]
    for key, value in values.items():
        pieces += ["','"] * (len(pieces) > 1) + [f"'\"{key}\":'", *value]
    return _text(*pieces, "'}'")


def _word(column: str) -> tuple[str, ...]:
    """An id, a slug or a word of ours: nothing in it needs escaping."""
    return "'\"'", column, "'\"'"


def _json(column: str, *, nullable: bool = False) -> tuple[str, ...]:
    return (f"coalesce(to_json({column})::text, 'null')" if nullable else f"to_json({column})",)


def _plain(column: str) -> tuple[str, ...]:
    return (f"coalesce(({column})::text, 'null')",)


def _list(item: str, rows: str) -> tuple[str, ...]:
    return "'['", f"(select string_agg({item}, ',' order by n) from ({rows}) as r)", "']'"


def _page(node: str, found: str) -> tuple[str, ...]:
    """Of `found`, 51 events in order: 50, and whether there are more."""
    # The cursor: base64url of the order's name and the place in it, without padding.
    moment = "(extract(epoch from e.starts_at) * 1000000)::bigint"
    place = _text("'[\"STARTS_AT_ASC\",'", moment, "',\"'", "e.id", "'\"]'")
    cursor = f"translate(encode(convert_to({place}, 'UTF8'), 'base64'), E'+/=\\n', '-_')"
    last = f"max(case when e.n = least(e.most, 50) then {cursor} end)"
    edge = _object(node=(node,))
    edges = "'['", f"string_agg({edge}, ',' order by e.n) filter (where e.n <= 50)", "']'"
    info = _object(hasNextPage=("(count(*) > 50)::text",), endCursor=_json(last, nullable=True))
    return (
        f"""(select {_object(edges=edges, pageInfo=(info,))}
      from (select f.*, row_number() over (order by starts_at, id) as n, count(*) over () as most
        from ({found}) as f) as e
      join organizations o on o.id = e.organization_id
      left join groups g on g.id = e.group_id and g.visibility in ('PUBLIC', 'UNLISTED'))""",
    )


_PLACE = (
    _object(
        name=_json("e.place_name", nullable=True),
        locality=_json("e.place_locality", nullable=True),
        latitude=_plain("e.place_latitude"),
        longitude=_plain("e.place_longitude"),
    ),
)
_GROUP_SHOWN = _object(id=_word("g.id"), name=_json("g.name"))
_GROUP = (f"case when g.id is null then 'null' else {_GROUP_SHOWN} end",)
_HOST = (_object(id=_word("o.id"), name=_json("o.name")),)
_LEFT = _plain(
    "select e.capacity - least(e.capacity, n.accepted) from occurrences n where n.event_id = e.id"
)
_TIMES = {"startsAt": _json("e.starts_at"), "endsAt": _json("e.ends_at", nullable=True)}
_COLUMNS = """x.id, x.title, x.starts_at, x.ends_at, x.capacity, x.organization_id, x.group_id,
  x.place_name, x.place_locality, x.place_latitude, x.place_longitude"""
_LISTED = """x.visibility = 'PUBLIC' and x.publication_status = 'PUBLISHED'
  and x.status <> 'CANCELLED'"""

_CO_HOSTS = _list(
    _object(organization=(_object(id=_word("r.id"), name=_json("r.name")),)),
    """select w.id, w.name, row_number() over (order by h.created_at, h.id) as n
    from event_hosts h join organizations w on w.id = h.organization_id
    where h.event_id = e.id and h.status = 'ACCEPTED' and h.role = 'CO_HOST'
    order by h.created_at, h.id limit 20""",
)
_EVENT = _object(
    id=_word("e.id"),
    title=_json("e.title"),
    description=_json("e.description", nullable=True),
    **_TIMES,
    timeZone=_json("e.time_zone"),
    visibility=_word("e.visibility"),
    place=_PLACE,
    host=(
        _object(
            id=_word("o.id"),
            slug=_word("o.slug"),
            name=_json("o.name"),
            website=_json("o.website", nullable=True),
        ),
    ),
    group=_GROUP,
    hosts=(_object(nodes=_CO_HOSTS),),
    remainingCapacity=_LEFT,
)
EVENT = f"""
select '{{"data":{{"event":' || coalesce((select {_EVENT}
  from events e join organizations o on o.id = e.organization_id
  left join groups g on g.id = e.group_id and g.visibility in ('PUBLIC', 'UNLISTED')
  where e.id = $1 and e.publication_status in ('PUBLISHED', 'ARCHIVED')
    and e.visibility in ('PUBLIC', 'UNLISTED')), 'null') || '}}}}'
"""

# The times that stand beside a share are in its index, in order.
_SHARED = f"""
select {_COLUMNS} from event_shares s join events x on x.id = s.event_id
where s.alliance_id = a.id and s.starts_at >= $2::timestamptz - interval '1 day'
  and (s.starts_at >= $2 or s.over_at > $2) and {_LISTED}
  and s.organization_id = any (array(select m.organization_id from alliance_members m
    where m.alliance_id = a.id and m.status = 'ACTIVE'))
order by s.starts_at, s.event_id limit 51
"""
_MEMBERS = _list(
    _object(organization=(_object(name=_json("r.name")),)),
    """select o.name, row_number() over (order by m.created_at, m.id) as n
    from alliance_members m join organizations o on o.id = m.organization_id
    where m.alliance_id = a.id and m.status = 'ACTIVE' order by m.created_at, m.id limit 10""",
)
_LISTED_EVENT = _object(
    id=_word("e.id"),
    title=_json("e.title"),
    **_TIMES,
    place=_PLACE,
    host=_HOST,
    group=_GROUP,
    remainingCapacity=_LEFT,
)
_ALLIANCE = _object(
    name=_json("a.name"),
    members=(_object(nodes=_MEMBERS),),
    events=_page(_LISTED_EVENT, _SHARED),
)
ALLIANCE = f"""
select '{{"data":{{"alliance":' || coalesce((select {_ALLIANCE}
  from alliances a where a.id = $1 and a.visibility in ('PUBLIC', 'UNLISTED')), 'null') || '}}}}'
"""

# Each cell of the map has its events in order: merged, as far as the first 51 go. There are at most
# nine cells within 25 km.
_IN_CELL = f"""(
  select {_COLUMNS} from events x
  where x.geo_cell = ($4::int[])[%d] and {_LISTED}
    and x.starts_at >= $5::timestamptz - interval '1 day' and x.starts_at < $6
    and (x.starts_at >= $5 or x.over_at > $5)
    and convoke_distance_km($1, $2, x.place_latitude, x.place_longitude) <= $3
  order by x.starts_at, x.id limit 51)"""
_CELLS = " union all ".join(_IN_CELL % at for at in range(1, 10))
_AROUND = f"select y.* from ({_CELLS}) as y order by y.starts_at, y.id limit 51"
_NEAR = _object(
    id=_word("e.id"),
    title=_json("e.title"),
    startsAt=_json("e.starts_at"),
    place=_PLACE,
    host=_HOST,
    group=_GROUP,
)
NEAR = "select " + _text('\'{"data":{"events":\'', *_page(_NEAR, _AROUND), "'}}'")
