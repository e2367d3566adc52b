"""From a document's text to an operation that may run: parsed, guarded, validated, and kept.

Every refusal on the way is a `Refused` with errors that can be told as they are.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    parse,
    specified_rules,
    validate,
)
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.codes import Code, refusal
from schema.guard import Examined, Guard
from schema.introspection import Wanted, standard
from schema.limits import Limits


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: a document, which of its operations, and the variables."""

    source: str
    operation_name: str | None = None
    variables: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that may run, and what it may come to."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]
    cost: int

    @property
    def name(self) -> str | None:
        return self.operation.name.value if self.operation.name else None


class Refused(Exception):  # noqa: N818 - told to the caller, no error of ours
    """The request is answered with these errors, and nothing was run."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class Documents:
    """The documents of one schema, the good ones kept by their text."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, work: Mapping[str, int] | None = None
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.guard = Guard(schema, limits, work)
        self.rules = _rules(limits)
        self._kept: OrderedDict[str, tuple[DocumentNode, Examined]] = OrderedDict()
        self._characters = 0

    def prepare(self, asked: Asked) -> Prepared | Wanted:
        """The operation, checked and costed; what it wants of the schema, where it is the usual
        introspection; or `Refused`."""
        kept = self._kept.get(asked.source)
        if kept is None:
            document = self._parse(asked.source)
            introspection = standard(document)
            if introspection is not None:
                return introspection
            kept = (document, self._checked(document))
            self._keep(asked.source, kept)
        else:
            self._kept.move_to_end(asked.source)
        document, examined = kept
        variables = asked.variables or {}
        index = _chosen(examined, asked.operation_name)
        try:
            cost = self.guard.cost(examined, index, variables)
        except GraphQLError as error:
            raise Refused(error) from None
        return Prepared(document, examined.operations[index], variables, cost)

    def _parse(self, source: str) -> DocumentNode:
        longest = self.limits.source_characters
        if len(source) > longest:
            raise Refused(
                refusal(
                    Code.SOURCE_LIMIT,
                    f"The document has {len(source):,} characters; at most {longest:,} are read.",
                    limit=longest,
                )
            )
        try:
            return parse(
                source,
                max_lexical_tokens=self.limits.tokens,
                max_comments=self.limits.comments,
                max_source_length=longest,
            )
        except GraphQLError as error:
            raise Refused(_coded(error, Code.GRAPHQL_PARSE_FAILED)) from None

    def _checked(self, document: DocumentNode) -> Examined:
        try:
            examined = self.guard.examine(document)
        except GraphQLError as error:
            raise Refused(error) from None
        errors = validate(
            self.schema,
            document,
            self.rules,
            max_errors=self.limits.validation_errors,
            hide_suggestions=True,
        )
        if errors:
            raise Refused(*map(_of_validation, errors))
        return examined

    def _keep(self, source: str, kept: tuple[DocumentNode, Examined]) -> None:
        self._kept[source] = kept
        self._characters += len(source)
        while self._characters > self.limits.cached_document_characters:
            dropped, _ = self._kept.popitem(last=False)
            self._characters -= len(dropped)


def _chosen(examined: Examined, name: str | None) -> int:
    """The place of the operation to run (GraphQL specification, s6.1 GetOperation)."""
    operations = examined.operations
    if name is None and len(operations) > 1:
        raise Refused(
            refusal(
                Code.OPERATION_RESOLUTION_FAILURE,
                "The document has several operations: name one in operationName.",
            )
        )
    for index, operation in enumerate(operations):
        if name is None or (operation.name and operation.name.value == name):
            if operation.operation is OperationType.SUBSCRIPTION:
                raise Refused(
                    refusal(
                        Code.OPERATION_RESOLUTION_FAILURE,
                        "Subscriptions are not served here: ask again with `changes`.",
                        operation,
                    )
                )
            return index
    told = "The document has no operation." if name is None else "No operation has that name."
    raise Refused(refusal(Code.OPERATION_RESOLUTION_FAILURE, told))


def _of_validation(error: GraphQLError) -> GraphQLError:
    if isinstance(error, ValidationAbortedError) and error.message == "Validation aborted.":
        return refusal(
            Code.SELECTION_LIMIT,
            "Too many fields and fragments stand at one place to compare them all. Write fewer.",
        )
    return _coded(error, Code.GRAPHQL_VALIDATION_FAILED)


def _coded(error: GraphQLError, code: Code) -> GraphQLError:
    """The library's error with a code, and without what hangs on it."""
    return GraphQLError(
        error.message,
        error.nodes,
        error.source,
        error.positions,
        extensions={"code": code.value},
    )


def _rules(limits: Limits) -> tuple[type[ASTValidationRule], ...]:
    """Those of the specification, and the two that Strawberry adds to them."""

    class Overlapping(OverlappingFieldsCanBeMergedRule):
        """Gives up earlier than the library does by itself: its budget takes 0.3 s to spend."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = limits.comparisons

    rules = tuple(
        Overlapping if rule is OverlappingFieldsCanBeMergedRule else rule
        for rule in specified_rules
    )
    return (*rules, MaybeNullValidationRule, OneOfInputValidationRule)
