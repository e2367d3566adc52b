"""The comparison: every server, every question, with one and with sixteen requests under way.

In turn, and in another order each time: each round visits every cell (question, connections), and
in a cell every server, so that a machine that is slow for a minute is slow for all of them.
Ratios are worked out within a round, and their median is told.
"""

import random
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench.agree import require_agreement
from bench.bodies import QUESTIONS, bodies
from bench.contest import OURS, Left
from bench.data import QUICK, USUAL, Scale
from bench.load import Order
from bench.loading import Say
from bench.processes import Load, Running, Server, loading, running, used


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    scale: Scale = USUAL
    rounds: int = 5
    seconds: float = 2.0
    warm_seconds: float = 1.0
    connections: tuple[int, ...] = (1, 16)
    questions: tuple[str, ...] = tuple(QUESTIONS)
    checked: int = 40  # answers of each question that are compared before


QUICKLY = Plan(scale=QUICK, rounds=2, seconds=1.0, warm_seconds=0.5, checked=20)


@dataclass(frozen=True, slots=True)
class Measure:
    """One visit of a cell. Times are in microseconds; processor time is that of a request."""

    round: int
    question: str
    connections: int
    server: str
    per_second: float
    p50: float
    p99: float
    errors: int
    bytes: float
    cpu: float
    postgres_cpu: float


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it; `left` are the peers that did not take part, and why."""

    plan: Plan
    servers: dict[str, dict[str, str]]
    left: list[Left] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)

    def of(self, question: str, connections: int, server: str) -> list[Measure]:
        wanted = (question, connections, server)
        return [m for m in self.measures if (m.question, m.connections, m.server) == wanted]

    def middle(self, question: str, connections: int, server: str, what: str) -> float:
        return median(float(getattr(each, what)) for each in self.of(question, connections, server))

    def ratio(self, question: str, connections: int, server: str) -> float:
        """How many times as many requests a second ours answers, round by round."""
        its = {m.round: m.per_second for m in self.of(question, connections, server)}
        own = {m.round: m.per_second for m in self.of(question, connections, OURS)}
        return median(own[number] / its[number] for number in own if its.get(number))


def compare(
    plan: Plan,
    servers: Sequence[Server],
    left: Sequence[Left],
    postgres_pid: int,
    directory: Path,
    say: Say,
) -> Compared:
    """All of them run all the time; who is not asked costs nothing."""
    done = Compared(plan, {each.name: dict(each.versions) for each in servers}, list(left))
    with ExitStack() as opened:
        every: list[Running] = []
        for server in servers:
            first = next(iter(bodies(plan.questions[0], plan.scale, server.documents)))
            log = directory / f"{server.name}.log"
            every.append(opened.enter_context(running(server, first, log)))
        agreed(plan, every, say)
        load = opened.enter_context(loading())
        files = {
            (each.server.name, question): written(plan, each.server, question, directory)
            for each in every
            for question in plan.questions
        }
        cells = [(q, c) for q in plan.questions for c in plan.connections]
        for question in plan.questions:
            for each in every:
                file = files[each.server.name, question]
                load(order(each, file, max(plan.connections), plan.warm_seconds, 0))
        for round_ in range(plan.rounds):
            chance = random.Random(round_)
            for question, connections in cells:
                for each in chance.sample(every, len(every)):
                    asked = order(
                        each, files[each.server.name, question], connections, plan.seconds, round_
                    )
                    told = measured(load, each, asked, postgres_pid)
                    done.measures.append(Measure(round_, question, connections, **told))
            say(f"Round {round_ + 1} of {plan.rounds} is over.")
    return done


def agreed(plan: Plan, every: Sequence[Running], say: Say) -> None:
    """Disagreement where one of them answers otherwise than the first."""
    reference, *others = every
    for question in plan.questions:
        for other in others:
            own = bodies(question, plan.scale, reference.server.documents)
            its = bodies(question, plan.scale, other.server.documents)
            pairs = islice(zip(own, its, strict=True), plan.checked)
            require_agreement(reference, other, question, pairs)
    names = ", ".join(each.server.name for each in every)
    say(f"The answers agree ({plan.checked} of each question): {names}.")


def written(plan: Plan, server: Server, question: str, directory: Path) -> Path:
    dialect = server.name if server.documents else "same"
    path = directory / f"{question}.{plan.scale.events}.{dialect}.bodies"
    path.write_bytes(b"\n".join(bodies(question, plan.scale, server.documents)) + b"\n")
    return path


def order(each: Running, file: Path, connections: int, seconds: float, seed: int) -> Order:
    return Order(each.port, each.server.path, str(file), connections, seconds, seed)


def measured(load: Load, each: Running, asked: Order, postgres_pid: int) -> dict[str, Any]:
    before, postgres_before = used(each.pid), used(postgres_pid)
    told = load(asked)
    after, postgres_after = used(each.pid), used(postgres_pid)
    requests = max(1, told.requests)
    return {
        "server": each.server.name,
        "per_second": told.per_second,
        "p50": told.p50,
        "p99": told.p99,
        "errors": told.errors,
        "bytes": told.bytes / requests,
        "cpu": (after.cpu_seconds - before.cpu_seconds) / requests * 1e6,
        "postgres_cpu": (postgres_after.cpu_seconds - postgres_before.cpu_seconds) / requests * 1e6,
    }
