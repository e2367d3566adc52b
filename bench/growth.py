"""Growth: the same questions with the same answers' size, from a thousand events to a million.

A hub for each size runs beside the others, and they are asked in turn. The first thousand events
are the same in all of them and fill every page that is asked for; the rest lie around them and
among them, in the same cities and alliances.
"""

import json
import random
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.bodies import QUESTIONS, bodies, deep
from bench.compare import Measure, measured, order
from bench.contest import ours
from bench.data import Scale
from bench.loading import Say
from bench.processes import NotStarted, Running, loading, post, running

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PAGES = 200  # the deep page comes after so many
FIRST_PAGE, DEEP_PAGE = "first page", "deep page"


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """How much is measured."""

    sizes: tuple[int, ...] = SIZES
    rounds: int = 5
    seconds: float = 2.0
    pages: int = PAGES
    organizations: int = 200
    groups: int = 5_000
    alliances: int = 300

    def scale(self, events: int) -> Scale:
        """RSVPs in proportion, up to those of the comparison: nothing here reads them."""
        others = (self.organizations, self.groups, self.alliances)
        return Scale(events, min(5 * events, 500_000), *others, kernel=True)


QUICK_GROWTH = GrowthPlan(sizes=(1_000, 10_000), rounds=2, seconds=1.0, pages=50)


@dataclass(frozen=True, slots=True)
class Grown:
    """What came of it. The `server` of a measure is the number of events."""

    plan: GrowthPlan
    measures: list[Measure] = field(default_factory=list)

    def middle(self, question: str, events: int, what: str) -> float | None:
        found = [
            getattr(each, what)
            for each in self.measures
            if (each.question, each.server) == (question, str(events))
        ]
        return median(found) if found else None


def grow(
    plan: GrowthPlan, urls: dict[int, str], postgres_pid: int, directory: Path, say: Say
) -> Grown:
    """`urls` are the databases, by the number of their events."""
    done = Grown(plan)
    with ExitStack() as opened:
        hubs: dict[int, Running] = {}
        for events, url in urls.items():
            first = next(iter(bodies("q1", plan.scale(events))))
            log = directory / f"growth.{events}.log"
            hubs[events] = opened.enter_context(running(ours(url), first, log))
        asked = {events: files(plan, hubs[events], events, directory, say) for events in hubs}
        load = opened.enter_context(loading())
        for round_ in range(-1, plan.rounds):
            for question in (*QUESTIONS, FIRST_PAGE, DEEP_PAGE):
                having = [events for events in hubs if question in asked[events]]
                for events in random.Random(round_).sample(having, len(having)):
                    seconds = plan.seconds if round_ >= 0 else plan.seconds / 2
                    one = order(hubs[events], asked[events][question], 1, seconds, round_ + 1)
                    told = measured(load, hubs[events], one, postgres_pid)
                    if round_ >= 0:
                        told["server"] = str(events)
                        done.measures.append(Measure(round_, question, 1, **told))
            if round_ >= 0:
                say(f"Round {round_ + 1} of {plan.rounds} is over.")
    return done


def files(
    plan: GrowthPlan, hub: Running, events: int, directory: Path, say: Say
) -> dict[str, Path]:
    """The bodies of each question; of the pages, as far as the list goes."""
    asked = {question: list(bodies(question, plan.scale(events))) for question in QUESTIONS}
    asked[FIRST_PAGE] = [deep(None)]
    cursor = cursor_after(plan.pages, hub)
    if cursor is None:
        say(f"Of {events:,} events, no list has {plan.pages} pages.")
    else:
        asked[DEEP_PAGE] = [deep(cursor)]
    return {question: kept(directory, question, events, lines) for question, lines in asked.items()}


def kept(directory: Path, question: str, events: int, lines: Sequence[bytes]) -> Path:
    path = directory / f"growth.{question.replace(' ', '-')}.{events}.bodies"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def cursor_after(pages: int, hub: Running) -> str | None:
    """None where the list ends before."""
    cursor: str | None = None
    for _ in range(pages):
        status, text = post(hub.port, hub.server.path, deep(cursor))
        answer = json.loads(text)
        if status != 200 or "errors" in answer:
            raise NotStarted(f"A page is not answered ({status}): {text[:200]!r}")
        info = answer["data"]["events"]["pageInfo"]
        if not info["hasNextPage"]:
            return None
        cursor = str(info["endCursor"])
    return cursor
