"""A process that stops lets those who follow there go at once, and they know to come again."""

import asyncio
from dataclasses import replace

from domain.hubs import LocalHub
from storage.engine import Database
from tests.attacks.target import served
from tests.cast import Cast
from tests.outside import SeededChance, StandingClock
from tests.subscriptions.followers import Ports, Socket, Stream
from tests.web.account.conftest import SECRET
from web.service import Service
from web.serving import DRAIN_SECONDS
from web.settings import read_settings

HEADS = "subscription { feedAdvanced { channel } }"


async def test_a_process_that_stops_lets_its_followers_go(
    database: Database, cast: Cast, hub: LocalHub, clock: StandingClock, chance: SeededChance
) -> None:
    settings = replace(read_settings({}), base_url=hub.url)
    service = await Service.opened(settings, database, SECRET, clock, chance)
    following = asyncio.Event()

    async def by_socket(hubs: Ports) -> tuple[int, str]:
        async with hubs.following() as socket:
            await begun(socket)
            return await socket.closed()

    async def begun(socket: Socket) -> None:
        await socket.subscribe(HEADS)
        await socket.told()

    async def by_stream(hubs: Ports) -> tuple[object, list[str]]:
        async with hubs.stream(HEADS) as stream:
            await told(stream)
            return await stream.event(), stream.comments

    async def told(stream: Stream) -> None:
        await stream.told()
        following.set()

    loop = asyncio.get_running_loop()
    async with served(service) as port:
        hubs = Ports([service], [port])
        ended = asyncio.gather(by_socket(hubs), by_stream(hubs))
        async with asyncio.timeout(10):
            await following.wait()
            while service.moved.watched != 1:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        stopped_at = loop.time()
    assert loop.time() - stopped_at < DRAIN_SECONDS / 2
    (code, _), (event, comments) = await ended
    assert code == 1012
    assert event is None  # and not `complete`
    assert comments == ["Come again."]
