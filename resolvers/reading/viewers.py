"""What is read of whoever asks: the person, the organization they speak for, their places in teams."""

from typing import Any

from sqlalchemy import Select, false

from resolvers.reading.listing import Listing, in_order
from resolvers.reading.sources import ORGANIZATION, PERSON, TEAM_MEMBER
from storage.visibility import Eyes, own, own_person


def person(eyes: Eyes) -> Select[Any]:
    row, rows = PERSON.rows(eyes)
    return rows.where(row.c.id == own_person() if eyes.person else false())


def organization(eyes: Eyes) -> Select[Any]:
    row, rows = ORGANIZATION.rows(eyes)
    return rows.where(row.c.id == own() if eyes.organization else false())


def memberships(eyes: Eyes) -> Listing:
    """The person's places in teams, as far as this token may know."""
    row, rows = TEAM_MEMBER.rows(eyes)
    mine = rows.where(row.c.person_id == own_person() if eyes.person else false())
    keys = {"since": row.c.since, "id": row.c.id}
    return in_order(TEAM_MEMBER.type_name, mine, "SINCE", keys)
