"""The pages of a plan: what a connection selects of a list, of its rows and of its place in it.

A part of `schema.planning`, which reads all other fields.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from sqlalchemy import FromClause

from resolvers.reading.answers import (
    Connection,
    Constant,
    Edges,
    Nodes,
    OnPage,
    PageInfo,
    PagePart,
    Part,
    TotalCount,
)
from resolvers.reading.json_text import quoted
from resolvers.reading.listing import Listing
from resolvers.reading.sources import SOURCES
from schema import readings
from schema.holes import EACH, NotPlanned, Path
from schema.questions import Question
from schema.readings import object_of

if TYPE_CHECKING:
    from schema.planning import Planner


class Pages:
    """Plans connections for a planner."""

    def __init__(self, planner: "Planner") -> None:
        self.planner = planner

    def page(
        self,
        reading: readings.Page,
        kind: GraphQLObjectType,
        field: GraphQLField,
        details: FieldDetailsList,
        path: Path,
    ) -> Part:
        example = SOURCES[kind.name].table.alias() if kind.name in SOURCES else None
        eyes, listing_of = self.planner.eyes, reading.listing_of

        def listing(row: FromClause | None, parameters: tuple[Any, ...]) -> Listing:
            if row is None:
                return listing_of(eyes, *parameters)
            return listing_of(eyes, row, *parameters)

        question = self.planner.questions.ask(
            Question.of_page(
                self.planner.arguments_of(field, details[0].node),
                reading,
                lambda parameters: listing(example, parameters),
            ),
            self.planner.variables,
            self.planner.viewer,
        )
        page = question.page
        if page is None:
            raise NotPlanned(field)
        connection = object_of(field.type)
        type_names = next(
            (each for each in question.parameters if isinstance(each, frozenset)), None
        )
        return Connection(
            lambda row: listing(row, question.parameters),
            page,
            tuple(
                (key, self._of_page(connection, each, (*path, key), type_names))
                for key, each in self.planner.selected(connection, details).items()
            ),
        )

    def _of_page(
        self,
        connection: GraphQLObjectType,
        details: FieldDetailsList,
        path: Path,
        type_names: frozenset[str] | None,
    ) -> PagePart:
        name = details[0].node.name.value
        match name:
            case "nodes":
                item = get_named_type(connection.fields["nodes"].type)
                return Nodes(self._item(item, details, (*path, EACH), type_names))
            case "edges":
                return Edges(self._edge(connection, details, (*path, EACH), type_names))
            case "pageInfo":
                return PageInfo(self.page_info(connection, details))
            case "totalCount":
                return TotalCount()
        return OnPage(self.planner.field(connection, details, path, ""))

    def _edge(
        self,
        connection: GraphQLObjectType,
        details: FieldDetailsList,
        path: Path,
        type_names: frozenset[str] | None,
    ) -> tuple[tuple[str, Part | None], ...]:
        edge = object_of(connection.fields["edges"].type)
        members: list[tuple[str, Part | None]] = []
        for key, each in self.planner.selected(edge, details).items():
            match each[0].node.name.value:
                case "cursor":
                    members.append((key, None))
                case "node":
                    item = get_named_type(edge.fields["node"].type)
                    members.append((key, self._item(item, each, (*path, key), type_names)))
                case _:
                    members.append((key, Constant(quoted(edge.name))))
        return tuple(members)

    def page_info(
        self, connection: GraphQLObjectType, details: FieldDetailsList
    ) -> tuple[tuple[str, str | Constant], ...]:
        kind = object_of(connection.fields["pageInfo"].type)
        names = {
            key: each[0].node.name.value
            for key, each in self.planner.selected(kind, details).items()
        }
        return tuple(
            (key, Constant(quoted(kind.name)) if name == "__typename" else name)
            for key, name in names.items()
        )

    def _item(
        self,
        kind: Any,
        details: FieldDetailsList,
        path: Path,
        type_names: frozenset[str] | None,
    ) -> Part:
        if is_abstract_type(kind):
            return self.planner.kinds.one_of(kind, details, path, type_names or frozenset())
        return self.planner.object(kind, details, path)

    def nothing(self, connection: GraphQLObjectType, details: FieldDetailsList) -> str:
        """A refused list is empty, and how much there is is not told."""
        told = []
        for key, each in self.planner.selected(connection, details).items():
            name = each[0].node.name.value
            if name == "__typename":
                value = quoted(connection.name)
            elif name == "pageInfo":
                value = _empty_page_info(self.page_info(connection, each))
            elif is_list_type(get_nullable_type(connection.fields[name].type)):
                value = "[]"
            else:
                value = "null"
            told.append(f'"{key}":{value}')
        return "{" + ",".join(told) + "}"


_EMPTY: Mapping[str, str] = {
    "hasNextPage": "false",
    "hasPreviousPage": "false",
    "startCursor": "null",
    "endCursor": "null",
}


def _empty_page_info(members: tuple[tuple[str, str | Constant], ...]) -> str:
    told = (
        f'"{key}":{name.json if isinstance(name, Constant) else _EMPTY[name]}'
        for key, name in members
    )
    return "{" + ",".join(told) + "}"
