"""The address of a person's own calendar: made, made anew, and ended."""

from starlette.responses import Response
from starlette.routing import Route

from auth import calendar_keys
from web.account import words
from web.account.visits import HOME, Account, Visit
from web.feeds import own

CALENDAR = f"{HOME}/calendar"


def routes(account: Account) -> list[Route]:
    async def shown(visit: Visit, secret: str | None = None) -> Response:
        kept = await calendar_keys.of_person(visit.desk, visit.require_session())
        now = visit.desk.clock.now()
        address = account.base_url + own.PATH.format(secret=secret) if secret else None
        return account.shown(
            visit,
            "account_calendar.html",
            address=address,
            made=words.day(kept.made_at) if kept else None,
            used=words.used(kept.used_at, now) if kept else None,
        )

    async def make(visit: Visit) -> Response:
        await account.form(visit)
        secret = await calendar_keys.make(visit.desk, visit.require_session())
        return await shown(visit, secret)

    async def end(visit: Visit) -> Response:
        await account.form(visit)
        await calendar_keys.end(visit.desk, visit.require_session())
        return account.sent_on(CALENDAR)

    return [
        account.route(CALENDAR, shown),
        account.route(CALENDAR, make, "POST"),
        account.route(f"{CALENDAR}/end", end, "POST"),
    ]
