"""The statements of the ten main queries, as they lie in `statements/` for a person to read."""

import re

import pytest

from storage.engine import Database
from tests.plans.documents import QUERIES, STATEMENTS, plan_of, written
from tests.plans.laying_out import laid_out

each_query = pytest.mark.parametrize("name", QUERIES)


def squeezed(sql: str) -> str:
    """Without white space, but for what stands in quotes."""
    return "".join(re.findall(r"'(?:[^']|'')*'|[^\s']+", sql))


@each_query
def test_the_statement_is_the_one_that_was_read(name: str) -> None:
    """Where it should differ: `python -m tests.plans.documents`, and read the difference."""
    assert written(QUERIES[name]) == (STATEMENTS / f"{name}.sql").read_text("utf-8")


def test_every_statement_that_lies_there_is_of_a_query() -> None:
    assert {path.stem for path in STATEMENTS.iterdir()} == set(QUERIES)


@each_query
async def test_postgresql_takes_what_is_written_there(name: str, resting: Database) -> None:
    plan = plan_of(QUERIES[name])
    text = (STATEMENTS / f"{name}.sql").read_text("utf-8")
    async with resting.reading() as db:
        raw = (await db.get_raw_connection()).driver_connection
        assert raw is not None
        prepared = await raw.prepare(text)
    assert len(prepared.get_parameters()) == len(plan.statement.names)
    assert [(column.name, column.type.name) for column in prepared.get_attributes()] == [
        ("answer", "text")
    ]


@each_query
def test_laying_it_out_changes_white_space_alone(name: str) -> None:
    statement = plan_of(QUERIES[name]).statement.text
    assert squeezed(laid_out(statement)) == squeezed(statement)


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ("SELECT 'a  (b)'  AS x", ["SELECT 'a  (b)' AS x"]),
        ("SELECT 'it''s, (so' FROM t", ["SELECT 'it''s, (so'", "FROM t"]),
        ("SELECT a IS DISTINCT FROM b FROM t", ["SELECT a IS DISTINCT FROM b", "FROM t"]),
        (
            "SELECT f((SELECT 1), 'x')",
            ["SELECT f(", "  (", "    SELECT 1", "  ),", "  'x'", ")"],
        ),
    ],
)
def test_a_statement_is_cut_at_its_clauses_and_never_within_quotes(
    given: str, lines: list[str]
) -> None:
    assert laid_out(given).splitlines() == lines


def test_a_longer_list_has_a_line_for_each() -> None:
    told = laid_out(
        "SELECT the_first_column_of_all, the_second_column_of_all, the_third_column_of_all, the_fourth_column_of_all"
        " FROM t WHERE the_first_column_of_all AND the_second_column_of_all AND NOT (the_fourth_column_of_all = 'x')"
        " AND the_third_column_of_all"
    )
    assert told.splitlines() == [
        "SELECT",
        "  the_first_column_of_all,",
        "  the_second_column_of_all,",
        "  the_third_column_of_all,",
        "  the_fourth_column_of_all",
        "FROM t",
        "WHERE",
        "  the_first_column_of_all",
        "  AND the_second_column_of_all",
        "  AND NOT (the_fourth_column_of_all = 'x')",
        "  AND the_third_column_of_all",
    ]
