"""Somebody at a terminal, on a hub whose tables are there and which holds nothing."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.tables import audit_entries
from web.commands import main


@dataclass
class Terminal:
    url: str
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[object, str, str]:
        """Its exit code, and what it printed where."""
        self.capture.readouterr()
        with pytest.raises(SystemExit) as leaving:
            main(arguments)
        out, err = self.capture.readouterr()
        return leaving.value.code, out, err

    def done(self, *arguments: str) -> str:
        code, out, err = self.run(*arguments)
        assert (code, err) == (0, "")
        return out

    def json(self, *arguments: str) -> Any:
        return json.loads(self.done(*arguments, "--json"))

    def audit(self) -> list[tuple[str, str]]:
        """Each action with who did it, the first one first."""

        async def entries() -> list[tuple[str, str]]:
            database = Database(self.url)
            async with database.reading() as db:
                found = await db.execute(
                    select(audit_entries.c.action, audit_entries.c.client_id).order_by(
                        audit_entries.c.at, audit_entries.c.id
                    )
                )
                rows = [(row.action, row.client_id) for row in found]
            await database.close()
            return rows

        return asyncio.run(entries())


@pytest.fixture
def terminal(
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CONVOKE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal(database_url, capsys)


@pytest.fixture
def town(terminal: Terminal) -> Terminal:
    """With the pantry, the shelter and the library."""
    for slug, name in (("pantry", "Pantry"), ("shelter", "Shelter"), ("library", "Library")):
        terminal.done("organization", "create", slug, "--name", name, "--time-zone", "UTC")
    return terminal
