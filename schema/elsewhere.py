"""Changes to things of other hubs: told by the id, sent to the owner, and answered as it answers.

`DECIDES` says of each change which of its arguments names the thing that is changed. Where that is
another hub's, nothing is done here: the same field, with the arguments and the selection as the
client wrote them, goes to the hub that the id names (`resolvers.elsewhere`), and what it says is
shown in the client's own words (`schema.fitting`). Mutations of one document go one after another,
each to the owner of its thing.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    default_field_resolver,
    parse,
)

from domain.actors import Viewer
from domain.errors import Passing, Problem, Refused
from domain.ids import kind_of
from domain.rsvps import DeliveryStatus, RsvpStatus
from domain.words import Quoted, say
from resolvers.context import Context
from resolvers.elsewhere import ANSWER, Errand, Kept, PeerAnswer, Said
from schema.access import Needs, refusal
from schema.codes import Code
from schema.fitting import Garbled, Selection, Unknown, fitted, known, refused, selected
from schema.writing import written

# The argument whose id says whose thing is changed; None where it is always this hub's.
DECIDES: Mapping[str, str | None] = {
    "createOrganization": None,
    "updateOrganization": "input.id",
    "createGroup": "input.organization",
    "updateGroup": "input.id",
    "joinGroup": "group",
    "leaveGroup": "group",
    "inviteToGroup": "group",
    "respondToGroupMembership": "membership",
    "createEvent": "input.organization",
    "updateEvent": "input.id",
    "updateOccurrence": "input.id",
    "updateEventFrom": "occurrence",
    "publishEvent": "event",
    "cancelEvent": "event",
    "shareEvent": "event",
    "unshareEvent": "event",
    "inviteEventHost": "event",
    "respondToEventHost": "eventHost",
    "withdrawEventHost": "eventHost",
    "mergeEvents": "duplicate",
    "unmergeEvents": "duplicate",
    "rsvp": "input.event",
    "cancelRsvp": "rsvp",
    "respondToRsvp": "rsvp",
    "checkIn": "rsvp",
    "reportEvent": "event",
    "proposeHandover": "subject",
    "respondToHandover": "handover",
    "cancelHandover": "handover",
    "createAlliance": "input.convener",
    "updateAlliance": "input.id",
    "inviteToAlliance": "alliance",
    "requestToJoinAlliance": "alliance",
    "respondToAllianceMembership": "membership",
    "leaveAlliance": "membership",
    "suspendAllianceMember": "membership",
    "reinstateAllianceMember": "membership",
    "removeAllianceMember": "membership",
    "publishAgreement": "input.alliance",
    "acceptAgreement": "agreement",
    "openProposal": "input.alliance",
    "withdrawProposal": "proposal",
    "castBallot": "proposal",
    # Between the hubs themselves: each keeps its own side.
    "proposePeering": None,
    "acceptPeering": None,
    "suspendPeering": None,
    "resumePeering": None,
    "endPeering": None,
}

Resolve = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the answer, as it is: nothing here completes it."""

    data: dict[str, Any]


def send(schema: GraphQLSchema, needs: Needs) -> None:
    """Have each change look whose thing it is. After `schema.access.enforce`."""
    changes = schema.mutation_type
    if changes is None:
        return
    for name, field in changes.fields.items():
        deciding = DECIDES.get(name)
        if deciding is not None:
            field.resolve = _sent(field, tuple(deciding.split(".")), needs)


def _sent(field: GraphQLField, deciding: tuple[str, ...], needs: Needs) -> Resolve:
    here = field.resolve or default_field_resolver

    def resolve(source: Any, info: GraphQLResolveInfo[Context], **arguments: Any) -> Any:
        thing_id = _named(arguments, deciding)
        if thing_id is None or thing_id.partition("@")[2] == info.context.hub.authority:
            return here(source, info, **arguments)
        need = needs.of_field(info.parent_type.name, info.field_name)
        if not need.met_by(info.context.viewer):
            raise refusal(f"{info.parent_type.name}.{info.field_name}", need, info.context.viewer)
        return _asked(info, needs, thing_id, arguments)

    return resolve


def _named(arguments: Mapping[str, Any], deciding: tuple[str, ...]) -> str | None:
    """The id; None where it is none, which is told here like any other argument that is no good."""
    value: Any = arguments
    for name in deciding:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) and kind_of(value) is not None else None


async def _asked(
    info: GraphQLResolveInfo[Context], needs: Needs, thing_id: str, arguments: Mapping[str, Any]
) -> Shown:
    selection = Selection.of(info, info.context.variables)
    try:
        said = await _said(info, needs, selection, thing_id, arguments)
    except Passing:
        raise
    except Problem as problem:
        return _refused(info, selection, problem)
    if isinstance(said, Kept):
        return _kept(info, selection, said, arguments)
    own = [error for error in said.errors if ANSWER not in (error.get("path") or ())]
    errors = [_told(info, error) for error in own[:_MOST_ERRORS]]
    if said.value is None:
        why = Quoted(errors[0].message) if errors else say("It does not say why.")
        answer = PeerAnswer(say("The owner did not do it: %(why)s", why=why))
        return _refused(info, selection, answer)
    try:
        shown = Shown(fitted(selection, said.value))
    except Garbled as garbled:
        return _refused(info, selection, garbled)
    info.context.withheld += errors
    return shown


