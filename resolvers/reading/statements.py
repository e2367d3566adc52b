"""A statement as text, for PostgreSQL to keep: what changes are parameters, the rest stands in it.

SQLAlchemy would make a parameter of each word of ours, too ("PUBLISHED"): PostgreSQL could not use
an index made for it, and would be sent it each time.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Executable, Text, case, literal_column, select
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, dialect

from resolvers.reading.answers import Part, told
from storage import standings


@dataclass(frozen=True, slots=True)
class Statement:
    """`names` are those of the values of $1, $2 and so on."""

    text: str
    names: tuple[str, ...]


class _Compiler(PGCompiler_asyncpg):
    """Writes what we said ourselves into the statement."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **how: Any) -> str:
        if not bindparam.required:
            how["literal_binds"] = True
        written: str = super().visit_bindparam(bindparam, *args, **how)  # type: ignore[no-untyped-call]
        return written


_DIALECT = dialect()  # type: ignore[no-untyped-call]
_DIALECT.statement_compiler = _Compiler


def of_answer(part: Part, *, presumed: bool) -> Statement:
    """The statement that gives the part as JSON. Where the viewer is presumed to be who a token
    says, it gives nothing unless the token still counts, in the same look at the database."""
    answer = told(part)
    if presumed:
        answer = case((standings.stands(), answer), else_=literal_column("''", Text))
    return compiled(select(answer.label("answer")))


def compiled(statement: Executable) -> Statement:
    made = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
    names: tuple[str, ...] = tuple(made.positiontup or ())
    return Statement(str(made), names)
