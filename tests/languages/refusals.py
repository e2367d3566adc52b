"""The problems that the tree raises, as they are written: whether their words can be translated."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.util import pathmatch

from tests.languages.texts import LAYERS, ROOT, mapping

# Raised where an operator or a program reads them, in English.
OF_OPERATORS = {
    *("BackupProblem", "DataDirectoryProblem", "MigrationProblem", "SecretProblem"),
    *("AddressTaken", "SettingProblem", "HubMismatch", "UnknownKey"),
    # What hubs say to one another, or a log is told of another hub.
    *("PeerRefused", "Unreachable", "ChannelClosed", "Resync", "NoPlace"),
}
# Of these the words are the second that is given.
_SECOND = {"FetchProblem"}
# Within a problem of its own kind. No name is there to look for, so that `say` has to mark its words.
_SUPER = "super().__init__"


@dataclass(frozen=True, slots=True)
class Raised:
    """One call that makes a problem, or a sentence."""

    name: str
    line: int
    is_written_out: bool


def sources() -> list[Path]:
    """The files in which the texts of people are looked for."""
    found = (path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py")))
    return [path for path in found if _method_of(path) == "python"]


def _method_of(path: Path) -> str | None:
    name = path.relative_to(ROOT).as_posix()
    patterns, _ = mapping()
    return next((method for pattern, method in patterns if pathmatch(pattern, name)), None)


@cache
def problems() -> frozenset[str]:
    """The names of `domain.errors.Problem` and whatever is made from it, in any file."""
    bases: dict[str, set[str]] = {}
    for layer in LAYERS:
        for path in (ROOT / layer).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases.setdefault(node.name, set()).update(map(_name, node.bases))
    found = {"Problem"}
    while more := {name for name, its in bases.items() if its & found} - found:
        found |= more
    return frozenset(found)


def raised(path: Path) -> Iterator[Raised]:
    for name, call, words in _calls(ast.parse(path.read_text("utf-8"))):
        if name != _SUPER:
            yield Raised(name, call.lineno, _is_text(words))


def unsayable(source: str) -> list[Raised]:
    """Those whose words are put together where they are raised, so that no catalogue can have them."""
    tree = ast.parse(source)
    return [
        Raised(name, call.lineno, False)
        for name, call, words in _calls(tree)
        if _is_put_together(words)
        or (name == "say" and not _is_text(words))
        or (name == _SUPER and _is_text(words))
    ]


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call, ast.expr]]:
    wanted = problems() - OF_OPERATORS
    has_say = any(
        isinstance(node, ast.ImportFrom) and node.module == "domain.words"
        for node in ast.walk(tree)
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in wanted:
            inner = (each for each in ast.walk(node) if isinstance(each, ast.Call))
            yield from ((_SUPER, each, each.args[0]) for each in inner if _is_of_super(each))
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        which = 1 if name in _SECOND else 0
        is_said = isinstance(node.func, ast.Name) and name == "say" and has_say
        if (name in wanted or is_said) and len(node.args) > which:
            yield name, node, node.args[which]


def _is_of_super(call: ast.Call) -> bool:
    made = call.func
    return bool(call.args) and (
        isinstance(made, ast.Attribute)
        and made.attr == "__init__"
        and isinstance(made.value, ast.Call)
        and _name(made.value.func) == "super"
    )


def _name(of: ast.expr) -> str:
    if isinstance(of, ast.Attribute):
        return of.attr
    return of.id if isinstance(of, ast.Name) else ""


def _is_text(words: ast.expr) -> bool:
    return isinstance(words, ast.Constant) and isinstance(words.value, str)


def _is_put_together(words: ast.expr) -> bool:
    is_format = isinstance(words, ast.Call) and _name(words.func) in ("format", "join")
    return is_format or isinstance(words, ast.JoinedStr | ast.BinOp)
