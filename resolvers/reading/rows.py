"""Rows of a subquery, of which only those columns are selected that somebody asks for.

What a field needs is known only when the whole answer has been put together. So the columns are
written down as they are asked for, and the subquery is made when the statement is: it stays short,
for us to read and for PostgreSQL to keep.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, Select, TableClause, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import _anonymous_label

Made = Callable[[list[str]], Select[Any]]  # the subquery with these columns


class AskedColumns:
    """The columns by name, each made when it is first asked for."""

    def __init__(self, rows: "Rows", given: Mapping[str, ColumnElement[Any]]) -> None:
        self._rows = rows
        self._given = given
        self.asked: dict[str, ColumnClause[Any]] = {}

    def __getitem__(self, name: str) -> ColumnClause[Any]:
        found = self.asked.get(name)
        if found is None:
            kind = self._given[name].type
            found = self.asked[name] = ColumnClause(name, kind, _selectable=self._rows)
        return found

    def __getattr__(self, name: str) -> ColumnClause[Any]:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def __iter__(self) -> Iterator[ColumnClause[Any]]:
        return iter(self.asked.values())


class Rows(TableClause):
    """A subquery's rows, named `row_1`, `row_2` and so on as they stand in the statement."""

    def __init__(self, given: Mapping[str, ColumnElement[Any]], made: Made) -> None:
        super().__init__(_anonymous_label.safe_construct(id(self), "row"))
        self.made = made
        self.asked = AskedColumns(self, given)

    @property
    def c(self) -> Any:
        return self.asked


def rows_of(found: Select[Any]) -> Rows:
    given = _by_name(found)

    def made(names: list[str]) -> Select[Any]:
        return found.with_only_columns(*(given[name] for name in names), maintain_column_froms=True)

    return Rows(given, made)


def numbered(found: Select[Any]) -> Rows:
    """The rows in their order, each with its position from 1, and the last one's."""
    inner = rows_of(found)
    places = {
        "position": func.row_number().over().label("position"),
        "last_position": func.count().over().label("last_position"),
    }

    def made(names: list[str]) -> Select[Any]:
        shown: list[ColumnElement[Any]] = [
            places[name] if name in places else inner.c[name] for name in names
        ]
        return select(*shown).select_from(inner)

    return Rows({**_by_name(found), **places}, made)


def _by_name(found: Select[Any]) -> dict[str, ColumnElement[Any]]:
    return {column.key: column for column in found.selected_columns if column.key is not None}


@compiles(Rows)
def _written(rows: Rows, compiler: SQLCompiler, asfrom: bool = False, **how: Any) -> str:
    subquery = rows.made(list(rows.asked.asked)).alias(rows.name)
    return str(compiler.process(subquery, asfrom=asfrom, **how))
