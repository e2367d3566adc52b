"""What the demo does once its first hub answers: lets the three work together, shows what that is good
for, and says what to try next.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import typer

from domain.errors import Problem
from web.demo.hubs import Hub
from web.demo.making import in_turns
from web.demo.next_steps import NextSteps
from web.demo.surroundings import Neighbour
from web.demo.together import Together
from web.demo.tour import Tour

SHOWN = "tour-was-shown"  # a file in the data directory


@dataclass(slots=True)
class Showing:
    hub: Hub
    neighbours: Sequence[Neighbour]
    steps: NextSteps
    tour_is_wanted: bool
    first_answers: asyncio.Event = field(default_factory=asyncio.Event)
    is_done: bool = False

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[None]:
        """Beside the answering, and no longer than that."""
        showing = asyncio.create_task(self._show())
        try:
            yield
        finally:
            showing.cancel()
            (ended,) = await asyncio.gather(showing, return_exceptions=True)
        if isinstance(ended, Exception):
            raise ended

    async def _show(self) -> None:
        await self.first_answers.wait()
        try:
            await self._let_them_work()
        except Problem as problem:
            tell(f"Not shown: {problem.message}")
        except Exception:
            signal.raise_signal(signal.SIGTERM)  # nobody would hear of it before the end
            raise
        said(replace(self.steps, now=self.hub.service.clock.now()).text())
        self.is_done = True

    async def _let_them_work(self) -> None:
        """Raises `Problem` where people wanted it otherwise, or the machine is too slow."""
        shown = self.hub.service.settings.data / SHOWN
        is_first = not shown.exists()
        if is_first:
            tell("Letting three hubs work together ...")
        await in_turns(lambda one: one.process.answering(), self.neighbours)
        valley, county = self.neighbours
        together = Together(self.hub, valley.hub, county.hub, self.hub.service.clock.now())
        await together.begin()
        if is_first or self.tour_is_wanted:
            await Tour(together, county.process, said, self.steps.bold).show()
            shown.touch()


def said(words: str) -> None:
    typer.echo(words)


def tell(words: str) -> None:
    """Beside what is shown."""
    typer.echo(words, err=True)
