"""`python -m bench`: what `./convoke bench` starts, with all that was asked for as one JSON object."""

import asyncio
import json
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import report, results
from bench.bodies import QUESTIONS
from bench.compare import QUICKLY, Plan, compare
from bench.contest import EVERY, address, contestants
from bench.data import Scale
from bench.growth import QUICK_GROWTH, GrowthPlan, grow
from bench.hubs import QUICK_HUBS, HubsPlan, work_together
from bench.loading import connected, ensure
from bench.machine import this_machine
from bench.memory import QUICK_MEMORY, MemoryPlan, remember
from bench.tokens import QUICK_TOKENS, TokenPlan, check_tokens
from domain.errors import BadInput, Problem
from storage.embedded import EmbeddedPostgres
from storage.embedded_process import running

FAILED, USAGE, DATA, INTERRUPTED = 1, 2, 4, 130  # as `web.commands.Exit` has them


@dataclass(frozen=True, slots=True)
class Asked:
    """As `web/commands/bench.py` hands it over."""

    what: str
    quick: bool
    questions: list[str]
    servers: list[str]
    seconds: float | None
    rounds: int | None
    data: str
    report: str

    def check(self) -> None:
        """BadInput where a question or a server is named that there is not."""
        for kind, names, known in (
            ("question", self.questions, tuple(QUESTIONS)),
            ("server", self.servers, EVERY),
        ):
            for name in names:
                if name not in known:
                    raise BadInput(f"There is no {kind} {name}. There are {', '.join(known)}.")


class Bench:
    """The database of the benchmark, and everything that is measured on it."""

    def __init__(self, asked: Asked, server: EmbeddedPostgres) -> None:
        found = running(Path(asked.data).resolve() / "postgres")
        if found is None:
            raise RuntimeError("The database has ended.")
        self.asked = asked
        self.server = server
        self.postgres_pid = found.pid
        self.directory = Path(asked.data) / "kept"
        self.directory.mkdir(exist_ok=True)

    def run(self) -> None:
        version = asyncio.run(self._postgres_version())
        machine = this_machine(version)
        wanted = (
            ("compare", "growth", "memory", "tokens", "hubs")
            if self.asked.what == "all"
            else (self.asked.what,)
        )
        for what in wanted:
            done = getattr(self, f"_{what}")()
            results.keep(self.directory, what, machine, done, quick=self.asked.quick)
            said = Path(self.asked.report)
            before = said.read_text("utf-8") if said.exists() else ""
            said.write_text(report.written(results.all_of(self.directory), before), "utf-8")
            say(f"Written: {self.asked.report}")

    def _compare(self) -> Any:
        plan = self._as_asked(QUICKLY if self.asked.quick else Plan())
        if self.asked.questions:
            plan = replace(plan, questions=tuple(self.asked.questions))
        database = self._holding(plan.scale)
        servers, left = contestants(
            self.server, database, Path(self.asked.data), self.asked.servers, say
        )
        return compare(plan, servers, left, self.postgres_pid, self.directory, say)

    def _growth(self) -> Any:
        plan = self._as_asked(QUICK_GROWTH if self.asked.quick else GrowthPlan())
        databases = {events: self._holding(plan.scale(events)) for events in plan.sizes}
        urls = {events: address(self.server, name) for events, name in databases.items()}
        return grow(plan, urls, self.postgres_pid, self.directory, say)

    def _memory(self) -> Any:
        plan = QUICK_MEMORY if self.asked.quick else MemoryPlan()
        url = address(self.server, self._holding(plan.scale))
        return remember(plan, url, self.postgres_pid, self.directory, say)

    def _tokens(self) -> Any:
        plan = QUICK_TOKENS if self.asked.quick else TokenPlan()
        return check_tokens(plan, self.server, say)

    def _hubs(self) -> Any:
        plan = QUICK_HUBS if self.asked.quick else HubsPlan()
        return work_together(plan, self.server, self.postgres_pid, Path(self.asked.data), say)

    def _as_asked(self, plan: Any) -> Any:
        given = {"seconds": self.asked.seconds, "rounds": self.asked.rounds}
        return replace(plan, **{name: each for name, each in given.items() if each is not None})

    def _holding(self, scale: Scale) -> str:
        return asyncio.run(ensure(self.server, Path(self.asked.data), scale, say))

    async def _postgres_version(self) -> str:
        async with connected(self.server, "postgres") as connection:
            return str(await connection.fetchval("show server_version"))


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def main() -> int:
    asked = Asked(**json.loads(sys.argv[1]))
    # Told to stop, it ends what it started, as at Ctrl-C.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: signal.raise_signal(signal.SIGINT))
    try:
        asked.check()
        # What is measured reads; and the data can be made again.
        with EmbeddedPostgres.start(Path(asked.data), durable=False) as server:
            Bench(asked, server).run()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BadInput as problem:
        say(f"convoke: {problem.message}")
        return USAGE
    except Problem as problem:
        say(f"convoke: {problem.message}")
        return DATA if problem.code == "DATA_DIRECTORY" else FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
