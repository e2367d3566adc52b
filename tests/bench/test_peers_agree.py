"""Every server of the comparison answers every question as ours does, on the same tables.

Their packages are put into `.venv` as the lock file names them, as those of tests/audit are.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest

from bench import peers
from bench.agree import answer_of, require_agreement
from bench.bodies import QUESTIONS, bodies
from bench.contest import address, ours
from bench.data import Scale
from bench.loading import connected, fill
from bench.processes import Running, Server, running
from storage.embedded import EmbeddedPostgres
from tests.conftest import TEMPLATE

# Pages are full already, and some alliances' are not.
SCALE = Scale(events=3_000, rsvps=6_000, organizations=40, groups=200, alliances=40)
ANSWERS = 20


@pytest.fixture(scope="module")
def url(postgres: EmbeddedPostgres, new_name: Callable[[], str]) -> Iterator[str]:
    """Of a database with the benchmark's data."""
    name = new_name()
    postgres.create_database(name, template=TEMPLATE)

    async def filled() -> None:
        async with connected(postgres, name) as connection:
            await fill(connection, SCALE, lambda _: None)

    asyncio.run(filled())
    yield address(postgres, name)
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Server], Running]]:
    logs = tmp_path_factory.mktemp("servers")
    with ExitStack() as opened:

        def started(server: Server) -> Running:
            first = next(bodies("q1", SCALE, server.documents))
            log = logs / f"{server.name}.log"
            return opened.enter_context(running(server, first, log))

        yield started


@pytest.fixture(scope="module")
def own(url: str, start: Callable[[Server], Running]) -> Running:
    return start(ours(url))


@pytest.mark.parametrize("name", peers.PEERS)
def test_a_peer_answers_as_ours_does(
    name: str, url: str, own: Running, start: Callable[[Server], Running]
) -> None:
    server = peers.server(name, url, Path(sys.prefix) / "peers")
    peer = start(server)
    for question in QUESTIONS:
        asked = zip(
            bodies(question, SCALE, own.server.documents),
            bodies(question, SCALE, server.documents),
            strict=True,
        )
        require_agreement(own, peer, question, islice(asked, ANSWERS))


def test_what_they_agree_on_is_an_answer(own: Running) -> None:
    """And not that there is nothing: an event with hosts beside its own, and full pages."""
    answers = {
        question: [answer_of(own, body) for body in islice(bodies(question, SCALE), ANSWERS)]
        for question in QUESTIONS
    }
    assert all(answer["event"] for answer in answers["q1"])
    assert any(answer["event"]["hosts"]["nodes"] for answer in answers["q1"])
    assert any(answer["event"]["remainingCapacity"] for answer in answers["q1"])
    assert all(len(answer["alliance"]["members"]["nodes"]) >= 5 for answer in answers["q2"])
    assert any(len(answer["alliance"]["events"]["edges"]) == 50 for answer in answers["q2"])
    assert any(answer["alliance"]["events"]["pageInfo"]["hasNextPage"] for answer in answers["q2"])
    assert any(answer["events"]["edges"] for answer in answers["q3"])
