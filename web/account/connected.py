"""The apps a person has let in, and letting them in no longer."""

from datetime import datetime
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from auth import consents, scopes
from auth.consents import Connected
from domain.apps import RegisteredBy
from web.account import words
from web.account.visits import Account, Visit

CONNECTED = "/account/connected"


def routes(account: Account) -> list[Route]:
    async def listed(visit: Visit) -> Response:
        found = await consents.of_person(visit.desk, visit.require_session())
        now = visit.desk.clock.now()
        return account.shown(visit, "connected.html", apps=[_line(each, now) for each in found])

    async def ended(visit: Visit) -> Response:
        form = await account.form(visit)
        session = visit.require_session()
        organization_id = form.get("organization", "")
        await consents.end(visit.desk, session, form.get("client", ""), organization_id)
        return account.sent_on(CONNECTED)

    return [account.route(CONNECTED, listed), account.route(CONNECTED, ended, "POST")]


def _line(app: Connected, now: datetime) -> dict[str, Any]:
    return {
        "client_id": app.client.id,
        "name": app.client.name,
        "owner": app.client.organization_name,
        "is_built_in": app.client.registered_by is RegisteredBy.BUILT_IN,
        "organization_id": app.organization.organization_id,
        "organization": app.organization.name,
        "may": [scopes.SCOPES[name].consent for name in app.scopes],
        "since": words.day(app.since),
        "used": words.used(app.last_used_at, now),
    }
