"""The tree as the tests of this folder look at it: which files are ours, and what they say."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# From the outside in: a folder imports only from those that come after it.
PACKAGES = ("web", "federation", "schema", "resolvers", "auth", "languages", "storage", "domain")
MIGRATIONS = Path("storage/migrations")
MADE = {".venv", ".convoke", "__pycache__", "node_modules", ".git"}


@dataclass(frozen=True, slots=True)
class Module:
    """One of our own Python files; `path` is relative to the root."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.path.parts[0]

    def imported(self) -> set[str]:
        """Every module named by an import, also by one inside a function."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.Import(names=names):
                    found |= {name.name for name in names}
                case ast.ImportFrom(module=str(module), level=0):
                    found.add(module)
                case _:
                    continue
        return found

    def read_names(self) -> set[str]:
        """What is read off imported modules, in full: `os.environ`, `datetime.datetime.now`."""
        known: dict[str, str] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.Import(names=names):
                    for name in names:  # `import a.b` makes `a` known, `import a.b as c` makes c
                        first = name.name.split(".")[0]
                        known[name.asname or first] = name.name if name.asname else first
                case ast.ImportFrom(module=str(module), names=names, level=0):
                    known |= {name.asname or name.name: f"{module}.{name.name}" for name in names}
                case _:
                    continue
        dotted = {_dotted(node) for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}
        whole = {
            ".".join([known[first], *rest])
            for first, *rest in (name.split(".") for name in dotted if name)
            if first in known
        }
        return whole | set(known.values())


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute of a plain name; "" of anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


@cache
def modules() -> tuple[Module, ...]:
    """The modules of the service; not the tests."""
    return tuple(module for package in PACKAGES for module in modules_under(ROOT, package))


def modules_under(root: Path, folder: str) -> Iterator[Module]:
    for path in sorted((root / folder).rglob("*.py")):
        text = path.read_text("utf-8")
        yield Module(path.relative_to(root), text, ast.parse(text))


@cache
def kept_files() -> tuple[Path, ...]:
    """Every file that is or would be committed, relative to the root.

    Asked of git; a tree that came as an archive has none, and then holds nothing else.
    """
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        names = [Path(name) for name in listed.split("\0") if name]
    else:
        every = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        names = [path for path in every if not MADE & set(path.parts)]
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def copied(to: Path) -> Path:
    """A copy of the service's folders and of the checks' configuration, to do wrong in."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, to / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", to)
    return to
