"""Memory: what the service and its database hold while more and more documents are asked of them.

Five thousand different documents, a few of them often and most of them seldom, as with real
clients. What is kept for a document (its text, its plan, its prepared statement on each
connection, in the service and in PostgreSQL) must be bounded. It fills up in the first quarter
of the requests; the last quarter of the samples may hold no more than the second.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice
from pathlib import Path
from statistics import median

from bench.bodies import variables_of
from bench.contest import ours
from bench.data import QUICK, USUAL, Scale
from bench.load import Order
from bench.loading import Say
from bench.processes import loading, running, used

_OF_EVENT = (
    "title", "description", "startsAt", "endsAt", "timeZone", "visibility", "summary", "status",
    "allDay", "capacity", "isFree", "joinMode", "causes", "languages", "version", "createdAt",
    "place { name locality }", "place { latitude longitude }", "host { id name }",
    "host { slug website }", "group { id name }", "hosts(first: 3) { nodes { role } }",
)  # fmt: skip
_LEAST_FIELDS, _MOST_FIELDS = 3, 9
_SKEW = 1.4


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """How much is asked; it ends after `most_seconds` in any case."""

    scale: Scale = USUAL
    requests: int = 200_000
    documents: int = 5_000
    connections: int = 16
    samples: int = 40
    most_seconds: float = 1_800.0


QUICK_MEMORY = MemoryPlan(
    scale=QUICK, requests=10_000, documents=1_000, samples=20, most_seconds=60
)


@dataclass(frozen=True, slots=True)
class Sample:
    """After so many requests; in bytes of memory that is nobody else's."""

    requests: int
    errors: int
    service: int
    postgres: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """What came of it."""

    plan: MemoryPlan
    samples: list[Sample] = field(default_factory=list)

    def quarter(self, which: int, what: str) -> float:
        """The median of the first (0) to the last (3) quarter of the samples."""
        size = len(self.samples) // 4 or 1
        some = self.samples[:size] if which == 0 else self.samples[which * size :]
        return median(float(getattr(each, what)) for each in some[:size])


def remember(
    plan: MemoryPlan, url: str, postgres_pid: int, directory: Path, say: Say
) -> Remembered:
    done = Remembered(plan)
    lines, each = asked(plan), plan.requests // plan.samples
    file = directory / "memory.bodies"
    left, count, errors = plan.most_seconds, 0, 0
    with (
        running(ours(url), next(lines), directory / "memory.log") as hub,
        loading() as load,
    ):
        for number in range(plan.samples):
            if left <= 0:
                say(f"The time is over after {count:,} requests.")
                break
            file.write_bytes(b"\n".join(islice(lines, each)) + b"\n")
            told = load(
                Order(hub.port, hub.server.path, str(file), plan.connections, left, number, each)
            )
            left -= told.seconds
            count += told.requests
            errors += told.errors
            service, postgres = used(hub.pid).memory_bytes, used(postgres_pid).memory_bytes
            done.samples.append(Sample(count, errors, service, postgres))
    return done


def asked(plan: MemoryPlan) -> Iterator[bytes]:
    """Each document at least once, and beyond that by how well it is liked (Zipf)."""
    chance = random.Random("memory")
    variables = variables_of("q1", plan.scale)
    known = [document(chance, number) for number in range(plan.documents)]
    liked = list(accumulate((place + 1) ** -_SKEW for place in range(plan.documents)))
    often = max(0, plan.requests + 1 - plan.documents)
    every = range(plan.documents)
    sequence = [*every, *chance.choices(every, cum_weights=liked, k=often)]
    chance.shuffle(sequence)
    for number in sequence:
        body = {"query": known[number], "variables": dict(chance.choice(variables))}
        yield json.dumps(body, separators=(",", ":")).encode()


def document(chance: random.Random, number: int) -> str:
    """Unlike all others: in its name, and almost always in what it asks for."""
    fields = chance.sample(_OF_EVENT, chance.randint(_LEAST_FIELDS, _MOST_FIELDS))
    return f"query D{number}($id: ID!) {{ event(id: $id) {{ id {' '.join(fields)} }} }}"
