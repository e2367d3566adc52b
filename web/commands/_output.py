"""How commands print: data as JSON where it is asked for, and otherwise for people."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

log = logging.getLogger("convoke")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def print_json(data: Mapping[str, Any] | Sequence[Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))


def tell(said: str, *, in_log: bool) -> None:
    """On the terminal; or in the log, where everything else is told (CONVOKE_LOG=json)."""
    if in_log:
        log.info("%s", said)
    else:
        print(said, flush=True)


def console() -> Console:
    """Plain text where the output is not a terminal; words are never taken for markup."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def command(name: str) -> typer.Typer:
    """The Typer of a command module: no completion scripts, and errors shown by the frame."""
    return typer.Typer(
        name=name,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
