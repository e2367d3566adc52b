"""The command line: `./convoke COMMAND`. Each module beside this one is a command, found by name.

Only the command asked for is imported, so that the rest cost nothing: what the overview says of
a module is read from its text. A command module has a docstring (its first line is what the
overview prints), `GROUP` (one of `GROUPS`), and `app`, a Typer. Modules whose name begins with _
are shared by commands: `_hub.py` opens the database, `_output.py` prints.
"""

import ast
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import IntEnum
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from domain.errors import Problem

HERE = Path(__file__).parent
GROUPS = ("Run a hub", "Look after it", "Use it", "Work on Convoke")


class Exit(IntEnum):
    """What a command's exit code means; `MEANINGS` says it in words."""

    OK = 0
    FAILED = 1
    USAGE = 2
    SCHEMA = 3
    DATA = 4
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "done",
    Exit.FAILED: "it failed, or a problem was found",
    Exit.USAGE: "wrong usage, or a setting that cannot be used",
    Exit.SCHEMA: "the database's tables are not those of this Convoke: ./convoke migrate",
    Exit.DATA: "the data directory or the database cannot be used",
    Exit.INTERRUPTED: "interrupted (Ctrl-C)",
}
CODES = {"DATA_DIRECTORY": Exit.DATA, "SCHEMA": Exit.SCHEMA, "SETTING": Exit.USAGE}


@dataclass(frozen=True, slots=True)
class Listed:
    """What the overview says of a command, without importing it, and which module it is."""

    name: str
    module: str
    group: str
    line: str


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if not given or given[0] in {"-h", "--help", "help"}:
            code = explain(given[1:])
        else:
            code = run(given[0], given[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # `./convoke sdl | head`: the reader has seen enough. docs.python.org, "Note on SIGPIPE".
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.FAILED
    sys.exit(code)


def run(name: str, arguments: Sequence[str]) -> int:
    known = {command.name: command.module for command in commands()}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else "./convoke lists all that there are."
        return refuse(f"there is no command {name}. {hint}", Exit.USAGE)
    if name == "test":  # done by the launcher; here when somebody runs `python . test`
        return refuse("run it as ./convoke test", Exit.USAGE)
    module = import_module(f"web.commands.{known[name]}")
    try:
        module.app(args=list(arguments), prog_name=f"./convoke {name}")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else Exit.OK
    except Problem as problem:
        return refuse(problem.message, CODES.get(problem.code, Exit.FAILED))
    return Exit.OK


def refuse(message: str, code: Exit) -> Exit:
    sys.stderr.write(f"convoke: {message}\n")
    return code


def explain(arguments: Sequence[str]) -> int:
    """`./convoke`, `./convoke --help`, `./convoke help COMMAND`."""
    if arguments:
        return run(arguments[0], ["--help"])
    listed = commands()
    width = max(len(command.name) for command in listed)
    strong, faint, plain = ("\033[1m", "\033[2m", "\033[0m") if in_color() else ("", "", "")
    lines = [
        f"{strong}Convoke{plain}: groups, events and alliances, shared by consent between hubs.",
        "",
        "Usage: ./convoke COMMAND [OPTIONS]",
    ]
    for group in GROUPS:
        within = [command for command in listed if command.group == group]
        if within:
            lines += ["", f"{strong}{group}{plain}"]
            lines += [row(c.name, width, c.line, strong, plain) for c in within]
    lines += ["", f"{strong}Exit codes{plain}"]
    lines += [row(f"{code:d}", width, says, faint, plain) for code, says in MEANINGS.items()]
    lines += ["", "Options and an example of each: ./convoke COMMAND --help"]
    print("\n".join(lines))
    return Exit.OK


def row(name: str, width: int, says: str, style: str, plain: str) -> str:
    """A name, and what is said of it beside it, in as many lines as the terminal needs."""
    margin = " " * (width + 4)
    return f"  {style}{name:{width}}{plain}  {fitted(says, margin)}"


def fitted(says: str, margin: str) -> str:
    """Broken between words on a terminal, and beginning after the margin; whole elsewhere."""
    if not sys.stdout.isatty():
        return says
    room = max(20, shutil.get_terminal_size().columns - len(margin))
    return f"\n{margin}".join(textwrap.wrap(says, room, break_long_words=False))


def in_color() -> bool:
    return sys.stdout.isatty()


def commands() -> list[Listed]:
    found = [read(path) for path in sorted(HERE.glob("[!_]*.py"))]
    checks = Listed("test", "", GROUPS[-1], "Run every check: linters, types, imports and tests.")
    return sorted([*found, checks], key=lambda command: (command.group, command.name))


def read(path: Path) -> Listed:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    line = (ast.get_docstring(tree) or "").partition("\n")[0]
    group = ""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="GROUP")], value=ast.Constant(value=str(text))):
                group = text
            case _:
                continue
    if group not in GROUPS or not line:
        raise RuntimeError(f"{path.name}: a command has a docstring, and a GROUP of {GROUPS}")
    # A word that Python keeps for itself has its underscore after it: import_.py is `import`.
    return Listed(path.stem.rstrip("_").replace("_", "-"), path.stem, group, line)
