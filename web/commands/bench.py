"""Measure this service beside others and against the limit, and write docs/performance.md.

Look next at `bench/`, where all of it is done: in a process of its own, for the service knows
nothing of it.
"""

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from web.commands._output import command
from web.settings import TREE

GROUP = "Work on Convoke"
app = command("bench")


class What(StrEnum):
    """What is measured."""

    COMPARE = "compare"
    GROWTH = "growth"
    MEMORY = "memory"
    TOKENS = "tokens"
    HUBS = "hubs"
    ALL = "all"


@app.command(epilog="Example: [bold]./convoke bench --quick[/] for a first look.")
def bench(
    what: Annotated[
        What,
        typer.Argument(
            help="compare: beside other servers. growth: from a thousand events to a million. "
            "memory: over many requests. tokens: a token checked. hubs: a first mirror, a change seen "
            "elsewhere, idle peers. all: these five."
        ),
    ] = What.COMPARE,
    quick: Annotated[
        bool, typer.Option("--quick", help="Less data, fewer rounds: for a first look.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option("--only", help="Questions to compare: q1,q2,q3.", show_default=False),
    ] = None,
    servers: Annotated[
        str | None,
        typer.Option("--servers", help="Servers to compare with, by name.", show_default=False),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds", min=0.1, max=60, help="For each visit of a cell.", show_default=False
        ),
    ] = None,
    rounds: Annotated[
        int | None, typer.Option("--rounds", min=1, max=100, show_default=False)
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="The directory of its database. Where it is not given: .convoke/bench beside "
            "./convoke. It may be deleted at any time.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            help="The file to write. Where it is not given: docs/performance.md.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Measures on a database of its own, which it makes at the first run.

    The service is started as ./convoke serve starts it, each server gets one
    processor where there are two, and all are asked in turn. The answers are
    compared before anything is measured. The peers in Node.js come by npm at
    the first run; where that cannot be, they are left out, and the report says
    so. compare takes under fifteen minutes, with --quick under three.
    """
    asked = {
        "what": what.value,
        "quick": quick,
        "questions": [each for each in (only or "").split(",") if each],
        "servers": [each for each in (servers or "").split(",") if each],
        "seconds": seconds,
        "rounds": rounds,
        "data": str((data or TREE / ".convoke" / "bench").absolute()),
        "report": str((report or TREE / "docs" / "performance.md").absolute()),
    }
    words = [sys.executable, "-m", "bench", json.dumps(asked)]
    os.chdir(TREE)  # which the module is found in
    os.execv(words[0], words)  # noqa: S606 - our own program, which hears Ctrl-C and SIGTERM itself
