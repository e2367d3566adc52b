"""Every page of identity, in one list. Look next at `visits.py`, which they all lean on."""

from starlette.routing import Route

from web.account import account
from web.account.visits import Account
from web.service import Service


def routes(service: Service) -> list[Route]:
    pages = Account(service.settings.base_url, service.settings.hub_name, service.desk)
    return [*account.routes(pages)]
