"""Words as a hub would send them that means harm, in every field that people write in."""

from typing import Any

from sqlalchemy import ARRAY, Column, Table, Text, update
from sqlalchemy.dialects.postgresql import JSONB

from storage import tables as t
from storage.engine import Database

TURN = "\u202e"  # from here on, right to left (Unicode UAX 9)
ELEMENT, HANDLER = "x-evil", "onmouseover"
HARM = (
    f"Soup {TURN}gpj.exe\u2066\u200b\ufeff"
    f"</title></textarea></script></style><{ELEMENT} {HANDLER}=alert(1)>"
    f"<img src=x onerror=alert(2)>\"' {HANDLER}=alert(3) javascript:alert(4) "
    "[a](javascript:alert(5)) =cmd|' /C calc'!A0 {{ 7*7 }} "
)
LONG = HARM + "w" * 120  # and a word that is wider than a phone
LEADING = f'https://evil.example/"{HANDLER}="alert(6)/<{ELEMENT}>'
MIRRORED = (
    t.organizations,
    t.groups,
    t.alliances,
    t.agreements,
    t.alliance_members,
    t.proposals,
    t.ballots,
    t.events,
    t.event_hosts,
    t.occurrences,
    t.handovers,
    t.hubs,
)
OF_PEOPLE = (t.persons, t.rsvps, t.group_members)
# Not words: these are checked when they are read, or an address would not be found by them.
_NO_WORDS = {"language", "preferred_language", "time_zone", "rrule", "software", "failure"}
_ADDRESSES = ("website", "_url")
_BY_PEOPLE = {"contact_email", "guest_email", "contact_telephone", "url"}
_LISTS = {"causes", "accessibility_features"}


async def spoilt(database: Database) -> int:
    """Every such field of every row is harmful from now on; how many fields there were."""
    count = 0
    async with database.writing() as db:
        for table in (*MIRRORED, *OF_PEOPLE):
            values = harmful(table)
            count += len(values)
            for name, value in values.items():
                column = table.c[name]
                await db.execute(update(table).where(column.is_not(None)).values({name: value}))
    return count


def harmful(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in table.c:
        name = str(column.name)
        if name in _LISTS:
            found[name] = [HARM]
        elif isinstance(column.type, JSONB) and name == "translations":
            found[name] = {"ar": dict.fromkeys(translated(table), LONG)}
        elif is_words(column):
            found[name] = LEADING if name.endswith(_ADDRESSES) else LONG
    return found


def translated(table: Table) -> list[str]:
    names = ("title", "name", "summary", "description", "purpose", "body")
    return [each for each in names if each in table.c]


def is_words(column: Column[Any]) -> bool:
    """People write them: what is compared byte by byte are ids and words of our own."""
    name = str(column.name)
    is_text = isinstance(column.type, Text) and not isinstance(column.type, ARRAY)
    return (
        is_text
        and getattr(column.type, "collation", None) is None
        and name not in _NO_WORDS | _BY_PEOPLE
    )
