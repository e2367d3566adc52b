"""From an operation to the one statement that answers it.

The planner walks what an operation selects and, by what each field says of itself
(`schema.readings`), makes the tree of `resolvers.reading.answers`. What a client gives as arguments
is a `Question`: its shape decides how the statement goes on, its values are the statement's
parameters. What no statement can tell is a `Hole` in the answer: a refusal, or a live field;
`schema.completing` fills them. What cannot be planned at all raises `NotPlanned`, and is left to
graphql-core.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from sqlalchemy import ColumnElement, FromClause, Select, Text, bindparam, func, literal_column, or_

from domain.actors import Viewer
from resolvers.context import Eyes
from resolvers.reading.answers import (
    Constant,
    Many,
    Moment,
    Object,
    One,
    Part,
    Value,
    Where,
)
from resolvers.reading.json_text import Form, quoted
from resolvers.reading.listing import MOST, Page, page_of
from resolvers.reading.sources import SOURCES, by_id
from resolvers.reading.translations import in_language
from schema import readings
from schema.access import Needs, must_be_a_list
from schema.arguments import FieldArguments, arguments_of
from schema.forms import form_of
from schema.holes import EACH, KIND, Hole, IsA, LiveField, NotPlanned, Path, Refused, Written
from schema.planning_changes import PlannedChanges
from schema.planning_kinds import Kinds
from schema.planning_pages import Pages
from schema.questions import Question, Questions
from schema.readings import object_of

THING = "thing"


@dataclass(frozen=True, slots=True)
class Contract:
    """What a planner must know of the schema."""

    schema: Any  # Strawberry's
    needs: Needs


class Planner:
    """One walk through one operation, as one viewer asks it."""

    def __init__(
        self,
        contract: Contract,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: VariableValues,
        viewer: Viewer,
        questions: Questions,
    ) -> None:
        self.contract = contract
        self.schema = contract.schema._schema
        self.operation = operation
        self.variables = variables
        self.viewer = viewer
        self.eyes = Eyes.of(viewer)
        self.questions = questions
        self.holes: list[Hole] = []
        self.pages = Pages(self)
        self.kinds = Kinds(self)
        self.changes = PlannedChanges(self)
        self.fragments = {
            each.name.value: FragmentDetails(each)
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }

    def query(self) -> Part:
        """All that is asked for; what a subscription tells is read as a query's answer is."""
        root = self.schema.get_root_type(self.operation.operation)
        collected = collect_fields(
            self.schema, self.fragments, self.variables, root, self.operation
        )
        return self._members(root, collected.grouped_field_set, (), "")

    def thing(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Part:
        """The thing of this type whose id is the parameter `THING`, as a field selects it."""
        eyes, found = self.eyes, by_id(kind.name)
        part = self.object(kind, details, ())
        return One(lambda _: found(eyes, bindparam(THING, type_=Text)), part, required=False)

    # ── objects and fields ───────────────────────────────────────────────────────────────────

    def object(
        self, kind: GraphQLObjectType, details: FieldDetailsList, path: Path, prefix: str = ""
    ) -> Object:
        return self._members(kind, self.selected(kind, details), path, prefix)

    def object_of_kind(
        self, kind: GraphQLObjectType, details: FieldDetailsList, path: Path
    ) -> Object:
        """An object where others may stand: it says what it is, where it has holes of its own."""
        before = sum(not isinstance(hole, Written) for hole in self.holes)
        made = self.object(kind, details, (*path, IsA(kind.name)))
        if sum(not isinstance(hole, Written) for hole in self.holes) == before:
            return made
        return Object(((KIND, Constant(quoted(kind.name))), *made.members))

    def selected(self, kind: GraphQLObjectType, details: FieldDetailsList) -> GroupedFieldSet:
        return collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, kind, details
        ).grouped_field_set

    def _members(
        self, kind: GraphQLObjectType, fields: GroupedFieldSet, path: Path, prefix: str
    ) -> Object:
        return Object(
            tuple(
                (key, self.field(kind, details, (*path, key), prefix))
                for key, details in fields.items()
            )
        )

    def field(
        self, kind: GraphQLObjectType, details: FieldDetailsList, path: Path, prefix: str
    ) -> Part:
        name = details[0].node.name.value
        if name == "__typename":
            return Constant(quoted(kind.name))
        field = kind.fields.get(name)
        if field is None:
            raise NotPlanned(name)  # introspection
        need = self.contract.needs.of_field(kind.name, name)
        if not need.met_by(self.viewer):
            self.check_arguments(field, details[0].node)
            coordinate = f"{kind.name}.{name}"
            return self._refused(field, details, path, Refused(path, coordinate, need, details))
        reading = readings.of_field(field)
        if reading is None:
            raise NotPlanned(f"{kind.name}.{name}")
        return self._read(reading, kind, field, details, path, prefix)

    def _read(
        self,
        reading: readings.Reading,
        kind: GraphQLObjectType,
        field: GraphQLField,
        details: FieldDetailsList,
        path: Path,
        prefix: str,
    ) -> Part:
        nullable = not is_non_null_type(field.type)
        match reading:
            case readings.Column(name):
                column = prefix + (name or readings.python_name(field))
                return self._value(field, path, lambda row: row.c[column])
            case readings.Expression(of):
                eyes = self.eyes
                return self._value(field, path, lambda row: of(eyes, row))
            case readings.Words():
                return self._words(reading, kind, field, details)
            case readings.Moment(column):
                return Moment(column, nullable)
            case readings.OfViewer(say):
                return self._of_viewer(say, field)
            case readings.Embedded():
                return self._embedded(reading, field, details, path)
            case readings.One(key, type_name):
                found, eyes = by_id(type_name), self.eyes
                named = _column(prefix + key) if isinstance(key, str) else partial(key, eyes)
                part = self.object(object_of(field.type), details, path)
                return One(lambda row: found(eyes, named(row)), part, required=not nullable)
            case readings.OneOf(key, type_names):
                return self.kinds.named_by(prefix + key, type_names, field, details, path)
            case readings.Several(listing_of):
                return self._several(listing_of, kind, field, details, path)
            case readings.Found():
                return self._found(reading, kind, field, details, path)
            case readings.Page():
                return self.pages.page(reading, kind, field, details, path)
            case readings.Feed():
                return self.changes.feed(reading, field, details, path)
            case readings.Live():
                return self._live(reading, kind, field, details, path)
            case readings.Here():
                return self.object(object_of(field.type), details, path)

    def _value(
        self, field: GraphQLField, path: Path, of: Callable[[Any], ColumnElement[Any]]
    ) -> Value:
        named = get_named_type(field.type)
        if named.name == "Float":
            # A number here is one in every type that may stand here.
            self.holes.append(Written(tuple(s for s in path if not isinstance(s, IsA))))
        return Value(of, form_of(field.type), nullable=not is_non_null_type(field.type))

    def _words(
        self,
        words: readings.Words,
        kind: GraphQLObjectType,
        field: GraphQLField,
        details: FieldDetailsList,
    ) -> Value:
        node = details[0].node
        language = None
        if node.arguments:
            (language,) = self._asked(kind, field, node, _language).parameters

        def of(row: FromClause) -> ColumnElement[str]:
            told = in_language(row, words.name, row.c[words.original], language)
            return told if words.own is None else _or_else(row.c[words.own], told)

        return Value(of, Form.JSON, nullable=not is_non_null_type(field.type))

    def _of_viewer(self, say: Callable[[Viewer], Any], field: GraphQLField) -> Part:
        question = self.questions.ask(Question.of_viewer(say), self.variables, self.viewer)
        (said,) = question.parameters
        if said is None:
            return Constant("null")
        return Value(lambda row: said, Form.JSON, nullable=False)

    def _embedded(
        self,
        reading: readings.Embedded,
        field: GraphQLField,
        details: FieldDetailsList,
        path: Path,
    ) -> Part:
        part = self.object(object_of(field.type), details, path, reading.prefix)
        eyes, known, present = self.eyes, reading.known, reading.present
        if present:
            part_if_present: Part = Where(
                lambda row: or_(*(row.c[name].is_not(None) for name in present)), part
            )
        else:
            part_if_present = part
        if known is None:
            return part_if_present
        return Where(lambda row: known(eyes, row), part_if_present)

    # ── lists and things found ───────────────────────────────────────────────────────────────

    def _several(
        self,
        listing_of: readings.ListingOf,
        kind: GraphQLObjectType,
        field: GraphQLField,
        details: FieldDetailsList,
        path: Path,
    ) -> Part:
        eyes = self.eyes
        all_of_it = Page(literal_column(str(MOST - 1)))  # a page has one row more

        def rows(row: FromClause | None) -> Select[Any]:
            if row is None:
                return page_of(listing_of(eyes), all_of_it)
            return page_of(listing_of(eyes, row), all_of_it, row)

        return Many(rows, self.object(object_of(field.type), details, (*path, EACH)))

    def _found(
        self,
        reading: readings.Found,
        kind: GraphQLObjectType,
        field: GraphQLField,
        details: FieldDetailsList,
        path: Path,
    ) -> Part:
        question = self._asked(kind, field, details[0].node, reading.asking)
        eyes, parameters = self.eyes, question.parameters

        def rows(_row: object) -> Select[Any]:
            return reading.rows_of(eyes, *parameters)

        if reading.type_name is not None:
            part = self.object(object_of(field.type), details, path)
            return One(rows, part, required=is_non_null_type(field.type))
        (type_names, *_) = parameters
        named = get_named_type(field.type)
        if reading.is_list:
            return Many(rows, self.kinds.one_of(named, details, (*path, EACH), type_names))
        return One(rows, self.kinds.one_of(named, details, path, type_names), required=False)

    # ── what a statement does not tell ───────────────────────────────────────────────────────

    def _live(
        self,
        reading: readings.Live,
        kind: GraphQLObjectType,
        field: GraphQLField,
        details: FieldDetailsList,
        path: Path,
    ) -> Part:
        """The columns it is worked out of stand where it will be."""
        eyes = self.eyes
        of_row = {name: _column(name) for name in reading.columns}
        of_row |= {name: partial(of, eyes) for name, of in reading.worked.items()}
        inputs = [(name, Value(of, Form.JSON, nullable=True)) for name, of in of_row.items()]
        table = SOURCES[kind.name].table
        kinds = {name: table.c[name].type for name in reading.columns}
        self.holes.append(LiveField(path, reading, field.type, details, kinds, self.selected))
        return Object(tuple(inputs))

    def _refused(
        self, field: GraphQLField, details: FieldDetailsList, path: Path, refused: Refused
    ) -> Part:
        if must_be_a_list(field):
            self.holes.append(refused)
            return Constant(self.pages.nothing(object_of(field.type), details))
        if is_non_null_type(field.type):
            raise NotPlanned(refused.coordinate)  # what stands around it falls too
        self.holes.append(refused)
        return Constant("null")

    # ── arguments ────────────────────────────────────────────────────────────────────────────

    def _asked(
        self,
        kind: GraphQLObjectType,
        field: GraphQLField,
        node: FieldNode,
        asked: Any,
    ) -> Question:
        asking = asked if isinstance(asked, readings.Asking) else readings.Asking(asked, False)
        question = Question.of_arguments(self.arguments_of(field, node), asking)
        return self.questions.ask(question, self.variables, self.viewer)

    def check_arguments(self, field: GraphQLField, node: FieldNode) -> None:
        """What is refused must have been asked well: graphql-core reads the arguments first."""
        if node.arguments:
            question = Question.of_nothing(self.arguments_of(field, node))
            self.questions.ask(question, self.variables, self.viewer)

    def arguments_of(self, field: GraphQLField, node: FieldNode) -> FieldArguments:
        return arguments_of(self.contract.schema, field, node)


def _language(language: str | None = None) -> tuple[str | None]:
    return (language or None,)


def _or_else(own: ColumnElement[str], told: ColumnElement[str]) -> ColumnElement[str]:
    return func.coalesce(func.nullif(own, literal_column("''")), told, type_=Text)


def _column(name: str) -> Callable[[Any], ColumnElement[Any]]:
    return lambda row: row.c[name]
