"""From a document's text to an operation that may run: parsed, guarded, validated, and kept.

Every refusal on the way is a `Refused` with errors that can be told as they are.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
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


@dataclass(slots=True)
class Asked:
    """What a request asks: a document, which of its operations, and the variables.

    The document is named by its text, or by the text's `digest`, or by both: `source` is empty
    where the text was not sent. It is `trusted` where the operator keeps it, `automatic` where
    whoever names it can send its text (Apollo's automatic persisted queries). `streams` says that
    whoever asks takes one answer after another, as a subscription gives them.
    """

    source: str
    operation_name: str | None = None
    variables: Mapping[str, Any] | None = None
    digest: str | None = None
    trusted: bool = False
    automatic: bool = False
    streams: bool = False


@dataclass(slots=True, eq=False)
class Kept:
    """A document that was found good, with what was worked out about it.

    `plans` is for whoever runs its operations: what is put there is forgotten with the document.
    """

    source: str
    document: DocumentNode
    worth: Examined | Wanted  # what it may come to; what it wants of the schema
    digest: str | None = None
    plans: dict[Any, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Prepared:
    """An operation that may run, and what it may come to."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]
    cost: int
    kept: Kept | None = None

    @property
    def name(self) -> str | None:
        return self.operation.name.value if self.operation.name else None


class Refused(Exception):  # noqa: N818 - told to the caller, no error of ours
    """The request is answered with these errors, and nothing was run."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


def digest_of(source: str) -> str:
    """The name of a document: the SHA-256 of its text, in lower-case hexadecimal."""
    return sha256(source.encode()).hexdigest()


class Documents:
    """The documents of one schema, the good ones kept by their text and by its digest."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, work: Mapping[str, int] | None = None
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.guard = Guard(schema, limits, work)
        self.rules = _rules(limits)
        # Apart, so that whoever sends many documents cannot crowd the operator's out.
        self._anybodys = _Shelf(limits.cached_document_characters)
        self._trusted = _Shelf(limits.cached_document_characters)

    def holds(self, asked: Asked) -> bool:
        """Whether it can be prepared without its text."""
        return self._shelf(asked).find(asked) is not None

    def prepare(self, asked: Asked) -> Prepared | Wanted:
        """The operation, checked and costed; what it wants of the schema, where it is the usual
        introspection; or `Refused`."""
        kept = self._shelf(asked).find(asked)
        if kept is None:
            kept = self._checked_and_kept(asked)
        elif asked.digest is not None and asked.source not in ("", kept.source):
            raise _another_digest()
        if isinstance(kept.worth, Wanted):
            return kept.worth
        variables = asked.variables or {}
        index = _chosen(kept.worth, asked)
        try:
            cost = self.guard.cost(kept.worth, index, variables)
        except GraphQLError as error:
            raise Refused(error) from None
        return Prepared(kept.document, kept.worth.operations[index], variables, cost, kept)

    def _shelf(self, asked: Asked) -> "_Shelf":
        return self._trusted if asked.trusted else self._anybodys

    def _checked_and_kept(self, asked: Asked) -> Kept:
        """Nothing is kept that was not found good, and under no digest but its own."""
        shelf = self._shelf(asked)
        if asked.digest is not None:
            if not asked.source:
                raise self._unknown(asked)
            if digest_of(asked.source) != asked.digest:
                raise _another_digest()
        kept = shelf.find_text(asked.source)
        if kept is None:
            document = self._parse(asked.source)
            kept = Kept(asked.source, document, standard(document) or self._checked(document))
            shelf.keep(kept)
        if asked.digest is not None:
            shelf.name(kept, asked.digest)
        return kept

    def _unknown(self, asked: Asked) -> "Refused":
        """Clients know the first two by their words, and send the text (Apollo's protocol)."""
        if not asked.automatic:
            return Refused(
                refusal(
                    Code.DOCUMENT_NOT_FOUND,
                    "No document of that id is kept here. Send its text as `query`, or have the "
                    "hub's operator add it.",
                )
            )
        if not self.limits.cached_document_characters:
            return Refused(
                refusal(Code.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")
            )
        return Refused(refusal(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound"))

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


class _Shelf:
    """Documents found good, the one that was asked for longest ago dropped first."""

    def __init__(self, most_characters: int) -> None:
        self._most = most_characters
        self._characters = 0
        self._by_text: OrderedDict[str, Kept] = OrderedDict()
        self._by_digest: dict[str, Kept] = {}

    def find(self, asked: Asked) -> Kept | None:
        """By the digest where there is one: 64 characters to hash, and not thousands."""
        if asked.digest is None:
            return self.find_text(asked.source)
        kept = self._by_digest.get(asked.digest)
        if kept is not None:
            self._by_text.move_to_end(kept.source)  # a text that has its hash already
        return kept

    def find_text(self, source: str) -> Kept | None:
        kept = self._by_text.get(source)
        if kept is not None:
            self._by_text.move_to_end(kept.source)
        return kept

    def keep(self, kept: Kept) -> None:
        self._by_text[kept.source] = kept
        self._characters += len(kept.source)
        while self._characters > self._most:
            _, dropped = self._by_text.popitem(last=False)
            self._characters -= len(dropped.source)
            if dropped.digest is not None:
                del self._by_digest[dropped.digest]

    def name(self, kept: Kept, digest: str) -> None:
        """Lets one that is kept be found by its digest too."""
        if kept.source in self._by_text:
            kept.digest = digest
            self._by_digest[digest] = kept


def _another_digest() -> Refused:
    return Refused(
        refusal(
            Code.BAD_REQUEST,
            "provided sha does not match query: send the SHA-256 of the text as it is in `query`.",
        )
    )


def _chosen(examined: Examined, asked: Asked) -> int:
    """The place of the operation to run (GraphQL specification, s6.1 GetOperation)."""
    operations, name = examined.operations, asked.operation_name
    if name is None and len(operations) > 1:
        raise Refused(
            refusal(
                Code.OPERATION_RESOLUTION_FAILURE,
                "The document has several operations: name one in operationName.",
            )
        )
    for index, operation in enumerate(operations):
        if name is None or (operation.name and operation.name.value == name):
            if operation.operation is OperationType.SUBSCRIPTION and not asked.streams:
                raise Refused(
                    refusal(
                        Code.OPERATION_RESOLUTION_FAILURE,
                        "A subscription is asked for over a WebSocket, or by POST with `Accept: "
                        "text/event-stream`.",
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
