"""Every command line in the documents is one that Convoke takes, with these options."""

import re
import shlex
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest
import typer.main

from tests.docs.pages import ROOT, Page, page, pages
from web.commands import commands
from web.settings import DOCUMENTED

LAUNCHER = re.compile(r"(?:\.|/opt/convoke)/convoke")
SETTINGS = {setting.name for setting in DOCUMENTED}
KNOWN = {command.name for command in commands()}
MEANT = {"COMMAND"}  # stands for any of them


def calls_in(line: str) -> list[list[str]]:
    """The words after ./convoke, of each call in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    calls: list[list[str]] = []
    for start, word in enumerate(words, start=1):
        if LAUNCHER.fullmatch(word):
            rest = words[start:]
            ends = (number for number, each in enumerate(rest) if set(each) <= set("|&;<>()"))
            calls.append(rest[: next(ends, len(rest))])
    return calls


def try_call(words: Sequence[str]) -> None:
    """Raises what the command itself would say of these words; runs nothing."""
    if not words or words[0] in {"-h", "--help"}:
        return
    name, *arguments = words
    if name == "help":
        name, arguments = arguments[0], []
        assert name in KNOWN | MEANT, f"there is no command {name}"
        return
    assert name in KNOWN | MEANT, f"there is no command {name}"
    if name == "test" or name in MEANT:
        return  # what comes after `test` is pytest's
    module = next(
        path.stem
        for path in (ROOT / "web" / "commands").glob("[!_]*.py")
        if path.stem.strip("_").replace("_", "-") == name
    )
    found: Any = typer.main.get_command(import_module(f"web.commands.{module}").app)
    context = found.make_context(name, list(arguments))
    if hasattr(found, "commands"):
        part, below, rest = found.resolve_command(context, list(arguments))
        below.make_context(part, rest, parent=context)


def told(page: Page) -> list[list[str]]:
    lines = [*page.shell_lines(), *(each for each in page.inline() if LAUNCHER.match(each))]
    return [call for line in lines for call in calls_in(line)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path))
def test_every_command_of_a_page_exists_with_its_options(page: Page) -> None:
    for words in told(page):
        # Named in the middle of a sentence, a command may do without its arguments.
        if len(words) == 1 and words[0] in KNOWN | MEANT:
            continue
        try_call(words)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("./convoke serve --prot 8000", "No such option: --prot"),
        ("./convoke serve --port 99999", "65535"),
        ("./convoke client make", "No such command 'make'"),
        ("cd / && ./convoke client rotate | head", "Missing parameter"),
        ("./convoke sreve", "there is no command sreve"),
    ],
)
def test_a_wrong_command_line_is_noticed(line: str, said: str) -> None:
    (words,) = calls_in(line)
    with pytest.raises(Exception, match=said):
        try_call(words)


def test_every_command_has_an_example_in_the_manual() -> None:
    shown = {
        words[0] for line in page("docs/commands.md").shell_lines() for words in calls_in(line)
    }
    assert shown >= KNOWN, KNOWN - shown


def test_the_readme_begins_with_the_two_commands() -> None:
    assert page("README.md").blocks("sh")[0] == "./convoke demo\n./convoke test\n"


def test_the_unit_runs_commands_and_sets_settings_that_exist() -> None:
    unit = (ROOT / "deploy" / "convoke.service").read_text("utf-8")
    started = re.findall(r"^ExecStart(?:Pre)?=(.*)$", unit, re.MULTILINE)
    assert [call for line in started for call in calls_in(line)] == [["migrate"], ["serve"]]
    set_there = set(re.findall(r"^Environment=([A-Z_]+)=", unit, re.MULTILINE))
    assert set_there - SETTINGS == {"TMPDIR"}
