"""Finding people's places in teams."""

from typing import Any

from sqlalchemy import Select

from resolvers.reading.sources import TEAM_MEMBER
from storage.visibility import Eyes


def memberships_of(eyes: Eyes, person_id: str) -> Select[Any]:
    row, rows = TEAM_MEMBER.rows(eyes)
    return rows.where(row.c.person_id == person_id).order_by(row.c.since, row.c.id)
