"""Running an operation that `schema/documents.py` prepared: a deadline, an answer, its errors.

graphql-core executes over Strawberry's resolvers; Strawberry's own pipeline (its extensions, its
views) is not used, and a schema that needs it is refused when the service starts.
"""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeGuard

import orjson
from graphql import (
    GraphQLError,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationType,
    execute,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues
from graphql.pyutils import Path
from strawberry import Schema
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.federation import Schema as FederationSchema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.context import Context
from resolvers.reading.json_text import number_as_written
from schema.codes import Code, refusal
from schema.documents import Asked, Documents, Prepared, Refused
from schema.elsewhere import Shown
from schema.introspection import Introspection, Wanted
from schema.limits import Limits
from schema.live import Live
from schema.loading import Row
from schema.planned import Planned
from schema.plans import Thing
from schema.replying import Answer as Answer
from schema.replying import TooLargeError, in_order, serialized, too_large
from schema.telling import log_bug, reasons, told
from schema.work import work_of


class Operations:
    """What may be asked of one schema, within the limits."""

    def __init__(
        self, schema: Schema | GraphQLSchema, limits: Limits, *, planned: bool = True
    ) -> None:
        """Without `planned`, graphql-core answers everything."""
        self.schema = _plain(schema)
        self.limits = limits
        self.documents = Documents(self.schema, limits, work_of(self.schema))
        self.introspection = Introspection(self.schema)
        self.planned = (
            Planned(schema, limits) if planned and isinstance(schema, FederationSchema) else None
        )
        self.live = Live(self.schema, self.planned.needs) if self.planned is not None else None

    def prepare(self, asked: Asked) -> Prepared | Wanted:
        """The operation, or `Refused`. Runs nothing and waits for nothing."""
        return self.documents.prepare(asked)

    async def introspect(self, wanted: Wanted) -> Answer:
        return Answer(await self.introspection.answer(wanted))

    async def run(self, prepared: Prepared, context: object, request_id: str) -> Answer:
        """The answer. The caller sets the deadline: when this is cancelled, everything that it
        started is over before it returns."""
        if self.live is not None and isinstance(context, Context):
            live = self.live.of(prepared, context)
            if live is not None:
                return await self.live.answered(live, context, request_id, self._run)
        return await self._run(prepared, context, request_id)

    async def _run(self, prepared: Prepared, context: object, request_id: str) -> Answer:
        """From what is here."""
        if self.planned is not None and isinstance(context, Context):
            answer = await self.planned.answer(prepared, context, request_id)
            if answer is not None:
                return answer
        if isinstance(context, Context):
            context.variables = prepared.variables
            await context.confirm()
        leftovers: set[Future[Any]] = set()
        try:
            outcome = execute(
                self.schema,
                prepared.document,
                context_value=context,
                variable_values=dict(prepared.variables),
                operation_name=prepared.name,
                max_coercion_errors=self.limits.validation_errors,
                executor_class=_Executor,
                is_awaitable=_is_awaitable,
                hide_suggestions=True,
                leftovers=leftovers,
                things=self._things(prepared, context),
            )
            result = await outcome if isawaitable(outcome) else outcome
            # A sibling of a field that failed may still be at work on the same connection.
            while leftovers:
                await asyncio.wait(leftovers)
        finally:
            await _stop(leftovers)
        errors = in_order([*(result.errors or ()), *getattr(context, "withheld", ())])
        if errors and isinstance(context, Context):
            context.reasons += reasons(errors)
        return self._answer(result.data, errors, prepared, request_id)

    def _things(self, prepared: Prepared, context: object) -> "ReadThing | None":
        """How what a mutation hands out is read: by a plan, where plans are made."""
        planned = self.planned
        is_mutation = prepared.operation.operation is OperationType.MUTATION
        if planned is None or not is_mutation or not isinstance(context, Context):
            return None

        async def read(variables: VariableValues, row: Row, thing: Thing) -> dict[str, Any] | None:
            return await planned.thing(prepared, variables, context, row, thing)

        return read

    def refused(self, refused: Refused, request_id: str) -> Answer:
        """The errors of a request that was not run."""
        errors = told(refused.errors, self.limits, request_id)
        return Answer(orjson.dumps({"errors": errors}), Code[errors[0]["extensions"]["code"]])

    def _answer(
        self,
        data: dict[str, Any] | None,
        errors: list[GraphQLError],
        prepared: Prepared,
        request_id: str,
    ) -> Answer:
        if data is None and errors and all(each.path is None for each in errors):
            # Nothing was run: the variables do not fit (GraphQL specification, s6.1.2).
            return self.refused(Refused(*map(_of_variables, errors)), request_id)
        listed = told(errors, self.limits, request_id, prepared.name)
        code = _in_vain(data, listed, prepared)
        if code is not None:
            return Answer(orjson.dumps({"errors": listed}), code)
        try:
            return Answer(serialized(data, listed, self.limits.answer_bytes))
        except TooLargeError:
            error = too_large(prepared, self.limits)
        except TypeError as bug:  # orjson: a value that JSON cannot carry
            log_bug(bug, request_id, prepared.name)
            error = refusal(Code.INTERNAL, "A fault of this hub, now in its log.")
            error.extensions = {"code": Code.INTERNAL.value, "requestId": request_id}
        listed = told([error], self.limits, request_id, prepared.name)
        return Answer(orjson.dumps({"errors": listed, "data": None}))


# What may go better in a moment, and is nobody's mistake.
PASSING = (Code.OVERLOADED, Code.TIMEOUT)


def _in_vain(data: Any, errors: list[dict[str, Any]], prepared: Prepared) -> Code | None:
    """The code to refuse the whole request with, where a query found nothing out because the
    database was not there or too slow: a status that clients and proxies know to try again."""
    if prepared.operation.operation is not OperationType.QUERY or not errors:
        return None
    if any(value is not None for value in (data or {}).values()):
        return None
    codes = [each["extensions"]["code"] for each in errors]
    return Code[codes[0]] if all(code in PASSING for code in codes) else None


def timed_out(prepared: Prepared, limits: Limits) -> Refused:
    """What is told of an operation that was stopped at its deadline."""
    way_out = "Ask for less at a time."
    if prepared.operation.operation is OperationType.MUTATION:
        way_out = "Look whether the change was made before you send it again."
    return Refused(
        refusal(Code.TIMEOUT, f"Stopped after {limits.run_seconds:g} seconds. {way_out}")
    )


ReadThing = Callable[[VariableValues, Row, Thing], Awaitable[dict[str, Any] | None]]


class _Executor(StrawberryGraphQLCoreExecutionContext):
    """Hands out the work that graphql-core leaves running behind a field that failed, and has what
    a mutation hands out read by a plan."""

    def __init__(
        self,
        *args: Any,
        leftovers: set[Future[Any]],
        things: ReadThing | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.background_futures = leftovers
        self.things = things

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if isinstance(result, Shown):
            return result.data  # of another hub
        complete = super().complete_object_value
        given = (return_type, field_details_list, info, path, result, position_context)
        if self.things is None or not isinstance(result, Row):
            return complete(*given)
        thing = (return_type, field_details_list, tuple(path.as_list()))

        async def read(things: ReadThing) -> Any:
            found = await things(self.variable_values, result, thing)
            if found is not None:
                return found
            completed = complete(*given)
            return await completed if isawaitable(completed) else completed

        return read(self.things)

    @staticmethod
    def complete_leaf_value(return_type: GraphQLLeafType, result: Any) -> Any:
        """Numbers as PostgreSQL writes them, so that both ways of reading tell the same."""
        value = StrawberryGraphQLCoreExecutionContext.complete_leaf_value(return_type, result)
        return number_as_written(value) if isinstance(value, float) else value


def _is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    """Strawberry's test, which is quick about plain values."""
    return optimized_is_awaitable(value)


async def _stop(leftovers: set[Future[Any]]) -> None:
    """End what is still running, and wait until it has ended."""
    running = list(leftovers)
    for each in running:
        # What is ending already is left to it: a second cancellation would reach the driver while
        # it gives the first to PostgreSQL, and the connection would be lost half closed.
        if not (isinstance(each, asyncio.Task) and each.cancelling()):
            each.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _of_variables(error: GraphQLError) -> GraphQLError:
    return GraphQLError(error.message, error.nodes, extensions={"code": Code.BAD_USER_INPUT.value})


def _plain(schema: Schema | GraphQLSchema) -> GraphQLSchema:
    """The graphql-core schema. ValueError where Strawberry's pipeline would be needed."""
    if isinstance(schema, GraphQLSchema):
        return schema
    if schema.extensions or schema.directives:
        raise ValueError("Schema extensions and operation directives are not run here.")
    return schema._schema
