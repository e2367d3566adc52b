"""What was measured, kept beside the database until it is measured again.

So `./convoke bench growth` writes a report that still has the comparison of the day before.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.compare import Compared, Measure, Plan
from bench.contest import Left
from bench.data import Scale
from bench.growth import Grown, GrowthPlan
from bench.hubs import Bare, FirstMirror, HubsPlan, Idle, Together
from bench.machine import Machine
from bench.memory import MemoryPlan, Remembered, Sample
from bench.tokens import Check, Checked, TokenPlan

Done = Compared | Grown | Remembered | Checked | Together


@dataclass(frozen=True, slots=True)
class Result:
    """One of the five, with where and when it was taken."""

    machine: Machine
    quick: bool
    done: Done


@dataclass(frozen=True, slots=True)
class Results:
    """The last of each; None where there is none yet."""

    compare: Result | None = None
    growth: Result | None = None
    memory: Result | None = None
    tokens: Result | None = None
    hubs: Result | None = None


def keep(
    directory: Path,
    what: str,
    machine: Machine,
    done: Done,
    *,
    quick: bool,
) -> None:
    written = {"machine": asdict(machine), "quick": quick, "done": asdict(done)}
    (directory / f"{what}.json").write_text(json.dumps(written, indent=1), "utf-8")


def all_of(directory: Path) -> Results:
    found: dict[str, Result] = {}
    for what, read in _READ.items():
        path = directory / f"{what}.json"
        if path.exists():
            kept = json.loads(path.read_text("utf-8"))
            found[what] = Result(Machine(**kept["machine"]), kept["quick"], read(kept["done"]))
    return Results(**found)


def _compared(kept: dict[str, Any]) -> Compared:
    plan = dict(kept["plan"], scale=Scale(**kept["plan"]["scale"]))
    plan |= {name: tuple(plan[name]) for name in ("connections", "questions")}
    left = [Left(**each) for each in kept["left"]]
    measures = [Measure(**each) for each in kept["measures"]]
    return Compared(Plan(**plan), kept["servers"], left, measures)


def _grown(kept: dict[str, Any]) -> Grown:
    plan = dict(kept["plan"], sizes=tuple(kept["plan"]["sizes"]))
    return Grown(GrowthPlan(**plan), [Measure(**each) for each in kept["measures"]])


def _remembered(kept: dict[str, Any]) -> Remembered:
    plan = dict(kept["plan"], scale=Scale(**kept["plan"]["scale"]))
    return Remembered(MemoryPlan(**plan), [Sample(**each) for each in kept["samples"]])


def _checked(kept: dict[str, Any]) -> Checked:
    return Checked(TokenPlan(**kept["plan"]), [Check(**each) for each in kept["checks"]])


def _together(kept: dict[str, Any]) -> Together:
    return Together(
        HubsPlan(**kept["plan"]),
        FirstMirror(**kept["mirror"]),
        Bare(**kept["bare"]),
        Idle(**kept["idle"]),
        kept["delays"],
    )


_READ: dict[str, Callable[[dict[str, Any]], Done]] = {
    "compare": _compared,
    "growth": _grown,
    "memory": _remembered,
    "tokens": _checked,
    "hubs": _together,
}
