"""The apps a person has let in, for which organizations, and letting them in no longer."""

from dataclasses import dataclass
from datetime import datetime

from auth import scopes
from auth.authorizing import LONGEST
from auth.built_in import CONSOLE
from auth.desk import Desk
from domain.errors import NotFound
from storage import authorizations
from storage.credentials import Client
from storage.sessions import Session

BY_PERSON = "PERSON"


@dataclass(frozen=True, slots=True)
class Connected:
    """An app, as the person has let it in for one organization, perhaps several times."""

    client: Client
    organization: authorizations.Team
    scopes: tuple[str, ...]
    since: datetime
    last_used_at: datetime | None
    grant_ids: tuple[str, ...]


async def of_person(desk: Desk, session: Session) -> list[Connected]:
    """The one let in last first."""
    since = desk.clock.now() - LONGEST
    async with desk.database.reading(fresh=True) as db:
        given = await authorizations.given_by(db, session.person_id, since)
    together: dict[tuple[str, str], list[authorizations.Given]] = {}
    for one in given:
        if one.client.id == CONSOLE:
            continue  # nobody let it in: it is a page of this hub
        together.setdefault((one.client.id, one.team.organization_id), []).append(one)
    return [_connected(these) for these in together.values()]


async def end(desk: Desk, session: Session, client_id: str, organization_id: str) -> None:
    """The app speaks no longer for the person there: what it holds ends at once. Raises `NotFound`
    where it does not."""
    now = desk.clock.now()
    async with desk.database.writing() as db:
        ended = await authorizations.end_of_person(
            db,
            session.person_id,
            BY_PERSON,
            now,
            client_id=client_id,
            organization_id=organization_id,
        )
        if not ended:
            raise NotFound("You have not let this app in, or not any more.", ("client",))
        await desk.note(
            db,
            "consent.ended",
            organization_id=organization_id,
            client_id=client_id,
            person_id=session.person_id,
        )


def _connected(given: list[authorizations.Given]) -> Connected:
    newest = given[0]
    used = [one.grant.last_used_at for one in given if one.grant.last_used_at is not None]
    return Connected(
        client=newest.client,
        organization=newest.team,
        scopes=scopes.in_order(name for one in given for name in one.grant.scopes),
        since=given[-1].grant.created_at,
        last_used_at=max(used, default=None),
        grant_ids=tuple(one.grant.id for one in given),
    )
