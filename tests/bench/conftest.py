"""The small data, and the two servers that every machine has: ours and the limit."""

import asyncio
from collections.abc import Iterator

import pytest

from bench.bodies import bodies
from bench.contest import limit, ours
from bench.loading import ensure
from bench.processes import Running, running
from storage.embedded import EmbeddedPostgres
from tests.bench.small import SMALL, Made, silent


@pytest.fixture(scope="session")
def made(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Made:
    directory = tmp_path_factory.mktemp("bench")
    return Made(postgres, asyncio.run(ensure(postgres, directory, SMALL, silent)), directory)


@pytest.fixture(scope="module")
def both(made: Made) -> Iterator[tuple[Running, Running]]:
    first = next(bodies("q1", SMALL))
    with (
        running(ours(made.url), first, made.directory / "ours.log") as own,
        running(limit(made.url), first, made.directory / "limit.log") as least,
    ):
        yield own, least
