"""The tables of the docs that repeat what the code says, made from the code.

`python -m tests.docs.tables` writes them into docs/; test_tables.py fails where they differ. In a
page, a table stands between `<!-- table: NAME -->` and `<!-- end of table -->`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from graphql import GraphQLObjectType

from auth.scopes import SCOPES, Delegated
from domain.alliances import ALLIANCE
from domain.co_hosting import EVENT_HOST
from domain.group_memberships import GROUP_MEMBERSHIP
from domain.handovers import HANDOVER
from domain.memberships import MEMBERSHIP
from domain.peering import PEERING
from domain.proposals import PROPOSAL
from domain.publication import PUBLICATION
from domain.rsvps import RSVP
from domain.transitions import Machine, Party
from federation.delivering import PAUSES_SECONDS
from federation.mirroring import glancing
from federation.mirroring.document import CHANGES
from schema.access import Need
from schema.codes import Code
from schema.elsewhere import DECIDES
from schema.limits import documented
from schema.root import graphql_schema, needs
from tests.docs.pages import ROOT, pages
from tests.web.pages.weights import page_weights
from web.commands import GROUPS, MEANINGS, commands
from web.conformance.musts import PARTS, Checked, of_part
from web.operating.metrics import SERIES
from web.settings import DOCUMENTED, LIMIT

STATES = "states-"
MARKED = re.compile(r"<!-- table: ([a-z-]+) -->\n(.*?)<!-- end of table -->", re.DOTALL)


def settings() -> Iterator[list[str]]:
    yield ["Setting", "Default", "Unit", "What it is"]
    for setting in DOCUMENTED:
        if not setting.name.startswith(LIMIT):
            default = f"`{setting.default}`" if setting.default else "not set"
            yield [f"`{setting.name}`", default, setting.unit, setting.says]


def limits() -> Iterator[list[str]]:
    yield ["Limit", "Default", "Unit", "What it bounds"]
    for limit in documented():
        figure = f"{limit.default:,}" if limit.type is int else f"{limit.default:g}"
        yield [f"`{limit.name}`", figure, limit.metadata["unit"], limit.metadata["says"]]


def codes() -> Iterator[list[str]]:
    yield ["Code", "HTTP status", "What it means"]
    for code in Code:
        yield [f"`{code.value}`", str(code.status), code.says]


def metrics() -> Iterator[list[str]]:
    yield ["Metric", "Labels", "What it says"]
    for series in SERIES:
        labels = ", ".join(f"`{label}`" for label in series.labels) or "none"
        yield [f"`{series.name}`", labels, series.says]


def exits() -> Iterator[list[str]]:
    yield ["Exit code", "What it means"]
    for code, says in MEANINGS.items():
        yield [str(int(code)), says]


def fields() -> Iterator[list[str]]:
    yield ["Field", "With a token, it needs", "Without a token"]
    for root in ("Query", "Mutation"):
        kind = graphql_schema._schema.type_map[root]
        if not isinstance(kind, GraphQLObjectType):
            raise TypeError(root)
        for name in kind.fields:
            if not name.startswith("_"):
                need = needs.of_field(root, name)
                said = needed(need)
                yield [f"`{root}.{name}`", said, "nothing" if need.token else "what is public"]


def needed(need: Need) -> str:
    if not need.scopes:
        return "no scope"
    every = (" and ".join(f"`{scope}`" for scope in sorted(some)) for some in need.scopes)
    return " or ".join(sorted(every))


def listed() -> Iterator[list[str]]:
    yield ["Command", "What it is for"]
    known = commands()
    for group in GROUPS:
        for command in known:
            if command.group == group:
                yield [f"`./convoke {command.name}`", command.line]


def musts(letter: str) -> Iterator[list[str]]:
    """Of a part of docs/protocol.md, whose words they are."""
    yield ["Id", "What holds", "Checked"]
    for must in of_part(letter):
        checked = must.how.value if isinstance(must.how, Checked) else f"no. {must.how}"
        yield [must.id, must.says, checked]


def sent_elsewhere() -> Iterator[list[str]]:
    yield ["Mutation", "Whose id decides"]
    for name, argument in DECIDES.items():
        if argument is not None:
            yield [f"`{name}`", f"`{argument}`"]


def scopes_elsewhere() -> Iterator[list[str]]:
    yield ["Scope", "Given to a person of another hub"]
    for scope in SCOPES.values():
        if scope.delegated is not Delegated.NO:
            by_agreement = scope.delegated is Delegated.BY_AGREEMENT
            yield [f"`{scope.name}`", "by agreement" if by_agreement else "where their hub says so"]


def retries() -> Iterator[list[str]]:
    yield ["After try", "Pause in seconds"]
    for number, seconds in enumerate(PAUSES_SECONDS, start=1):
        yield [str(number), f"{seconds:,}"]
    yield [str(len(PAUSES_SECONDS) + 1), "none: it has failed"]


def steps_of(machine: Machine[Any]) -> Iterator[list[str]]:
    """What may become of a thing, who does it, and by which mutation."""
    yield ["From", "What happens", "By whom", "To", "Mutation"]
    for step in machine.steps:
        start = ", ".join(f"`{state.value}`" for state in step.start) or "(new)"
        to = " or ".join(f"`{state.value}`" for state in step.to)
        action = f"{step.action}, with a reason" if step.needs_reason else step.action
        yield [start, action, WHO[step.by], to, f"`{step.mutation}`" if step.mutation else ""]


def picture_of(machine: Machine[Any]) -> str:
    """The same as a diagram, in Mermaid."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in machine.steps:
        for start in [state.value for state in step.start] or ["[*]"]:
            for to in step.to:
                said = arrows.setdefault((start, to.value), [])
                if step.action not in said:
                    said.append(step.action)
    ends = [(state, "[*]") for state in sorted(state.value for state in machine.final)]
    lines = [f"    {start} --> {to}: {', '.join(said)}" for (start, to), said in arrows.items()]
    lines += [f"    {state} --> {end}" for state, end in ends]
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"


