"""The changes of a channel in a plan: each as the thing it is now, or as gone.

A part of `schema.planning`, which reads all other fields.
"""

from typing import TYPE_CHECKING

from graphql import GraphQLField, GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FieldDetailsList

from resolvers.reading.answers import TROUBLE, Constant, Edges, Object, One, OnPage, Part, Value
from resolvers.reading.changes import (
    TYPES,
    Change,
    Changes,
    ChangesPart,
    ChangesWanted,
    PlaceInChanges,
    reason_of,
)
from resolvers.reading.json_text import quoted
from resolvers.reading.sources import by_id
from schema import readings
from schema.forms import form_of
from schema.holes import EACH, NotPlanned, Path
from schema.questions import Question
from schema.readings import object_of

if TYPE_CHECKING:
    from schema.planning import Planner


class PlannedChanges:
    """Plans the feed for a planner."""

    def __init__(self, planner: "Planner") -> None:
        self.planner = planner

    def feed(
        self,
        reading: readings.Feed,
        field: GraphQLField,
        details: FieldDetailsList,
        path: Path,
    ) -> Part:
        planner = self.planner
        arguments = planner.arguments_of(field, details[0].node)
        question = planner.questions.ask(
            Question.of_arguments(arguments, reading.asking), planner.variables, planner.viewer
        )
        (asked,) = question.parameters
        connection = object_of(field.type)
        selected = planner.selected(connection, details)
        return Changes(
            planner.eyes,
            asked,
            tuple(
                (key, self._of_page(connection, each, (*path, key), asked))
                for key, each in selected.items()
            ),
        )

    def _of_page(
        self,
        connection: GraphQLObjectType,
        details: FieldDetailsList,
        path: Path,
        asked: ChangesWanted,
    ) -> ChangesPart:
        match details[0].node.name.value:
            case "edges":
                edge = object_of(connection.fields["edges"].type)
                return Edges(self._edge(edge, details, (*path, EACH)))
            case "pageInfo":
                places = self.planner.pages.page_info(connection, details)
                return PlaceInChanges(places, asked.after is not None)
        return OnPage(Constant(quoted(connection.name)))

    def _edge(
        self, edge: GraphQLObjectType, details: FieldDetailsList, path: Path
    ) -> tuple[tuple[str, Part | None], ...]:
        members: list[tuple[str, Part | None]] = []
        for key, each in self.planner.selected(edge, details).items():
            name = each[0].node.name.value
            match name:
                case "cursor":
                    members.append((key, None))
                case "node":
                    members.append((key, self._change(each, (*path, key))))
                case "at":
                    form = form_of(edge.fields[name].type)
                    members.append((key, Value(lambda row: row.c.at, form, nullable=False)))
                case _:
                    members.append((key, Constant(quoted(edge.name))))
        return tuple(members)

    def _change(self, details: FieldDetailsList, path: Path) -> Change:
        return Change(
            {
                table: self._upserted(self._type(type_name), details, path)
                for table, type_name in TYPES.items()
            },
            self._removed(details),
        )

    def _type(self, name: str) -> GraphQLObjectType:
        found = self.planner.schema.type_map[name]
        if not isinstance(found, GraphQLObjectType):
            raise NotPlanned(name)
        return found

    def _upserted(self, kind: GraphQLObjectType, details: FieldDetailsList, path: Path) -> Part:
        planner, found, upserted = self.planner, by_id(kind.name), self._type("Upserted")
        is_met = planner.contract.needs.of_type(kind.name).met_by(planner.viewer)
        members: list[tuple[str, Part]] = []
        for key, each in planner.selected(upserted, details).items():
            if each[0].node.name.value == "__typename":
                members.append((key, Constant(quoted(upserted.name))))
            elif is_met:
                members.append((key, planner.object_of_kind(kind, each, (*path, key))))
            else:
                members.append((key, Constant(TROUBLE)))  # graphql-core says that it is refused
        eyes = planner.eyes
        return One(lambda row: found(eyes, row.c.thing_id), Object(tuple(members)), required=False)

    def _removed(self, details: FieldDetailsList) -> Object:
        removed = self._type("Removed")
        of = {"id": lambda row: row.c.thing_id, "reason": reason_of}
        members: list[tuple[str, Part]] = []
        for key, each in self.planner.selected(removed, details).items():
            name = each[0].node.name.value
            if name in of:
                form = form_of(get_named_type(removed.fields[name].type))
                members.append((key, Value(of[name], form, nullable=False)))
            else:
                members.append((key, Constant(quoted(removed.name))))
        return Object(tuple(members))
