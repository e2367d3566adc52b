"""Twenty at once, over real sockets to a real server: one wins, nobody sees a fault of ours."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select

from auth.passwords import Passwords
from storage import accounts as stored
from storage.account_tables import sessions
from tests.auth.signing_in import ANNAS, GOOD, code_in, link_in, mailbox
from tests.web.account.conftest import Counter
from web.account.visits import SIGN_IN
from web.app import create_app
from web.serving import configured

MANY = 20
NewClient = Callable[[], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def clients(counter: Counter) -> AsyncIterator[NewClient]:
    """Each with a connection of its own to the same server."""
    settings = counter.service.settings
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configured(create_app(counter.service), settings.limits, ()))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with AsyncExitStack() as opened:

        async def new() -> httpx.AsyncClient:
            return await opened.enter_async_context(
                httpx.AsyncClient(base_url=base_url, timeout=60)
            )

        yield new
    server.should_exit = True
    await running


async def form_token(client: httpx.AsyncClient, path: str = SIGN_IN) -> str:
    page = await client.get(path)
    return page.text.partition('name="form_token" value="')[2].partition('"')[0]


async def sessions_begun(counter: Counter) -> int:
    async with counter.desk.database.reading() as db:
        begun = await db.scalar(
            select(func.count())
            .select_from(sessions)
            .where(sessions.c.person_id == counter.cast.anna_id)
        )
    return int(begun or 0)


@pytest.mark.parametrize("by", ["link", "code"])
async def test_of_twenty_who_use_one_letter_one_is_signed_in(
    counter: Counter, clients: NewClient, by: str
) -> None:
    asking = await clients()
    token = await form_token(asking)
    await asking.post(f"{SIGN_IN}/letter", data={"form_token": token, "address": ANNAS})
    letter = (await mailbox(counter.service.database, ANNAS))[-1]
    given = {
        "link": {"letter": link_in(letter).partition("=")[2]},
        "code": {"code": code_in(letter)},
    }[by]
    others = [await clients() for _ in range(MANY)]
    for each in others:
        each.cookies.update(asking.cookies)  # the same browser, over many connections
    before = await sessions_begun(counter)
    answers = await asyncio.gather(
        *(each.post(f"{SIGN_IN}/{by}", data={"form_token": token, **given}) for each in others)
    )
    signed_in = [each for each in answers if "convoke=" in each.headers.get("set-cookie", "")]
    assert len(signed_in) == 1
    assert await sessions_begun(counter) == before + 1
    assert {each.status_code for each in answers} <= {303, 403, 404, 429}


async def test_passwords_typed_by_many_at_once_are_compared_in_turn_or_told_to_wait(
    counter: Counter, clients: NewClient
) -> None:
    hashed = await Passwords(counter.desk.chance).hashed(GOOD)
    async with counter.desk.database.writing() as db:
        await stored.keep_password(db, counter.cast.anna_id, hashed, counter.desk.clock.now())
    others = [await clients() for _ in range(MANY)]
    tokens = await asyncio.gather(*(form_token(each) for each in others))
    answers = await asyncio.gather(
        *(
            each.post(
                f"{SIGN_IN}/password",
                data={"form_token": token, "address": f"{number}@x.example", "password": GOOD},
            )
            for number, (each, token) in enumerate(zip(others, tokens, strict=True))
        )
    )
    statuses = {each.status_code for each in answers}
    assert 403 in statuses
    assert statuses <= {403, 503}  # 503 says when to try again
    assert all(each.headers["retry-after"] for each in answers if each.status_code == 503)
