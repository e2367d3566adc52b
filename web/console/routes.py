"""Every page of the console, in one list."""

from starlette.routing import Route

from schema.run import Operations
from web.account.visits import Account
from web.console import (
    agreements,
    alliance,
    alliances,
    attendees,
    cohosting,
    door,
    duplicates,
    embed,
    event_dates,
    event_history,
    event_hosts,
    event_steps,
    event_writing,
    events,
    group,
    groups,
    history,
    hubs,
    impact,
    imports,
    more,
    own_page,
    proposals,
    sheets,
    week,
)
from web.console.rooms import Console
from web.console.talking import Line
from web.service import Service
from web.turns import Turns


def routes(service: Service, operations: Operations, turns: Turns) -> list[Route]:
    account = Account(service.settings.base_url, service.settings.hub_name, service.desk)
    console = Console(account, Line(operations, turns, service.asked_by_nobody))
    return [
        *week.routes(console),
        *event_writing.routes(console),
        *events.routes(console),
        *event_history.routes(console),
        *event_dates.routes(console),
        *event_steps.routes(console),
        *event_hosts.routes(console),
        *cohosting.routes(console),
        *attendees.routes(console),
        *door.routes(console),
        *sheets.routes(console),
        *alliances.routes(console),
        *alliance.routes(console),
        *agreements.routes(console),
        *proposals.routes(console),
        *groups.routes(console),
        *group.routes(console),
        *more.routes(console),
        *own_page.routes(console),
        *history.routes(console),
        *impact.routes(console),
        *duplicates.routes(console),
        *imports.routes(console, service.outgoing),
        *hubs.routes(console, service.settings.operated_by),
        *embed.routes(console, allow_loopback=service.settings.allow_loopback),
    ]
