"""The databases of simulated hubs: each is kept as it is at some moment, and put back."""

from dataclasses import dataclass

from storage.all_tables import metadata
from tests.simulation.lines import Servers

BEGINNING = "as_it_was"  # what every schedule begins with
BACKUP = "backup"  # what somebody restores
_NAMES = [table.name for table in metadata.sorted_tables]


@dataclass(frozen=True)
class Ground:
    """Nobody works with it meanwhile."""

    servers: Servers
    database: str

    def prepare(self) -> None:
        for schema in (BEGINNING, BACKUP):
            self._ask(f"create schema {schema}")
            for name in _NAMES:
                self._ask(f"create table {schema}.{name} as table {name}")
        self._ask("analyze")
        # Planned once for all values, and not for each anew: rows are few, and statements long.
        self._ask(f"alter database {self.database} set plan_cache_mode = force_generic_plan")

    def keep(self, schema: str) -> None:
        self._replace([(f"{schema}.{name}", name) for name in _NAMES])

    def put_back(self, schema: str) -> None:
        """Every row, and no other: without the triggers, which have kept what is there. The tables
        are empty in between, so that the rows lie as they lay, and are met in the same order."""
        self._replace([(name, f"{schema}.{name}") for name in _NAMES])

    def _replace(self, pairs: list[tuple[str, str]]) -> None:
        emptying = "; ".join(f"delete from {target}" for target, _ in pairs)  # noqa: S608 - ours
        filling = "; ".join(
            f"insert into {target} overriding system value table {source}"
            for target, source in pairs
        )
        silently = "begin; set local session_replication_role = replica; "
        self._ask(f"{silently}{emptying}; commit")
        self._ask(f"vacuum (analyze off, truncate) {', '.join(target for target, _ in pairs)}")
        self._ask(f"{silently}{filling}; commit")

    def _ask(self, question: str) -> None:
        self.servers.beside(self.database).ask(question.encode())
