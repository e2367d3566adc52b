"""Every code an answer's `errors[].extensions.code` or a `userErrors[].code` may bear: one table.

`status` is the HTTP status where the whole request is answered with that code; an error of one
field among others comes with 200. The docs list this table, and a test holds them to it.
"""

from enum import StrEnum
from typing import Any, Self

from graphql import GraphQLError, Node


class Code(StrEnum):
    """A code, the HTTP status it stands for, and a sentence for people."""

    status: int
    says: str

    def __new__(cls, code: str, status: int, says: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.status = status
        member.says = says
        return member

    # What the request itself got wrong.
    BAD_REQUEST = "BAD_REQUEST", 400, "The body is not what GraphQL over HTTP asks for."
    METHOD_NOT_ALLOWED = (
        "METHOD_NOT_ALLOWED",
        405,
        "GraphQL is asked by POST, and queries by GET; changes are made by POST alone.",
    )
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE", 406, "None of the accepted media types can be given."
    UNSUPPORTED_MEDIA_TYPE = (
        "UNSUPPORTED_MEDIA_TYPE",
        415,
        "The body is not plain application/json in UTF-8.",
    )
    TOO_LARGE = "TOO_LARGE", 413, "The body, or the answer, is larger than this hub allows."

    # Which document is meant. Clients that send digests expect 200 for the first two.
    PERSISTED_QUERY_NOT_FOUND = (
        "PERSISTED_QUERY_NOT_FOUND",
        200,
        "This process does not know the text of that digest: send both.",
    )
    PERSISTED_QUERY_NOT_SUPPORTED = (
        "PERSISTED_QUERY_NOT_SUPPORTED",
        200,
        "This hub keeps no text that clients send: send the text each time.",
    )
    DOCUMENT_NOT_FOUND = "DOCUMENT_NOT_FOUND", 404, "No document of that id is kept here."
    DOCUMENT_NOT_TRUSTED = (
        "DOCUMENT_NOT_TRUSTED",
        403,
        "This hub runs only documents that its operator has added, and this is none of them.",
    )

    # What the document got wrong.
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED", 400, "The text is not a GraphQL document."
    GRAPHQL_VALIDATION_FAILED = (
        "GRAPHQL_VALIDATION_FAILED",
        400,
        "The document does not fit the schema.",
    )
    OPERATION_RESOLUTION_FAILURE = (
        "OPERATION_RESOLUTION_FAILURE",
        400,
        "The document has no such operation, or several and none was named.",
    )
    BAD_USER_INPUT = "BAD_USER_INPUT", 400, "An argument or a variable has a value it cannot have."
    INTROSPECTION_LIMIT = (
        "INTROSPECTION_LIMIT",
        400,
        "Only the usual introspection query is answered; the schema is at /schema.graphql.",
    )

    # What the document asks too much of.
    SOURCE_LIMIT = "SOURCE_LIMIT", 400, "The document's text is too long."
    COST_LIMIT = "COST_LIMIT", 400, "The answer could hold more values than this hub gives at once."
    DEPTH_LIMIT = "DEPTH_LIMIT", 400, "The document is nested too deeply."
    ALIAS_LIMIT = "ALIAS_LIMIT", 400, "The document has too many aliases."
    ROOT_FIELD_LIMIT = "ROOT_FIELD_LIMIT", 400, "The operation has too many fields at its top."
    SELECTION_LIMIT = "SELECTION_LIMIT", 400, "The document selects too many fields."
    REPEATED_FIELD_LIMIT = (
        "REPEATED_FIELD_LIMIT",
        400,
        "A field is repeated too often at one place.",
    )
    DIRECTIVE_LIMIT = "DIRECTIVE_LIMIT", 400, "The document has too many directives."
    ARGUMENT_LIMIT = "ARGUMENT_LIMIT", 400, "A field or directive has too many arguments."
    VARIABLE_LIMIT = "VARIABLE_LIMIT", 400, "The operation declares too many variables."
    OPERATION_LIMIT = "OPERATION_LIMIT", 400, "The document has too many operations."
    FRAGMENT_LIMIT = "FRAGMENT_LIMIT", 400, "The document has too many fragments."
    NAME_LIMIT = "NAME_LIMIT", 400, "A name in the document is too long."

    SUBSCRIPTION_LIMIT = (
        "SUBSCRIPTION_LIMIT",
        429,
        "The WebSocket has as many subscriptions as it may have at a time.",
    )

    # Who asks, and what they ask for.
    UNAUTHENTICATED = "UNAUTHENTICATED", 401, "No credentials were sent, or they are no good."
    INSUFFICIENT_SCOPE = (
        "INSUFFICIENT_SCOPE",
        403,
        "The token was not granted a scope that the field needs.",
    )
    FORBIDDEN = "FORBIDDEN", 403, "You may see it, and may not do this to it."
    NOT_FOUND = "NOT_FOUND", 404, "There is no such thing, or you may not see it."
    CHANNEL_CLOSED = (
        "CHANNEL_CLOSED",
        403,
        "There is no such channel of changes, or it is not open to you.",
    )
    RESYNC = (
        "RESYNC",
        410,
        "That place in the changes is not known any more: read them again from their start.",
    )
    INVALID = "INVALID", 400, "The change makes no sense for this thing."
    INVALID_TRANSITION = (
        "INVALID_TRANSITION",
        409,
        "The thing is in a state in which this cannot be done; the message says what can.",
    )
    TAKEN = "TAKEN", 409, "Somebody else already has that name."
    STALE = "STALE", 409, "Somebody changed it since you looked; read it again, then change it."
    IDEMPOTENCY_KEY_REUSED = (
        "IDEMPOTENCY_KEY_REUSED",
        422,
        "That Idempotency-Key was sent with another request: use a new one for each change.",
    )
    IDEMPOTENCY_KEY_IN_USE = (
        "IDEMPOTENCY_KEY_IN_USE",
        409,
        "A request with that Idempotency-Key is at work; send it again after Retry-After.",
    )
    IDEMPOTENCY_ANSWER_LOST = (
        "IDEMPOTENCY_ANSWER_LOST",
        409,
        "The change was made, or begun, and its answer was not kept: read how things stand.",
    )

    # What this hub could not do.
    TIMEOUT = "TIMEOUT", 504, "The operation took too long and was stopped."
    PEER_UNREACHABLE = (
        "PEER_UNREACHABLE",
        502,
        "The hub that it belongs to does not answer; the message says whether anything was done.",
    )
    PEER_REFUSED = (
        "PEER_REFUSED",
        502,
        "The hub that it belongs to does not let this hub or its person, or answered with something "
        "else than it was asked.",
    )
    PEER_DOCUMENTS = (
        "PEER_DOCUMENTS",
        502,
        "What the other hub says of itself cannot be, or not of that address.",
    )
    FETCH_FAILED = "FETCH_FAILED", 502, "Another server could not be asked, or did not answer well."
    OVERLOADED = "OVERLOADED", 503, "This hub is busy; try again after the time in Retry-After."
    INTERNAL = "INTERNAL", 500, "A fault of this hub; tell its people the requestId."


def refusal(
    code: Code, message: str, node: Node | list[Node] | None = None, **extensions: Any
) -> GraphQLError:
    """An error of ours, told to the caller as it is."""
    return GraphQLError(message, node, extensions={"code": code.value, **extensions})
