"""Running an operation that `schema/documents.py` prepared: a deadline, an answer, its errors.

graphql-core executes over Strawberry's resolvers; Strawberry's own pipeline (its extensions, its
views) is not used, and a schema that needs it is refused when the service starts.
"""

import asyncio
from asyncio import Future
from collections.abc import Awaitable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, TypeGuard

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType, execute
from strawberry import Schema
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from schema.codes import Code, refusal
from schema.documents import Asked, Documents, Prepared, Refused
from schema.introspection import Introspection, Wanted
from schema.limits import Limits
from schema.telling import log_bug, told
from schema.work import work_of


@dataclass(frozen=True, slots=True)
class Answer:
    """A response's body. Without `code` the operation ran; with it, it was refused."""

    body: bytes
    code: Code | None = None


class Operations:
    """What may be asked of one schema, within the limits."""

    def __init__(self, schema: Schema | GraphQLSchema, limits: Limits) -> None:
        self.schema = _plain(schema)
        self.limits = limits
        self.documents = Documents(self.schema, limits, work_of(self.schema))
        self.introspection = Introspection(self.schema)

    def prepare(self, asked: Asked) -> Prepared | Wanted:
        """The operation, or `Refused`. Runs nothing and waits for nothing."""
        return self.documents.prepare(asked)

    async def introspect(self, wanted: Wanted) -> Answer:
        return Answer(await self.introspection.answer(wanted))

    async def run(self, prepared: Prepared, context: object, request_id: str) -> Answer:
        """The answer. The caller sets the deadline: when this is cancelled, everything that it
        started is over before it returns."""
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
            )
            result = await outcome if isawaitable(outcome) else outcome
            # A sibling of a field that failed may still be at work on the same connection.
            while leftovers:
                await asyncio.wait(leftovers)
        finally:
            await _stop(leftovers)
        errors = [*(result.errors or ()), *getattr(context, "withheld", ())]
        return self._answer(result.data, errors, prepared, request_id)

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
            return Answer(_serialized(data, listed, self.limits.answer_bytes))
        except _TooLargeError:
            error = _too_large(prepared, self.limits)
        except TypeError as bug:  # orjson: a value that JSON cannot carry
            log_bug(bug, request_id, prepared.name)
            error = refusal(Code.INTERNAL, "A fault of this hub, now in its log.")
            error.extensions = {"code": Code.INTERNAL.value, "requestId": request_id}
        listed = told([error], self.limits, request_id, prepared.name)
        return Answer(orjson.dumps({"errors": listed, "data": None}))


# What may go better in a moment, and is nobody's mistake.
_PASSING = (Code.OVERLOADED, Code.TIMEOUT)


def _in_vain(data: Any, errors: list[dict[str, Any]], prepared: Prepared) -> Code | None:
    """The code to refuse the whole request with, where a query found nothing out because the
    database was not there or too slow: a status that clients and proxies know to try again."""
    if prepared.operation.operation is not OperationType.QUERY or not errors:
        return None
    if any(value is not None for value in (data or {}).values()):
        return None
    codes = [each["extensions"]["code"] for each in errors]
    return Code[codes[0]] if all(code in _PASSING for code in codes) else None


def timed_out(prepared: Prepared, limits: Limits) -> Refused:
    """What is told of an operation that was stopped at its deadline."""
    way_out = "Ask for less at a time."
    if prepared.operation.operation is OperationType.MUTATION:
        way_out = "Look whether the change was made before you send it again."
    return Refused(
        refusal(Code.TIMEOUT, f"Stopped after {limits.run_seconds:g} seconds. {way_out}")
    )


class _TooLargeError(Exception):
    """The answer is over its limit."""


class _Executor(StrawberryGraphQLCoreExecutionContext):
    """Hands out the work that graphql-core leaves running behind a field that failed."""

    def __init__(self, *args: Any, leftovers: set[Future[Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.background_futures = leftovers


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


def _serialized(data: Any, errors: list[dict[str, Any]], most: int) -> bytes:
    """The response, field by field of the root, so that a large one stops early."""
    parts: list[bytes] = []
    size = 0
    for key, value in (data or {}).items():
        part = orjson.dumps(key) + b":" + orjson.dumps(value)
        size += len(part) + 1
        if size > most:
            raise _TooLargeError
        parts.append(part)
    body = b'"data":' + (b"null" if data is None else b"{" + b",".join(parts) + b"}")
    if errors:
        body = b'"errors":' + orjson.dumps(errors) + b"," + body
    if len(body) + 2 > most:
        raise _TooLargeError
    return b"{" + body + b"}"


def _too_large(prepared: Prepared, limits: Limits) -> GraphQLError:
    way_out = "Ask for fewer items or fields."
    if prepared.operation.operation is OperationType.MUTATION:
        way_out = "The change was made. Read less of it."
    return refusal(
        Code.TOO_LARGE,
        f"The answer is larger than {limits.answer_bytes:,} bytes. {way_out}",
        limit=limits.answer_bytes,
    )


def _of_variables(error: GraphQLError) -> GraphQLError:
    return GraphQLError(error.message, error.nodes, extensions={"code": Code.BAD_USER_INPUT.value})


def _plain(schema: Schema | GraphQLSchema) -> GraphQLSchema:
    """The graphql-core schema. ValueError where Strawberry's pipeline would be needed."""
    if isinstance(schema, GraphQLSchema):
        return schema
    if schema.extensions or schema.directives:
        raise ValueError("Schema extensions and operation directives are not run here.")
    return schema._schema
