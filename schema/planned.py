"""Answering a query by its plan: one statement, whose bytes are the answer.

Whatever goes wrong is left to graphql-core, which tells errors and nulls as the specification has
them, over the same definitions: a missing thing that must be there, a cursor of another list, a
text that cannot be kept. So a plan only ever has to be right where all is well.
"""

from typing import Any

import orjson
from graphql import GraphQLError, OperationType
from graphql.execution.values import VariableValues
from strawberry.federation import Schema

from domain.errors import Passing, Problem
from resolvers.context import Context
from resolvers.reading.changes import NEWS
from schema.access import needs
from schema.arguments import Variables
from schema.codes import Code, refusal
from schema.completing import completed
from schema.documents import Prepared
from schema.limits import Limits
from schema.loading import Row
from schema.planning import THING, Contract
from schema.plans import Found, Plans, Thing
from schema.replying import Answer, TooLargeError, in_order, too_large, with_errors
from schema.telling import log_bug, told

_NEWS = NEWS.encode()
_TROUBLE = b"\\u0000"  # as `answers.TROUBLE` has it; also what a client wrote so is looked at twice


class Planned:
    """The plans of one schema, and running them."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self.limits = limits
        self.schema = schema._schema
        self.needs = needs(schema)
        self.plans = Plans(Contract(schema, self.needs))

    async def answer(self, prepared: Prepared, context: Context, request_id: str) -> Answer | None:
        """None where graphql-core is to be asked."""
        if prepared.operation.operation is OperationType.MUTATION:
            return None
        try:
            variables = self._variables(prepared)
            if variables is None:
                return None
            if context.database.has_replica:
                await context.confirm()
            found = self.plans.of_query(prepared, variables, context.viewer, context.is_presumed)
            if found is None:
                return None
            data = found.plan.known or await _asked(found, context)
        except Passing as problem:
            return self._in_vain(problem, request_id)
        except (Problem, GraphQLError, RecursionError):
            return None  # told by graphql-core
        except Exception as bug:
            log_bug(bug, request_id, prepared.name)
            return None
        if not data or _TROUBLE in data:
            return None
        return self._told(data, found, prepared, context, request_id)

    def _told(
        self, data: bytes, found: Found, prepared: Prepared, context: Context, request_id: str
    ) -> Answer:
        most = self.limits.answer_bytes
        errors: list[GraphQLError] = []
        if found.plan.has_holes:
            loaded = orjson.loads(data)
            errors = in_order(completed(loaded, found.plan.holes, context.viewer))
            data = orjson.dumps(loaded)
        listed = told(errors, self.limits, request_id, prepared.name)
        try:
            return Answer(with_errors(data, listed, most), planned=True)
        except TooLargeError:
            listed = told([too_large(prepared, self.limits)], self.limits, request_id)
            return Answer(orjson.dumps({"errors": listed, "data": None}), planned=True)

    async def thing(
        self,
        prepared: Prepared,
        variables: VariableValues,
        context: Context,
        row: Row,
        thing: Thing,
    ) -> dict[str, Any] | None:
        """What a mutation hands out, as it stands after the change. None where graphql-core is to
        be asked."""
        try:
            found = self.plans.of_thing(prepared, variables, context.viewer, thing)
            if found is None:
                return None
            values = {**found.values, THING: row.id}
            data = await context.answer(found.plan.statement, values)
        except (Problem, GraphQLError, RecursionError):
            return None
        except Exception as bug:
            log_bug(bug, context.request_id, prepared.name)
            return None
        if _TROUBLE in data or data == b"null":
            return None
        loaded: dict[str, Any] = orjson.loads(data)
        refused = completed(loaded, found.plan.holes, context.viewer)
        path = thing[2]
        context.withheld += [located(error, path) for error in refused]
        return loaded

    def _in_vain(self, problem: Problem, request_id: str) -> Answer:
        """The database was not there or too slow: a status that clients and proxies know to try
        again."""
        code = Code[problem.code]
        listed = told([refusal(code, problem.message)], self.limits, request_id)
        return Answer(orjson.dumps({"errors": listed}), code, planned=True)

    def _variables(self, prepared: Prepared) -> VariableValues | None:
        """None where they do not fit, which graphql-core tells."""
        if not prepared.operation.variable_definitions:
            return _NO_VARIABLES
        return self._declared(prepared).coerced(prepared.variables)

    def _declared(self, prepared: Prepared) -> Variables:
        if prepared.kept is None:
            return Variables(self.schema, prepared.operation)
        key = ("variables", prepared.name)
        found: Variables | None = prepared.kept.plans.get(key)
        if found is None:
            found = prepared.kept.plans[key] = Variables(self.schema, prepared.operation)
        return found


async def _asked(found: Found, context: Context) -> bytes:
    if found.plan.in_short is not None:
        data = await context.answer(found.plan.in_short, found.values)
        if _NEWS not in data:
            return data
    return await context.answer(found.plan.statement, found.values)


def located(error: GraphQLError, path: tuple[str | int, ...]) -> GraphQLError:
    """The error where the thing stands in the whole answer."""
    return GraphQLError(
        error.message,
        error.nodes,
        path=[*path, *(error.path or ())],
        extensions=error.extensions,
    )


_NO_VARIABLES = VariableValues({}, {})