def _refused(info: GraphQLResolveInfo[Context], selection: Selection, problem: Problem) -> Shown:
    info.context.reasons.append(problem.message)
    return Shown(refused(selection, problem))


def _said(
    info: GraphQLResolveInfo[Context],
    needs: Needs,
    selection: Selection,
    thing_id: str,
    arguments: Mapping[str, Any],
) -> Awaitable[Said | Kept]:
    context = info.context
    if context.elsewhere is None:
        raise Refused(
            say("It belongs to %(hub)s, and is changed there.", hub=thing_id.partition("@")[2])
        )
    scopes = _scopes(context.viewer, needs, selection)
    nodes = info.field_nodes
    if _is_own_answer(info.field_name, arguments) and context.viewer.scopes >= _READING:
        nodes, scopes = [_with_answer(nodes[0]), *nodes[1:]], scopes | _READING
    document, variables = written(nodes, info.fragments, info.operation, context.variables)
    errand = Errand(
        change=info.field_name,
        thing_id=thing_id,
        key=str(info.path.key),
        document=document,
        variables=variables,
        arguments=arguments,
        scopes=scopes,
    )
    return context.elsewhere.ask(context, errand)


def _is_own_answer(change: str, arguments: Mapping[str, Any]) -> bool:
    """Of a person here, who is written to by this hub (docs/decisions/0046)."""
    given = arguments.get("input", {})
    is_guest = given.get("guestName") is not None or given.get("guestEmail") is not None
    return change in _OF_ANSWERS and not is_guest


def _with_answer(node: FieldNode) -> FieldNode:
    """How it stands is asked for beside what the client selected, and not shown."""
    asked = node.selection_set.selections if node.selection_set else ()
    return FieldNode(
        alias=node.alias,
        name=node.name,
        arguments=node.arguments,
        directives=node.directives,
        selection_set=SelectionSetNode(selections=(*asked, *_ANSWER.selections)),
    )


def _kept(
    info: GraphQLResolveInfo[Context],
    selection: Selection,
    kept: Kept,
    arguments: Mapping[str, Any],
) -> Shown:
    """The answer of a person, as they gave it: all that is known of it until its owner has it. Where
    the client asks for more, it is told in `errors` that the answer is on its way."""
    given = arguments.get("input", {})
    status = {"cancelRsvp": RsvpStatus.CANCELLED}.get(info.field_name, given.get("status"))
    event, occurrence = given.get("event"), given.get("occurrence")
    answer = {
        "id": kept.subject_id,
        "delivery": DeliveryStatus.PENDING.value,
        "status": RsvpStatus(status or RsvpStatus.ACCEPTED).value,
        "additionalGuests": given.get("additionalGuests") or 0,
        "attended": arguments.get("attended", given.get("attended") or None),
        **({"event": {"id": event}} if event else {}),
        **({"occurrence": {"id": occurrence}} if occurrence else {}),
    }
    try:
        return Shown(known(selection, {"rsvp": answer, "userErrors": []}))
    except Unknown:
        info.context.withheld.append(
            GraphQLError(
                kept.said,
                info.field_nodes,
                path=[*info.path.as_list()],
                extensions={"code": Code.PEER_UNREACHABLE.value, "delivery": answer["delivery"]},
            )
        )
        return Shown(known(selection, {"rsvp": None, "userErrors": []}))


def _selections(text: str) -> SelectionSetNode:
    (operation,) = parse(text).definitions
    if not isinstance(operation, OperationDefinitionNode):
        raise TypeError("No selections.")
    return operation.selection_set


def _scopes(viewer: Viewer, needs: Needs, selection: Selection) -> frozenset[str]:
    """The fewest of the viewer's that the change and what is asked of its outcome need. Of what they
    have not, the owner says so itself."""
    found: set[str] = set()
    for type_name, field_name in selected(selection):
        scopes = needs.of_field(type_name, field_name).scopes
        met = [each for each in scopes if each <= viewer.scopes]
        if met and not any(each <= found for each in met):
            found |= min(met, key=len)
    return frozenset(found)


def _told(info: GraphQLResolveInfo[Context], error: Mapping[str, Any]) -> GraphQLError:
    """An error of the owner's, at its place, with a code that is known here."""
    message, path = error.get("message"), error.get("path")
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    known = code if isinstance(code, str) and code in Code.__members__ else Code.PEER_REFUSED.value
    beneath = path[1:] if isinstance(path, list) else []
    return GraphQLError(
        message if isinstance(message, str) else "The owner does not say what is wrong.",
        info.field_nodes,
        path=[*info.path.as_list(), *(step for step in beneath if isinstance(step, str | int))],
        extensions={"code": known},
    )


_MOST_ERRORS = 10
_OF_ANSWERS = frozenset({"rsvp", "cancelRsvp"})
_READING = frozenset({"events:read"})
_ANSWER: SelectionSetNode = _selections(
    f"{{ {ANSWER}: rsvp {{ id status event {{ id }} occurrence {{ id }} }} }}"
)
