"""Things of several types in a plan: what an interface or a union turns out to be, row by row.

A part of `schema.planning`, which reads all other fields.
"""

from typing import TYPE_CHECKING

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    is_abstract_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from sqlalchemy import Text, func

from resolvers.reading.answers import TROUBLE, Constant, One, OneOf, Part
from resolvers.reading.sources import SOURCES, by_id
from schema.holes import NotPlanned, Path

if TYPE_CHECKING:
    from schema.planning import Planner


class Kinds:
    """Plans what is of several types for a planner."""

    def __init__(self, planner: "Planner") -> None:
        self.planner = planner

    def one_of(
        self,
        kind: GraphQLNamedType,
        details: FieldDetailsList,
        path: Path,
        type_names: frozenset[str],
    ) -> OneOf:
        """What a row of `type_name` and `id` names."""
        if not is_abstract_type(kind):
            raise NotPlanned(kind)
        possible = self.planner.schema.get_possible_types(kind)
        return OneOf(
            lambda row: row.c.type_name,
            {
                each.name: self._named(each, details, path, "id", required=False)
                for each in possible
                if each.name in type_names
            },
        )

    def named_by(
        self,
        key: str,
        type_names: tuple[str, ...],
        field: GraphQLField,
        details: FieldDetailsList,
        path: Path,
    ) -> Part:
        """What a column names: how its id begins says of which type that is."""
        required = is_non_null_type(field.type)
        possible = (self.planner.schema.type_map[name] for name in type_names)
        return OneOf(
            lambda row: func.split_part(row.c[key], "_", 1, type_=Text),
            {
                SOURCES[each.name].kind.value: self._named(
                    each, details, path, key, required=required
                )
                for each in possible
            },
        )

    def _named(
        self,
        kind: GraphQLObjectType,
        details: FieldDetailsList,
        path: Path,
        key: str,
        *,
        required: bool,
    ) -> Part:
        planner, found = self.planner, by_id(kind.name)
        eyes = planner.eyes
        if planner.contract.needs.of_type(kind.name).met_by(planner.viewer):
            part: Part = planner.object_of_kind(kind, details, path)
        else:
            part = Constant(TROUBLE)  # it is there, and refused: graphql-core says so
        return One(lambda row: found(eyes, row.c[key]), part, required=required)
