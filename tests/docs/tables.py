"""The tables of the docs that repeat what the code says, made from the code.

`python -m tests.docs.tables` writes them into docs/; test_tables.py fails where they differ. In a
page, a table stands between `<!-- table: NAME -->` and `<!-- end of table -->`.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from graphql import GraphQLObjectType

from schema.access import Need
from schema.codes import Code
from schema.limits import documented
from schema.root import graphql_schema, needs
from tests.docs.pages import ROOT, pages
from web.commands import GROUPS, MEANINGS, commands
from web.settings import DOCUMENTED, LIMIT

MARKED = re.compile(r"<!-- table: ([a-z-]+) -->\n(.*?)<!-- end of table -->", re.DOTALL)


def settings() -> Iterator[list[str]]:
    yield ["Setting", "Default", "Unit", "What it is"]
    for setting in DOCUMENTED:
        if not setting.name.startswith(LIMIT):
            default = f"`{setting.default}`" if setting.default else "not set"
            yield [f"`{setting.name}`", default, setting.unit, setting.says]


def limits() -> Iterator[list[str]]:
    yield ["Limit", "Default", "Unit", "What it bounds"]
    for limit in documented():
        figure = f"{limit.default:,}" if limit.type is int else f"{limit.default:g}"
        yield [f"`{limit.name}`", figure, limit.metadata["unit"], limit.metadata["says"]]


def codes() -> Iterator[list[str]]:
    yield ["Code", "HTTP status", "What it means"]
    for code in Code:
        yield [f"`{code.value}`", str(code.status), code.says]


def exits() -> Iterator[list[str]]:
    yield ["Exit code", "What it means"]
    for code, says in MEANINGS.items():
        yield [str(int(code)), says]


def fields() -> Iterator[list[str]]:
    yield ["Field", "With a token, it needs", "Without a token"]
    for root in ("Query", "Mutation"):
        kind = graphql_schema._schema.type_map[root]
        if not isinstance(kind, GraphQLObjectType):
            raise TypeError(root)
        for name in kind.fields:
            if not name.startswith("_"):
                need = needs.of_field(root, name)
                said = needed(need)
                yield [f"`{root}.{name}`", said, "nothing" if need.token else "what is public"]


def needed(need: Need) -> str:
    if not need.scopes:
        return "no scope"
    every = (" and ".join(f"`{scope}`" for scope in sorted(some)) for some in need.scopes)
    return " or ".join(sorted(every))


def listed() -> Iterator[list[str]]:
    yield ["Command", "What it is for"]
    known = commands()
    for group in GROUPS:
        for command in known:
            if command.group == group:
                yield [f"`./convoke {command.name}`", command.line]


TABLES: dict[str, Callable[[], Iterable[list[str]]]] = {
    "settings": settings,
    "limits": limits,
    "codes": codes,
    "exits": exits,
    "fields": fields,
    "commands": listed,
}


def drawn(name: str) -> str:
    """The table as Markdown."""
    heading, *rows = TABLES[name]()
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def written(text: str) -> str:
    """The page with each of its tables as the code has it."""
    return MARKED.sub(
        lambda found: f"<!-- table: {found[1]} -->\n{drawn(found[1])}<!-- end of table -->", text
    )


if __name__ == "__main__":
    for page in pages():
        (ROOT / page.path).write_text(written(page.text), "utf-8")
