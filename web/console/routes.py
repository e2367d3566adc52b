"""Every page of the console, in one list."""

from starlette.routing import Route

from schema.run import Operations
from web.account.visits import Account
from web.console import week
from web.console.rooms import Console
from web.console.talking import Line
from web.service import Service
from web.turns import Turns


def routes(service: Service, operations: Operations, turns: Turns) -> list[Route]:
    account = Account(service.settings.base_url, service.settings.hub_name, service.desk)
    console = Console(account, Line(operations, turns, service.asked_by_nobody))
    return [*week.routes(console)]
