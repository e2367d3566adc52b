"""Imports point down, and the tool that says so is seen to catch one that does not."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.tree.files import MIGRATIONS, PACKAGES, ROOT, copied, modules

LINT = "from importlinter.cli import lint_imports_command as run; run()"
CONFIGURED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
HTTP_CLIENTS = {"httpx", "httpcore", "requests", "urllib3", "aiohttp"}
# Each breaks one contract; together they break every one there is.
WRONG = {
    "domain/errors.py": "import storage.engine",
    "domain/geo.py": "import sqlalchemy",
    "storage/engine.py": "import auth.scopes",
    "languages/names.py": "import domain.errors",
    "auth/scopes.py": "import resolvers.context",
    "resolvers/audit.py": "import starlette.requests",
    "schema/codes.py": "import storage.tables",
    "federation/ics.py": "import web.settings",
    "web/media.py": "import httpx",
}


def linted(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT], cwd=tree, capture_output=True, text=True, check=False
    )


def test_every_import_points_down() -> None:
    done = linted(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_import_is_caught_by_the_contract_that_forbids_it(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    for name, line in WRONG.items():
        file = tree / name
        file.write_text(f"{file.read_text('utf-8')}\n{line}\n", "utf-8")

    done = linted(tree)

    assert done.returncode == 1, done.stderr
    told = " ".join(done.stdout.split())
    for contract in CONFIGURED["contracts"]:
        assert f"{' '.join(contract['name'].split())} BROKEN" in told
    for name, line in WRONG.items():
        importer = name.removesuffix(".py").replace("/", ".")
        imported = line.split()[1]
        if imported.split(".")[0] not in PACKAGES:
            imported = imported.split(".")[0]  # of a library, only its name is told
        assert f"{importer} -> {imported}" in told, f"{name}: {line}"


def test_the_contracts_cover_every_folder_of_ours() -> None:
    holding_code = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert holding_code == set(PACKAGES)
    assert CONFIGURED["root_packages"] == list(PACKAGES)
    layers = [each for each in CONFIGURED["contracts"] if each["type"] == "layers"]
    assert [each["layers"] for each in layers] == [list(PACKAGES)]


def test_no_folder_is_hidden_from_the_contracts() -> None:
    """import-linter does not look into a folder without __init__.py."""
    folders = {module.path.parent for module in modules()}
    hidden = {folder for folder in folders if not (ROOT / folder / "__init__.py").exists()}
    # Alembic runs the migrations by their file names. They are looked at here instead.
    assert hidden <= {MIGRATIONS, MIGRATIONS / "versions"}
    for module in modules():
        if module.path.is_relative_to(MIGRATIONS):
            outside = {name.split(".")[0] for name in module.imported()} & set(PACKAGES)
            assert outside <= {"storage", "domain"}, module.path


def test_only_the_one_door_out_knows_an_http_client() -> None:
    knowing = {
        str(module.path)
        for module in modules()
        if {name.split(".")[0] for name in module.imported()} & HTTP_CLIENTS
    }
    assert knowing <= {"federation/client.py"}
