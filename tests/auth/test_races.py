"""Twenty at once with the same code, or the same refresh token, over real sockets: one wins, nobody
is told of a fault, and what was won ends."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from auth.authenticate import viewer_of
from auth.desk import Desk
from auth.routes import routes
from auth.service import TokenService
from domain.errors import Unauthenticated
from storage.credential_tables import grants, refresh_tokens
from storage.engine import Database
from storage.tables import audit_entries
from tests.auth.letting_in import Doorstep
from tests.auth.listening import listening
from tests.auth.people import bearer
from tests.outside import SeededChance, StandingClock

AT_ONCE = 20
WORKERS = 2  # each with connections of its own, as two processes have


@pytest.fixture
async def doorsteps(
    doorstep: Doorstep, database_url: str, clock: StandingClock, chance: SeededChance
) -> AsyncIterator[list[Doorstep]]:
    """The same hub, answered by two workers with the pool of earnest."""
    async with AsyncExitStack() as opened:
        found = []
        for _ in range(WORKERS):
            database = Database(database_url)
            opened.push_async_callback(database.close)
            desk: Desk = replace(doorstep.office.desk, database=database)
            service: TokenService = replace(doorstep.office.service, database=database)
            app = Starlette(routes=routes(service, lambda _, desk=desk: desk))  # type: ignore[misc]
            url = await opened.enter_async_context(listening(app))
            limits = httpx.Limits(max_connections=AT_ONCE)
            http = httpx.AsyncClient(base_url=url, limits=limits, timeout=30)
            found.append(replace(doorstep, http=await opened.enter_async_context(http)))
        yield found


async def why_ended(doorstep: Doorstep) -> list[str | None]:
    async with doorstep.office.town.database.reading() as db:
        of_people = grants.c.person_id.is_not(None)
        return list(await db.scalars(select(grants.c.revoked_why).where(of_people)))


async def noted(doorstep: Doorstep) -> int:
    async with doorstep.office.town.database.reading() as db:
        ending = audit_entries.c.action == "grant.revoked"
        count = select(func.count()).select_from(audit_entries).where(ending)
        return await db.scalar(count) or 0


async def require_ended(doorstep: Doorstep, answers: list[httpx.Response]) -> None:
    """One won, the rest were refused as one is refused, and what was won is worth nothing."""
    told = Counter(answer.status_code for answer in answers)
    assert told[200] == 1, [answer.text for answer in answers]
    # 429: whoever fails so often within a moment.
    assert told.keys() <= {200, 400, 429}, told
    errors = {answer.json()["error"] for answer in answers if answer.status_code == 400}
    assert errors == {"invalid_grant"}
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    office = doorstep.office
    with pytest.raises(Unauthenticated):
        await viewer_of(bearer(won["access_token"]), office.service.verifier, office.town.database)
    assert (await doorstep.refresh(won["refresh_token"])).status_code in {400, 429}


async def test_of_twenty_uses_of_a_code_one_wins_and_its_authorization_ends(
    doorstep: Doorstep, doorsteps: list[Doorstep]
) -> None:
    code = await doorstep.code()
    answers = await asyncio.gather(
        *(doorsteps[number % WORKERS].redeem(code) for number in range(AT_ONCE))
    )
    await require_ended(doorstep, answers)
    assert await why_ended(doorstep) == ["CODE_REPLAY"]
    assert await noted(doorstep) == 1


async def test_of_twenty_uses_of_a_refresh_token_one_wins_and_its_family_ends(
    doorstep: Doorstep, doorsteps: list[Doorstep]
) -> None:
    token = (await doorstep.tokens())["refresh_token"]
    answers = await asyncio.gather(
        *(doorsteps[number % WORKERS].refresh(token) for number in range(AT_ONCE))
    )
    await require_ended(doorstep, answers)
    assert await why_ended(doorstep) == ["REFRESH_REPLAY"]
    assert await noted(doorstep) == 1
    async with doorstep.office.town.database.reading() as db:
        assert await db.scalar(select(func.count()).select_from(refresh_tokens)) == 2


async def test_using_ending_and_revoking_at_once_wait_for_each_other_in_one_order(
    doorstep: Doorstep, doorsteps: list[Doorstep]
) -> None:
    """No two of them deadlock, whichever comes first."""
    tokens = [await doorstep.tokens() for _ in range(5)]
    codes = [await doorstep.code() for _ in range(5)]
    one, two = doorsteps
    answers = await asyncio.gather(
        *(one.refresh(body["refresh_token"]) for body in tokens),
        *(two.redeem(code) for code in codes),
        *(
            two.ask(two.website, "/oauth/revoke", token=body["refresh_token"])
            for body in tokens[:2]
        ),
        one.office.desk.revoke("app_website"),
        *(one.refresh(body["refresh_token"]) for body in tokens),
    )
    told = {answer.status_code for answer in answers if isinstance(answer, httpx.Response)}
    assert told <= {200, 400, 401, 429}
    assert None not in await why_ended(doorstep), "whatever came first, the app is revoked"