WHO = {
    Party.ALLIANCE: "the alliance: its convener or a steward",
    Party.MEMBERS: "the members together",
    Party.ORGANIZATION: "the organization",
    Party.HOST: "the host",
    Party.PARTNER: "the partner",
    Party.GROUP: "the group's admins or its organization",
    Party.PERSON: "the person",
    Party.GIVER: "who hands over",
    Party.TAKER: "to whom it is handed over",
    Party.HUB: "this hub's admins",
    Party.PEER: "the other hub",
    Party.TIME: "time",
}
# Each has a table and a picture in the docs: `<!-- table: states-NAME -->`.
MACHINES: dict[str, Machine[Any]] = {
    "alliance": ALLIANCE,
    "alliance-membership": MEMBERSHIP,
    "proposal": PROPOSAL,
    "event-host": EVENT_HOST,
    "event-publication": PUBLICATION,
    "group-membership": GROUP_MEMBERSHIP,
    "handover": HANDOVER,
    "rsvp": RSVP,
    "peering": PEERING,
}

TABLES: dict[str, Callable[[], Iterable[list[str]]]] = {
    **{f"musts-{letter.lower()}": partial(musts, letter) for letter in PARTS},
    "sent-elsewhere": sent_elsewhere,
    "scopes-elsewhere": scopes_elsewhere,
    "retries": retries,
    **{f"{STATES}{name}": partial(steps_of, machine) for name, machine in MACHINES.items()},
    "metrics": metrics,
    "page-weights": page_weights,
    "settings": settings,
    "limits": limits,
    "codes": codes,
    "exits": exits,
    "fields": fields,
    "commands": listed,
}

# What stands in a page as it stands in the code, and is no table. A peer's limits are not those of
# others, so that it is no query for readers of the page to send.
TEXTS: dict[str, str] = {
    "mirror-document": f"```gql\n{CHANGES}\n```\n",
    "glance-document": f"```gql\n{glancing.document(2)}\n```\n",
}


def drawn(name: str) -> str:
    """The table as Markdown."""
    if name in TEXTS:
        return TEXTS[name]
    heading, *rows = TABLES[name]()
    lines = [heading, ["---"] * len(heading), *rows]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    if name.startswith(STATES):
        return f"{picture_of(MACHINES[name.removeprefix(STATES)])}\n{table}"
    return table


def written(text: str) -> str:
    """The page with each of its tables as the code has it."""
    return MARKED.sub(
        lambda found: f"<!-- table: {found[1]} -->\n{drawn(found[1])}<!-- end of table -->", text
    )


if __name__ == "__main__":
    for page in pages():
        (ROOT / page.path).write_text(written(page.text), "utf-8")
